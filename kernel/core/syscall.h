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

/* common.c: what all kinds have; which one it is for is in the number. */
#define FK_CALLS_OF_KIND 32
long common_create(vaddr va);
long common_create_hash(vaddr va, uint64_t hash);
long common_destroy(vaddr va);
long common_move(vaddr from, vaddr to);
long common_reference(vaddr va, vaddr to);
long common_get_state(vaddr va, vaddr out, vaddr links_va);
long common_set_state(vaddr va, vaddr in, vaddr links_va);

long sys_ipc(void); /* all connection calls: the stages are in the number */
long sys_ipc_send(void);
long sys_ipc_call(void);
long sys_client_alert(void);
long sys_server_alert(void);

/* fast.c: */
long fast_call(vaddr ref, vaddr message);         /* client_connect_send_over_receive */
long fast_ask(vaddr ref, vaddr message);          /* ipc_call */
long fast_reply(vaddr portset_va, vaddr message); /* server_ack_send_wait_receive */
#endif
