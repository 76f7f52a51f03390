/* sim/core/regs.c -- names of registers; the values come from the engine.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/regs.h"

static const struct {
    const char *name;
    unsigned bits;
} table[SIM_REGS] = {
#define SIM_REG(name, bits) {#name, bits},
#include "sim/regs.def"
#undef SIM_REG
};

const char *sim_reg_name(enum sim_reg r)
{
    return (unsigned)r < SIM_REGS ? table[r].name : "?";
}

int sim_reg_find(const char *name)
{
    for (int r = 0; r < SIM_REGS; r++)
        if (strcmp(table[r].name, name) == 0)
            return r;
    return -1;
}

unsigned sim_reg_bits(enum sim_reg r)
{
    return (unsigned)r < SIM_REGS ? table[r].bits : 0;
}

uint64_t sim_reg_get(enum sim_reg r)
{
    return (unsigned)r < SIM_REGS ? bxs_reg_get(r) : 0;
}

int sim_reg_set(enum sim_reg r, uint64_t value)
{
    if ((unsigned)r >= SIM_REGS)
        return sim_fail("no such register: %d", (int)r);
    machine_changed();
    return bxs_reg_set(r, value);
}

int sim_st_get(unsigned n, uint8_t out[10])
{
    return bxs_st_get(n, out);
}

int sim_st_set(unsigned n, const uint8_t in[10])
{
    machine_changed();
    return bxs_st_set(n, in);
}

int sim_vec_get(unsigned n, struct sim_vec *out)
{
    return bxs_vec_get(n, out->b);
}

int sim_vec_set(unsigned n, const struct sim_vec *in)
{
    machine_changed();
    return bxs_vec_set(n, in->b);
}

enum sim_mode sim_mode(void)
{
    return bxs_mode();
}

unsigned sim_cpl(void)
{
    return bxs_cpl();
}

bool sim_in_guest(void)
{
    return bxs_in_guest();
}
