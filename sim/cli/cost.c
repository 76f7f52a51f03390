/* sim/cli/cost.c -- reads a cost model, see cost.h. The file is Lua, run without any library and
 * for a limited time: it can compute its numbers and do nothing else. All of its table is checked
 * here: an unknown name is an error, since a price that is misspelt would cost nothing.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/cost.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "trace/reader.h"

enum { STEPS_MAX = 1000000 };

struct reading {
    lua_State *lua;
    const char *path;
    struct cost_model *model;
};

static void too_long(lua_State *lua, lua_Debug *where)
{
    (void)where;
    luaL_error(lua, "it does not come to an end");
}

/* Always true, so that a check can end with it. */
static bool bad(const struct reading *r, const char *format, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    cli_failure("--cost: %s: %s", r->path, text);
    return true;
}

/* Puts table[key] on the stack, on the model's own table (1); `table` NULL: a field of that. */
static bool field(struct reading *r, const char *table, const char *key)
{
    lua_settop(r->lua, 1);
    if (table && lua_getfield(r->lua, 1, table) != LUA_TTABLE)
        return !bad(r, "there is no table '%s': see lua-scripts/cost/README.md", table);
    lua_getfield(r->lua, -1, key);
    return true;
}

static bool has_source(struct reading *r, const char *name)
{
    lua_settop(r->lua, 1);
    return lua_getfield(r->lua, 1, "source") == LUA_TTABLE &&
           lua_getfield(r->lua, 2, name) == LUA_TSTRING &&
           strncmp(lua_tostring(r->lua, -1), "estimate", 8) != 0;
}

static bool price(struct reading *r, const char *table, const char *key, const char *name,
                  double *to)
{
    char *estimates = r->model->estimates;
    size_t used = strlen(estimates), max = sizeof r->model->estimates;

    if (!field(r, table, key))
        return false;
    *to = lua_type(r->lua, -1) == LUA_TNUMBER ? lua_tonumber(r->lua, -1) : -1;
    if (!isfinite(*to) || *to < 0)
        return !bad(r, "'%s' must be a number, 0 or more", name);
    if (!has_source(r, name))
        snprintf(estimates + used, max - used, "%s%s", used ? ", " : "", name);
    return true;
}

/* Only names of events, and nothing but prices. */
static bool events(struct reading *r)
{
    for (unsigned kind = 1; kind < TRACE_KINDS; kind++) {
        const char *name = trace_kind_name(kind);
        if (!name || !field(r, "event", name))
            return !name;
        if (!lua_isnil(r->lua, -1) && !price(r, "event", name, name, &r->model->event[kind]))
            return false;
    }
    lua_settop(r->lua, 1);
    lua_getfield(r->lua, 1, "event");
    for (lua_pushnil(r->lua); lua_next(r->lua, 2); lua_pop(r->lua, 1)) {
        const char *name = lua_type(r->lua, -2) == LUA_TSTRING ? lua_tostring(r->lua, -2) : "?";
        if (!trace_kind_find(name, strlen(name)))
            return !bad(r, "there is no event '%.40s': see abi/trace/events.def", name);
    }
    return true;
}

static bool all(struct reading *r)
{
    struct cost_model *m = r->model;
    double refill, after_cr3;

    if (!field(r, NULL, "title"))
        return false;
    if (lua_type(r->lua, -1) != LUA_TSTRING)
        return !bad(r, "there is no 'title': one line about the machine");
    snprintf(m->title, sizeof m->title, "%s", lua_tostring(r->lua, -1));
    if (!price(r, NULL, "instruction", "instruction", &m->instruction) || !events(r) ||
        !price(r, "tlb", "refill", "tlb.refill", &refill) ||
        !price(r, "tlb", "after_cr3", "tlb.after_cr3", &after_cr3))
        return false;
    m->event[TRACE_CR3] += refill * after_cr3;
    return true;
}

static int load(lua_State *lua, const char *path, struct cost_model *model)
{
    struct reading r = {.lua = lua, .path = path, .model = model};

    lua_sethook(lua, too_long, LUA_MASKCOUNT, STEPS_MAX);
    if (luaL_loadfilex(lua, path, "t") != LUA_OK || lua_pcall(lua, 0, 1, 0) != LUA_OK)
        return cli_failure("--cost: %s", lua_tostring(lua, -1));
    if (!lua_istable(lua, 1))
        return cli_failure("--cost: %s: it must return a table: see lua-scripts/cost/README.md",
                           path);
    return all(&r) ? 0 : EXIT_FAILURE;
}

static bool is_file(const char *name)
{
    size_t n = strlen(name);

    return strchr(name, '/') || (n > 4 && strcmp(name + n - 4, ".lua") == 0);
}

int cost_load(const char *name, struct cost_model *model)
{
    char path[PATH_MAX];
    lua_State *lua;

    *model = (struct cost_model){0};
    snprintf(model->name, sizeof model->name, "%s", name);
    if (is_file(name))
        snprintf(path, sizeof path, "%s", name);
    else if (paths_cost(name, path, sizeof path) != 0)
        return cli_usage("--cost: no cost model '%.40s'; there are: equal, ppro-1996, x86-2020s, "
                         "or name a file",
                         name);
    if (access(path, R_OK) != 0)
        return cli_usage("--cost: cannot read %s", path);
    lua = luaL_newstate();
    if (!lua)
        return cli_failure("out of memory");
    int code = load(lua, path, model);
    lua_close(lua);
    return code;
}

double cost_cycles(const struct cost_model *model, uint64_t instructions,
                   const uint64_t events[TRACE_KINDS])
{
    double sum = model->instruction * (double)instructions;

    for (unsigned kind = 1; kind < TRACE_KINDS; kind++)
        sum += model->event[kind] * (double)events[kind];
    return sum;
}

/* ---- for the viewer ---- */

static char *word_of(const struct cost_model *m)
{
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);

    if (!to)
        return NULL;
    fputs("price=", to);
    for (const char *c = m->name; *c; c++)
        fputc(*c == ':' ? '-' : *c, to);
    fprintf(to, ":%.9g", m->instruction);
    for (unsigned kind = 1; kind < TRACE_KINDS; kind++)
        if (m->event[kind] > 0)
            fprintf(to, ":%u=%.9g", kind, m->event[kind]);
    fclose(to);
    return text;
}

static int word_add(const char *name, char **word)
{
    struct cost_model model;
    int code = cost_load(name, &model);

    if (code != 0)
        return code;
    *word = word_of(&model);
    return *word ? 0 : cli_failure("out of memory");
}

/* Of our own those that are there: without them there are fewer ways to count, no more. */
int cost_words(const char *given, char *words[COST_WORDS], int *code)
{
    static const char *const ours[] = {"x86-2020s", "ppro-1996"};
    char path[PATH_MAX];
    int n = 0;

    *code = given ? word_add(given, &words[n++]) : 0;
    for (size_t i = 0; !given && i < sizeof ours / sizeof *ours; i++) {
        if (paths_cost(ours[i], path, sizeof path) != 0)
            continue;
        if ((*code = word_add(ours[i], &words[n])) != 0)
            return -1;
        n++;
    }
    return *code == 0 ? n : -1;
}
