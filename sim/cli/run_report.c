/* sim/cli/run_report.c -- what is said when a run is over, and the exit code.
 * One line says why it ended; when that is not what was asked for, the line says how to go on.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/event.h"
#include "sim/fault.h"
#include "sim/object.h"
#include "sim/regs.h"
#include "sim/sym.h"

/* The words of docs/stats.md, "stop.reason". */
const char *run_end_name(const struct run_state *state)
{
    switch (state->end) {
    case RUN_BY_MACHINE:
        return sim_stop_name(state->stop);
    case RUN_BY_MAX_INSTR:
        return "max-instr";
    case RUN_BY_TIMEOUT:
        return "timeout";
    case RUN_BY_STOP_AT:
        return "stop-at";
    case RUN_BY_SIGNAL:
        return "signal";
    case RUN_BY_ESCAPE:
        return "escape";
    case RUN_BY_SCRIPT:
        return "script";
    case RUN_BY_GDB:
        return "debugger";
    case RUN_BY_OUTPUT:
        return "output-closed";
    default:
        return "failure";
    }
}

static int machine_exit_code(const struct run_state *state)
{
    if (state->stop == SIM_STOP_EXIT)
        return state->settings->stop_at ? EXIT_FAILURE : sim_exit_code() & 255;
    return state->stop == SIM_STOP_STALL ? EXIT_LIMIT : EXIT_FAILURE;
}

int run_exit_code(const struct run_state *state)
{
    switch (state->end) {
    case RUN_BY_MACHINE:
        return machine_exit_code(state);
    case RUN_BY_MAX_INSTR:
    case RUN_BY_TIMEOUT:
        return EXIT_LIMIT;
    case RUN_BY_STOP_AT:
    case RUN_BY_GDB:
        return EXIT_SUCCESS;
    case RUN_BY_SIGNAL:
        return 128 + state->signal;
    case RUN_BY_ESCAPE:
        return 128 + SIGINT;
    case RUN_BY_SCRIPT:
        return state->script_code;
    default:
        return state->mistake ? state->mistake : EXIT_FAILURE;
    }
}

/* What runs there; NULL = anything. */
static const char *image_here(const struct run_settings *s)
{
    unsigned domain = sim_domain_now();

    if (!sim_debug_block() || !run_accounts(s))
        return NULL;
    return domain & 1 ? sim_space_image(domain / 2) : "kernel";
}

static void place(const struct run_settings *s, char *out, size_t max)
{
    gva rip = sim_reg_get(SIM_REG_rip);
    const char *image = image_here(s);
    char name[128], line[128];
    bool named = sim_sym_name(image, rip, name, sizeof name) == 0;
    bool lined = sim_sym_line(image, rip, line, sizeof line) == 0;

    snprintf(out, max, "0x%" PRIx64 "%s%s%s%s%s%s", (uint64_t)rip, named ? " <" : "",
             named ? name : "", named ? ">" : "", lined ? " (" : "", lined ? line : "",
             lined ? ")" : "");
}

/* ": page fault (error 0x2, address 0x10), then ...": what a triple fault is made of. */
static void chain(char *out, size_t max)
{
    struct sim_fault f[SIM_FAULTS];
    size_t n = sim_faults(f), at = 0;

    out[0] = 0;
    for (size_t i = 0; i < n && at < max; i++) {
        const char *name = sim_fault_name(f[i].vector);
        at += (size_t)snprintf(out + at, max - at, "%s%s", i ? ", then " : ": ",
                               name ? name : "exception");
        if (at < max && f[i].vector == 14)
            at += (size_t)snprintf(out + at, max - at, " (error 0x%x, address 0x%" PRIx64 ")",
                                   f[i].error, f[i].addr);
        else if (at < max && f[i].error)
            at += (size_t)snprintf(out + at, max - at, " (error 0x%x)", f[i].error);
    }
}

static const char *advice(const struct run_state *state)
{
    switch (state->stop) {
    case SIM_STOP_TRIPLE:
        return "; mend the way to the first one's handler (IDT, TSS stack, page tables); the "
               "events "
               "before it: --trace DIR --trace-last 100";
    case SIM_STOP_HALTED:
        if (state->settings->screen || state->settings->screenshot)
            return "";
        return state->settings->pc
                   ? "; --screen prints what its screen says"
                   : "; a guest ends a run by the exit call (abi/simcall/simcall.h)";
    case SIM_STOP_STALL:
        return "; --stall sets how many instructions may pass without a sign of life";
    case SIM_STOP_RESET:
        return "; Flatfish does not start a machine again by itself";
    case SIM_STOP_PANIC:
        return "; --log FILE says more";
    default:
        return "";
    }
}

