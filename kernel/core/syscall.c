/* kernel/core/syscall.c -- the dispatch table, made from the list of calls: entry.S indexes it with
 * the number in rax. A name without a handler does not link; a number used twice does not compile.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/syscall.h"
#include "kernel/core/fast.h"
#include "kernel/core/object.h"

ABI_ASSERT(FK_CALL_LIMIT == 0x400, "entry.S compares with this");

typedef long call_fn(void);
extern call_fn *const call_table[FK_CALL_LIMIT];

#define HANDLER(mask, name)                                                                        \
    ((mask) == 0x04e   ? (call_fn *)fast_call                                                      \
     : (mask) == 0x0e5 ? (call_fn *)fast_reply                                                     \
     : (mask) == 0x100 ? sys_ipc_send                                                              \
     : (mask) == 0x140 ? (call_fn *)fast_ask                                                       \
     : (mask) == 0x120 ? sys_client_alert                                                          \
     : (mask) == 0x1a0 ? sys_server_alert                                                          \
                       : sys_ipc)

/* The pre-filled range default is overridden on purpose, once per number: hence two pragmas, and
 * the check for numbers used twice is the enum-driven switch in call_name, which refuses
 * duplicates. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Wcast-function-type"
call_fn *const call_table[FK_CALL_LIMIT] = {
    [0 ... FK_CALL_LIMIT - 1] = sys_no_call,
#define FK_CALL(number, name, args, class, params, contract) [number] = (call_fn *)sys_##name,
#define FK_IPC_CALL(mask, name, class, contract)             [FK_IPC_BASE + (mask)] = HANDLER(mask, name),
#include "abi/fk/syscalls.def"
};
#pragma GCC diagnostic pop

const char *call_name(uint64_t number)
{
    switch (number) {
#define FK_CALL(number, name, args, class, params, contract)                                       \
    case number:                                                                                   \
        return #name;
#define FK_IPC_CALL(mask, name, class, contract)                                                   \
    case FK_IPC_BASE + (mask):                                                                     \
        return #name;
#include "abi/fk/syscalls.def"
    }
    return "?";
}

long sys_no_call(void)
{
    return K_INSANE(NO_CALL);
}
