/* kernel/core/fast.h -- handlers for the calls of a short RPC; see fast.c.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_FAST_H
#define KERNEL_CORE_FAST_H

#include "kernel/arch/x86_64/arch.h"

long fast_call(vaddr ref, vaddr message);         /* client_connect_send_over_receive */
long fast_ask(vaddr ref, vaddr message);          /* ipc_call */
long fast_reply(vaddr portset_va, vaddr message); /* server_ack_send_wait_receive */
#endif
