/* abi/fk/syscall.h -- the numbers of the kernel calls and of their answers, from the two lists.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_FK_SYSCALL_H
#define ABI_FK_SYSCALL_H

#define FK_IPC_BASE   0x200
#define FK_CALL_LIMIT 0x400

enum fk_call {
#define FK_CALL(number, name, args, class, params, contract) FK_CALL_##name = (number),
#define FK_IPC_CALL(mask, name, class, contract)             FK_CALL_##name = FK_IPC_BASE + (mask),
#include "abi/fk/syscalls.def"
};

enum fk_error {
#define FK_ERROR(number, name, text) FK_##name = (number),
#include "abi/fk/errors.def"
};

enum fk_insanity {
#define FK_INSANITY(number, name, text) FK_INSANE_##name = (number),
#include "abi/fk/errors.def"
};

#endif
