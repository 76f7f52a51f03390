/* sim/regs.h -- the CPU's registers, read and written while the machine stands or in a callback.
 * A write takes effect before the next instruction. Bad numbers give -1, never a crash.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_REGS_H
#define SIM_REGS_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_reg {
#define SIM_REG(name, bits) SIM_REG_##name,
#include "sim/regs.def"
#undef SIM_REG
    SIM_REGS
};

struct sim_vec { /* 64 bytes: x87 in 10, xmm in 16, ymm in 32, zmm in 64 */
    uint8_t b[64];
};

const char *sim_reg_name(enum sim_reg r); /* "rax" */
int sim_reg_find(const char *name);       /* -1 = none */
unsigned sim_reg_bits(enum sim_reg r);
uint64_t sim_reg_get(enum sim_reg r); /* up to 64 bits */
int sim_reg_set(enum sim_reg r, uint64_t value);
/* Wide registers. `n` = 0..7 for st, 0..15 (31 with AVX-512) for vec. */
int sim_st_get(unsigned n, uint8_t out[10]);
int sim_st_set(unsigned n, const uint8_t in[10]);
int sim_vec_get(unsigned n, struct sim_vec *out);
int sim_vec_set(unsigned n, const struct sim_vec *in);

enum sim_mode { SIM_MODE_REAL, SIM_MODE_V86, SIM_MODE_PROTECTED, SIM_MODE_COMPAT, SIM_MODE_LONG };
enum sim_mode sim_mode(void);
unsigned sim_cpl(void);
bool sim_in_guest(void); /* inside a VMX or SVM guest */

#ifdef __cplusplus
}
#endif
#endif
