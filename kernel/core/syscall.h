/* kernel/core/syscall.h -- a prototype for every handler, made from the list of calls. Handlers
 * take the arguments as the user passed them; see object.h for what they answer.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_SYSCALL_H
#define KERNEL_CORE_SYSCALL_H

#include "kernel/arch/x86_64/arch.h"

#define SYS_ARGS_0                                           void
#define SYS_ARGS_1                                           uint64_t
#define SYS_ARGS_2                                           uint64_t, uint64_t
#define SYS_ARGS_3                                           uint64_t, uint64_t, uint64_t
#define SYS_ARGS_4                                           uint64_t, uint64_t, uint64_t, uint64_t
#define FK_CALL(number, name, args, class, params, contract) long sys_##name(SYS_ARGS_##args);
#include "abi/fk/syscalls.def"

long sys_ipc(void); /* all connection calls: the stages are in the number */
long sys_ipc_send(void);
long sys_ipc_call(void);
long sys_client_alert(void);
long sys_server_alert(void);
const char *call_name(uint64_t number);
#endif