static void machine_text(const struct run_state *state, char *out, size_t max)
{
    static const char *const what[] = {
        [SIM_STOP_HALTED] = "the guest halted for ever, interrupts off",
        [SIM_STOP_TRIPLE] = "the guest died of a triple fault",
        [SIM_STOP_RESET] = "the guest reset the machine",
        [SIM_STOP_PANIC] = "the simulated CPU cannot go on",
        [SIM_STOP_STALL] = "the guest makes no progress",
    };
    const char *text = sim_stop_text();
    char at[320], faults[400] = "";

    place(state->settings, at, sizeof at);
    if (state->stop == SIM_STOP_TRIPLE)
        chain(faults, sizeof faults);
    if (state->stop == SIM_STOP_EXIT)
        snprintf(out, max, "exit code %d after %" PRIu64 " instructions", sim_exit_code(),
                 sim_icount());
    else if (state->stop == SIM_STOP_PANIC && text && *text)
        snprintf(out, max, "%s at %s: %.300s%s", what[state->stop], at, text, advice(state));
    else if ((size_t)state->stop < sizeof what / sizeof *what && what[state->stop])
        snprintf(out, max, "%s at %s after %" PRIu64 " instructions%s%s", what[state->stop], at,
                 sim_icount(), faults, advice(state));
    else
        snprintf(out, max, "stopped (%s) at %s", sim_stop_name(state->stop), at);
}

static void machine_line(const struct run_state *state)
{
    const char *place = state->settings->stop_at;
    char text[900];

    machine_text(state, text, sizeof text);
    if (place)
        cli_say("--stop-at %.100s: never reached: %s", place, text);
    else
        cli_say("%s", text);
}

static void limit_line(const struct run_state *state)
{
    char at[320];

    place(state->settings, at, sizeof at);
    if (state->end == RUN_BY_MAX_INSTR)
        cli_say("--max-instr: %" PRIu64 " instructions are over at %s", sim_icount(), at);
    else
        cli_say("--timeout: %g s are over at %s after %" PRIu64 " instructions",
                (double)state->settings->timeout.n / 1000, at, sim_icount());
}

static void end_line(const struct run_state *state)
{
    bool expected = state->settings->gdb_ready; /* `flatfish gdb` ends it with GDB */

    switch (state->end) {
    case RUN_BY_MACHINE:
        machine_line(state);
        break;
    case RUN_BY_MAX_INSTR:
    case RUN_BY_TIMEOUT:
        limit_line(state);
        break;
    case RUN_BY_SIGNAL:
        if (expected)
            break;
        cli_say("ended by %s after %" PRIu64 " instructions", strsignal(state->signal),
                sim_icount());
        break;
    case RUN_BY_ESCAPE:
        cli_say("ended from the keyboard after %" PRIu64 " instructions", sim_icount());
        break;
    case RUN_BY_SCRIPT:
        cli_say("ended by its script after %" PRIu64 " instructions", sim_icount());
        break;
    case RUN_BY_GDB:
        if (expected)
            break;
        cli_say("ended by the debugger after %" PRIu64 " instructions", sim_icount());
        break;
    case RUN_BY_OUTPUT:
        cli_say("standard output cannot be written any more: run ended");
        break;
    default:
        break;
    }
}

/* A clean exit, or the place that was asked for, is not worth a line when --quiet. */
static bool as_wished(const struct run_state *state)
{
    return state->end == RUN_BY_STOP_AT || state->end == RUN_BY_SCRIPT ||
           state->end == RUN_BY_GDB ||
           (state->end == RUN_BY_MACHINE && state->stop == SIM_STOP_EXIT &&
            !state->settings->stop_at);
}

static void registers(const struct run_settings *s, FILE *to)
{
    static const char *const modes[] = {
        [SIM_MODE_REAL] = "real mode",           [SIM_MODE_V86] = "virtual 8086 mode",
        [SIM_MODE_PROTECTED] = "protected mode", [SIM_MODE_COMPAT] = "compatibility mode",
        [SIM_MODE_LONG] = "long mode",
    };
    char at[320];
    unsigned column = 0;

    place(s, at, sizeof at);
    fprintf(to, "at %s, instruction %" PRIu64 ", %s, privilege %u\n", at, sim_icount(),
            modes[sim_mode()], sim_cpl());
    for (int r = SIM_REG_rax; r <= SIM_REG_efer; r++) {
        int digits = (int)sim_reg_bits((enum sim_reg)r) / 4;
        fprintf(to, "  %-9s %0*" PRIx64 "%*s", sim_reg_name((enum sim_reg)r), digits,
                sim_reg_get((enum sim_reg)r), 16 - digits, "");
        if (++column % 3 == 0)
            fputc('\n', to);
    }
    if (column % 3)
        fputc('\n', to);
}

void run_report(const struct run_state *state)
{
    if (!state->settings->quiet || !as_wished(state))
        end_line(state);
    if (state->end == RUN_BY_STOP_AT)
        registers(state->settings, stderr);
}
