/* sim/lua/count.c -- flatfish.count{by=, where=, event=, sum=} and histogram{of=, ...}: events
 * counted in C, a batch at a time (cells.h). With sum = "stay" each cell also gets the instructions
 * from its crossings to the next one. A histogram keeps, besides, how values are spread over powers
 * of 2: of stays, of gaps between two events of a cell, or of a field. SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/cells.h"

#define COUNT "flatfish.count"

enum value { NOTHING, STAY, GAP, OF_FIELD };

struct count {
    struct count *next;
    struct cells cells;
    enum value value;
    enum field field;
    bool bins, attached;
    uint64_t crossings, since;
    struct cell *open; /* whose stay goes on */
};

static struct count *counts;

/* ---- counting: called from inside the machine, no Lua here ---- */

static void value_add(struct count *c, struct cell *cell, uint64_t v)
{
    cell->sum += v;
    if (!c->bins)
        return;
    if (!cell->bin && !(cell->bin = calloc(BINS, sizeof *cell->bin))) {
        c->cells.full = true;
        return;
    }
    if (!cell->most && !cell->least)
        cell->least = UINT64_MAX;
    cell->least = v < cell->least ? v : cell->least;
    cell->most = v > cell->most ? v : cell->most;
    cell->bin[v ? 64 - __builtin_clzll(v) : 0]++;
}

static void stay(struct count *c, struct cell *cell, const struct trace_record *r)
{
    if (!(c->crossings >> r->kind & 1))
        return;
    if (c->open)
        value_add(c, c->open, r->icount - c->since);
    c->open = cell;
    c->since = r->icount;
}

static void value(struct count *c, struct cell *cell, const struct trace_record *r)
{
    if (c->value == STAY) {
        stay(c, cell, r);
    } else if (cell && c->value == GAP) {
        if (cell->n > 1)
            value_add(c, cell, r->icount - cell->last);
        cell->last = r->icount;
    } else if (cell) {
        value_add(c, cell, field_get(c->field, r));
    }
}

static void take(void *ctx, const struct trace_record *r, size_t n)
{
    struct count *c = ctx;

    guard_choosing = true;
    for (const struct trace_record *end = r + n; r < end; r++) {
        if (__builtin_expect(r->kind == TRACE_SPACE, 0))
            cells_forget(&c->cells);
        struct cell *cell = cells_find(&c->cells, r);
        if (cell)
            cell->n++;
        if (c->value)
            value(c, cell, r);
    }
    guard_choosing = false;
}

/* ---- the Lua object ---- */

static struct count *count_check(lua_State *L)
{
    struct count **box = luaL_checkudata(L, 1, COUNT);

    if (!*box)
        luaL_error(L, "this count is over: stop() was called");
    sim_event_flush();
    return *box;
}

