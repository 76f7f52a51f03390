/* sim/lua/registers.c -- flatfish.regs: the CPU's registers by name, read and written.
 * regs.rax, regs.rip = n; regs.xmm0, regs.ymm0 as strings of bytes (read only).
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/lua/host.h"
#include "sim/regs.h"

static const char *reg_at(unsigned n)
{
    return n < SIM_REGS ? sim_reg_name((enum sim_reg)n) : NULL;
}

/* "xmm3" -> 16 bytes, "ymm3" 32, "zmm3" 64; 0 = no such register. */
static size_t vector_of(const char *name, struct sim_vec *v)
{
    static const char *const kinds[] = {"xmm", "ymm", "zmm"};
    char *end;

    for (size_t i = 0; i < 3; i++) {
        if (strncmp(name, kinds[i], 3) != 0)
            continue;
        unsigned long n = strtoul(name + 3, &end, 10);
        if (end == name + 3 || *end || n > 31 || sim_vec_get((unsigned)n, v) != 0)
            return 0;
        return 16u << i;
    }
    return 0;
}

static int l_regs_index(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);
    int r = sim_reg_find(name);
    struct sim_vec v;
    size_t n;

    host_need_machine(L);
    if (r >= 0) {
        lua_pushinteger(L, (lua_Integer)sim_reg_get((enum sim_reg)r));
        return 1;
    }
    n = vector_of(name, &v);
    if (n == 0)
        return name_unknown(L, "register", name, reg_at);
    lua_pushlstring(L, (const char *)v.b, n);
    return 1;
}

static int l_regs_newindex(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);
    int r = sim_reg_find(name);

    host_need_machine(L);
    if (r < 0)
        return name_unknown(L, "register", name, reg_at);
    if (r == SIM_REG_rip && host.running)
        return luaL_error(L, "rip cannot be written in a call-back: flatfish.stop() ends the run, "
                             "then write it");
    guard_machine_too();
    if (sim_reg_set((enum sim_reg)r, check_u64(L, 3)) != 0)
        return luaL_error(L, "%s cannot be written: %s", name, sim_error());
    return 0;
}

static int l_flatfish_mode(lua_State *L)
{
    static const char *const names[] = {[SIM_MODE_REAL] = "real",
                                        [SIM_MODE_V86] = "v86",
                                        [SIM_MODE_PROTECTED] = "protected",
                                        [SIM_MODE_COMPAT] = "compat",
                                        [SIM_MODE_LONG] = "long"};

    host_need_machine(L);
    lua_pushstring(L, names[sim_mode()]);
    lua_pushinteger(L, sim_cpl());
    return 2;
}

void open_registers(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, l_regs_index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_regs_newindex);
    lua_setfield(L, -2, "__newindex");
    host_seal(L);
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "regs");
    lua_pushcfunction(L, l_flatfish_mode);
    lua_setfield(L, -2, "mode");
}
