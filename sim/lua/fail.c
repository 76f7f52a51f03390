/* sim/lua/fail.c -- how a script fails, and what is said then: the first mistake, the script's line
 * and what the machine was doing.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/regs.h"
#include "sim/sym.h"

void host_where(char *out, size_t max)
{
    char space[64], symbol[128];
    unsigned domain = sim_domain_now();

    if (!host.machine) {
        snprintf(out, max, "there is no machine yet");
        return;
    }
    name_domain(domain, space, sizeof space);
    sim_sym_name(domain & 1 ? space_image(domain / 2) : NULL, sim_reg_get(SIM_REG_rip), symbol,
                 sizeof symbol);
    snprintf(out, max, "instruction %" PRIu64 ", in %s%s at %s", sim_icount(), space,
             domain & 1 ? " (user mode)" : "", symbol);
}

void host_fail(const char *text)
{
    char where[256];

    if (host.failed)
        return;
    host.failed = true;
    host_where(where, sizeof where);
    snprintf(host.message, sizeof host.message, "%.3600s", text);
    if (!strstr(text, "\n  machine: ")) /* of an experiment's run it is said there */
        snprintf(host.message, sizeof host.message, "%.3600s\n  machine: %s", text, where);
}

int host_error(lua_State *L)
{
    const char *text = luaL_tolstring(L, 1, NULL);

    luaL_traceback(L, L, text, 1);
    return 1;
}

bool script_failed(void)
{
    return host.failed;
}

const char *script_message(void)
{
    return host.message;
}

bool script_stopped(int *code)
{
    if (host.stopped && host.stop_code >= 0)
        *code = host.stop_code;
    return host.stopped;
}