static void set(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

static void push_bins(lua_State *L, const struct cell *cell)
{
    set(L, "least", cell->bin ? cell->least : 0);
    set(L, "most", cell->most);
    lua_newtable(L);
    for (int b = 0, at = 1; cell->bin && b < BINS; b++) {
        if (!cell->bin[b])
            continue;
        lua_createtable(L, 0, 3);
        set(L, "from", b ? 1ull << (b - 1) : 0);
        set(L, "to", b == 0 ? 0 : b == 64 ? INT64_MAX : (1ull << b) - 1);
        set(L, "n", cell->bin[b]);
        lua_rawseti(L, -2, at++);
    }
    lua_setfield(L, -2, "bins");
}

static void push_cell(lua_State *L, const struct count *c, const struct cell *cell)
{
    lua_createtable(L, 0, (int)c->cells.by_n + 5);
    for (unsigned i = 0; i < c->cells.by_n; i++) {
        field_push(L, c->cells.by[i], cell->key[i]);
        lua_setfield(L, -2, field_names[c->cells.by[i]]);
    }
    set(L, "n", cell->n);
    if (c->value)
        set(L, c->value == STAY ? "instructions" : "sum", cell->sum);
    if (c->bins)
        push_bins(L, cell);
}

static int by_key_alone(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    for (int i = 0; i < BY; i++)
        if (x->key[i] != y->key[i])
            return x->key[i] < y->key[i] ? -1 : 1;
    return 0;
}

static int by_count(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    return x->n != y->n ? (x->n > y->n ? -1 : 1) : by_key_alone(a, b);
}

/* A copy to be shown. Kernel mode is one domain since the guest has said what its spaces are. */
static struct cell shown(const struct count *c, const struct cell *cell)
{
    struct cell copy = *cell;

    for (unsigned i = 0; i < c->cells.by_n; i++)
        if (field_types[c->cells.by[i]] == TYPE_DOMAIN && !(copy.key[i] & 1) && kernel_known())
            copy.key[i] = 0;
    if (cell == c->open && !c->bins)
        copy.sum += sim_icount() - c->since;
    return copy;
}

/* Adds one to the other; the sum of two sets of bins is a new one, kept on Lua's stack. */
static void merge(lua_State *L, struct cell *to, const struct cell *from)
{
    uint64_t *bin;

    to->n += from->n;
    to->sum += from->sum;
    to->most = from->most > to->most ? from->most : to->most;
    if (!from->bin)
        return;
    to->least = to->bin && to->least < from->least ? to->least : from->least;
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    bin = lua_newuserdatauv(L, BINS * sizeof *bin, 0);
    for (int b = 0; b < BINS; b++)
        bin[b] = from->bin[b] + (to->bin ? to->bin[b] : 0);
    to->bin = bin;
}

/* Copies of all cells, those that look the same made one, the largest first. */
static size_t cells_shown(lua_State *L, const struct count *c, struct cell *list)
{
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < c->cells.buckets; i++)
        for (struct cell *cell = c->cells.bucket[i]; cell; cell = cell->next)
            list[n++] = shown(c, cell);
    qsort(list, n, sizeof *list, by_key_alone);
    for (size_t i = 0; i < n; i++)
        if (kept && by_key_alone(&list[kept - 1], &list[i]) == 0)
            merge(L, &list[kept - 1], &list[i]);
        else
            list[kept++] = list[i];
    qsort(list, kept, sizeof *list, by_count);
    return kept;
}

