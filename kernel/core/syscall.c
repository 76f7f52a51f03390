/* kernel/core/syscall.c -- the dispatch table, made from the list of calls: entry.S indexes it with
 * the number in rax. A name without a handler does not link; a number used twice does not compile.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/object.h"

ABI_ASSERT(FK_CALL_LIMIT == 0x400, "entry.S compares with this");

typedef long call_fn(void);
extern call_fn *const call_table[FK_CALL_LIMIT];

/* What every kind has. The state of a thread is more than that of the others (state.c). */
#define COMMON(number, own)                                                                        \
    ((number) / FK_CALLS_OF_KIND >= FK_DEBUG_KINDS ? (call_fn *)(own)                              \
     : (number) == FK_CALL_thread_get_state        ? (call_fn *)(own)                              \
     : (number) == FK_CALL_thread_set_state        ? (call_fn *)(own)                              \
     : (number) % FK_CALLS_OF_KIND == 0            ? (call_fn *)common_create                      \
     : (number) % FK_CALLS_OF_KIND == 1            ? (call_fn *)common_create_hash                 \
     : (number) % FK_CALLS_OF_KIND == 2            ? (call_fn *)common_destroy                     \
     : (number) % FK_CALLS_OF_KIND == 3            ? (call_fn *)common_move                        \
     : (number) % FK_CALLS_OF_KIND == 4            ? (call_fn *)common_reference                   \
     : (number) % FK_CALLS_OF_KIND == 5            ? (call_fn *)common_get_state                   \
     : (number) % FK_CALLS_OF_KIND == 6            ? (call_fn *)common_set_state                   \
                                                   : (call_fn *)(own))
#define HANDLER(mask, name)                                                                        \
    ((mask) == 0x04e   ? (call_fn *)fast_call                                                      \
     : (mask) == 0x0e5 ? (call_fn *)fast_reply                                                     \
     : (mask) == 0x100 ? sys_ipc_send                                                              \
     : (mask) == 0x140 ? (call_fn *)fast_ask                                                       \
     : (mask) == 0x120 ? sys_client_alert                                                          \
     : (mask) == 0x1a0 ? sys_server_alert                                                          \
                       : sys_ipc)

/* The pre-filled range default is overridden on purpose, once per number: hence two pragmas, and
 * the check for numbers used twice is the switch in check_numbers. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Wcast-function-type"
call_fn *const call_table[FK_CALL_LIMIT] = {
    [0 ... FK_CALL_LIMIT - 1] = sys_no_call,
#define FK_CALL(number, name, args, class, params, contract) [number] = COMMON(number, sys_##name),
#define FK_IPC_CALL(mask, name, class, contract)             [FK_IPC_BASE + (mask)] = HANDLER(mask, name),
#include "abi/fk/syscalls.def"
};
#pragma GCC diagnostic pop

/* A number that is used twice does not compile. */
__attribute__((unused)) static void check_numbers(uint64_t number)
{
    switch (number) {
#define FK_CALL(number, name, args, class, params, contract) case number:
#define FK_IPC_CALL(mask, name, class, contract)             case FK_IPC_BASE + (mask):
#include "abi/fk/syscalls.def"
        break;
    }
}

long sys_no_call(void)
{
    return K_INSANE(NO_CALL);
}
