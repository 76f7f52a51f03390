/* kernel/core/fast.h -- handlers for the two calls of a short RPC; see fast.c.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_FAST_H
#define KERNEL_CORE_FAST_H

long fast_call(void);  /* client_connect_send_over_receive */
long fast_reply(void); /* server_ack_send_wait_receive */
#endif