/* rows(): a list of {FIELD = ..., n = ...}, the largest n first; the same in every run. */
static int l_count_rows(lua_State *L)
{
    struct count *c = count_check(L);
    struct cell *list = lua_newuserdatauv(L, (c->cells.cells + 1) * sizeof *list, 0);
    size_t n = cells_shown(L, c, list);

    luaL_checkstack(L, LUA_MINSTACK, NULL);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        push_cell(L, c, &list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    if (!c->cells.full)
        return 1;
    lua_pushliteral(L, "too many different rows: the rest is not counted");
    return 2;
}

static int l_count_total(lua_State *L)
{
    struct count *c = count_check(L);
    uint64_t n = 0;

    for (size_t i = 0; i < c->cells.buckets; i++)
        for (struct cell *cell = c->cells.bucket[i]; cell; cell = cell->next)
            n += cell->n;
    lua_pushinteger(L, (lua_Integer)n);
    return 1;
}

static int l_count_clear(lua_State *L)
{
    struct count *c = count_check(L);

    cells_clear(&c->cells);
    c->open = NULL;
    return 0;
}

static void end(struct count *c)
{
    struct count **at = &counts;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    if (c->attached)
        sim_sink_remove(c);
    cells_close(&c->cells);
    free(c);
}

static int l_count_stop(lua_State *L)
{
    struct count **box = luaL_checkudata(L, 1, COUNT);

    if (*box)
        end(*box);
    *box = NULL;
    return 0;
}

/* ---- making one ---- */

static void read_by(lua_State *L, struct cells *c)
{
    if (lua_getfield(L, 1, "by") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1))
        luaL_error(L, "by: a list of fields, as in by = {\"level\"}, not a %s",
                   luaL_typename(L, -1));
    for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
        if (c->by_n == BY)
            luaL_error(L, "by: at most %d fields", BY);
        enum field f = (enum field)field_check(L, lua_gettop(L));
        c->by[c->by_n++] = f;
        cells_uses(c, f);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

static void read_value(lua_State *L, struct count *c, const char *option)
{
    const char *of;

    lua_getfield(L, 1, option);
    of = luaL_optstring(L, -1, NULL);
    if (!of && !c->bins)
        c->value = NOTHING;
    else if (!of || strcmp(of, "stay") == 0)
        c->value = STAY;
    else if (c->bins && strcmp(of, "gap") == 0)
        c->value = GAP;
    else if (c->bins) {
        c->value = OF_FIELD;
        c->field = (enum field)field_check(L, lua_gettop(L));
        if (field_types[c->field] != TYPE_INT && field_types[c->field] != TYPE_HEX)
            luaL_error(L, "histogram: %s is no number", of);
    } else
        luaL_error(L, "count: sum = \"stay\" is the only sum there is");
    lua_pop(L, 1);
}

static void read_options(lua_State *L, struct count *c)
{
    read_by(L, &c->cells);
    lua_getfield(L, 1, "where");
    c->cells.filter = filter_make(L, lua_gettop(L));
    lua_getfield(L, 1, "event");
    c->cells.kinds = c->crossings;
    if (lua_isstring(L, -1))
        c->cells.kinds = event_kinds(L, lua_tostring(L, -1), c->cells.filter);
    else if (!lua_isnil(L, -1))
        luaL_error(L, "event: the name of an event, not a %s", luaL_typename(L, -1));
    if ((c->cells.kinds & filter_kinds(c->cells.filter)) == 0)
        luaL_error(L, "there is nothing to count: no such event meets `where`");
    cells_uses_filter(&c->cells);
    lua_pop(L, 2);
    read_value(L, c, c->bins ? "of" : "sum");
}

static int make(lua_State *L, bool bins)
{
    static const char *const options[] = {"by", "event", "where", "sum", NULL};
    static const char *const spread[] = {"by", "event", "where", "of", NULL};
    struct count **box, *c;
    struct sim_sink sink = {.take = take};

    check_names(L, 1, bins ? "option of histogram" : "option of count", bins ? spread : options);
    box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, COUNT);
    c = calloc(1, sizeof *c);
    if (!c)
        return luaL_error(L, "no memory for a count");
    c->next = counts;
    counts = c; /* from here on close_count() frees it */
    c->bins = bins;
    c->cells.cached = true;
    for (unsigned k = 1; k < TRACE_KINDS; k++)
        c->crossings |= kind_crosses(k) ? 1ull << k : 0;
    read_options(L, c);
    if (cells_open(&c->cells) != 0)
        return luaL_error(L, "no memory for a count");
    sink.ctx = c;
    if (sim_sink_add(&sink) != 0)
        return luaL_error(L, "%s", sim_error());
    c->attached = true;
    *box = c;
    return 1;
}

static int l_flatfish_count(lua_State *L)
{
    return make(L, false);
}

static int l_flatfish_histogram(lua_State *L)
{
    return make(L, true);
}

void close_count(void)
{
    while (counts)
        end(counts);
}

void open_count(lua_State *L)
{
    static const luaL_Reg methods[] = {{"rows", l_count_rows},
                                       {"total", l_count_total},
                                       {"clear", l_count_clear},
                                       {"stop", l_count_stop},
                                       {NULL, NULL}};

    luaL_newmetatable(L, COUNT);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    host_seal(L);
    lua_pop(L, 1);
    lua_pushcfunction(L, l_flatfish_count);
    lua_setfield(L, -2, "count");
    lua_pushcfunction(L, l_flatfish_histogram);
    lua_setfield(L, -2, "histogram");
}
