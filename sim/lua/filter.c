/* sim/lua/filter.c -- conditions on events: a Lua table made once into tests that C evaluates.
 *
 * `where = {FIELD = value}`: all must hold. A value is a number, text or boolean; a list of them,
 * of which one must be met; or a range {min=, max=}. Fields whose value is a text made from names
 * are compared by name, once for each domain and kept until spaces change. SPDX-License-Identifier:
 * MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/name.h"
#include "sim/lua/host.h"

enum { TESTS = 12, VALUES = 32, TEXT = 64 };
enum op { ANY_OF, RANGE, NAMED };
enum { UNKNOWN, NO, YES };

struct test {
    enum field field;
    enum op op;
    unsigned n;
    uint64_t value[VALUES]; /* ANY_OF; RANGE: least, most */
    char (*name)[TEXT];     /* NAMED */
    uint8_t *met;           /* NAMED, domains and spaces: UNKNOWN, NO, YES by raw value */
};

struct filter {
    unsigned n;
    struct test test[TESTS];
};

static bool by_name(enum field f)
{
    return field_types[f] >= TYPE_DOMAIN && field_types[f] != TYPE_CALL;
}

static bool kept(enum field f)
{
    return field_types[f] == TYPE_DOMAIN || field_types[f] == TYPE_SPACE;
}

void filter_free(struct filter *f)
{
    for (unsigned i = 0; f && i < f->n; i++) {
        free(f->test[i].name);
        free(f->test[i].met);
    }
    free(f);
}

void filter_forget(struct filter *f)
{
    for (unsigned i = 0; f && i < f->n; i++)
        if (f->test[i].met)
            memset(f->test[i].met, UNKNOWN, SIM_SPACES * 2);
}

/* ---- evaluation ---- */

/* Called from inside the machine, where no Lua error may arise: no Lua here. */
static bool named(const struct test *t, uint64_t raw)
{
    char text[256];
    bool yes = false;

    field_text(t->field, raw, text, sizeof text);
    for (unsigned i = 0; i < t->n && !yes; i++)
        yes = strcmp(t->name[i], text) == 0;
    return yes;
}

static bool meets(const struct test *t, uint64_t raw)
{
    switch (t->op) {
    case RANGE:
        if (field_types[t->field] == TYPE_INT) /* -1 = there is none: in no range from 0 on */
            return (int64_t)raw >= (int64_t)t->value[0] && (int64_t)raw <= (int64_t)t->value[1];
        return raw >= t->value[0] && raw <= t->value[1];
    case NAMED:
        if (!t->met || raw >= SIM_SPACES * 2)
            return named(t, raw);
        if (t->met[raw] == UNKNOWN)
            t->met[raw] = named(t, raw) ? YES : NO;
        return t->met[raw] == YES;
    default:
        for (unsigned i = 0; i < t->n; i++)
            if (t->value[i] == raw)
                return true;
        return false;
    }
}

bool filter_meets(const struct filter *f, const struct trace_record *r)
{
    for (unsigned i = 0; f && i < f->n; i++)
        if (!meets(&f->test[i], field_get(f->test[i].field, r)))
            return false;
    return true;
}

bool filter_asks(const struct filter *f, unsigned i, enum field *field)
{
    if (i >= f->n)
        return false;
    *field = f->test[i].field;
    return true;
}

uint64_t filter_kinds(const struct filter *f)
{
    uint64_t all = (1ull << TRACE_KINDS) - 2;

    for (unsigned i = 0; f && i < f->n; i++) {
        const struct test *t = &f->test[i];
        uint64_t some = 0;
        if (t->field != FIELD_kind || t->op != ANY_OF)
            continue;
        for (unsigned k = 0; k < t->n; k++)
            some |= 1ull << t->value[k];
        all &= some;
    }
    return all;
}

/* ---- making ---- */

static const char *kind_at(unsigned n)
{
    return n + 1 < TRACE_KINDS ? name_kind(n + 1) : NULL;
}

/* The n-th kernel call that there is. */
static const char *call_at(unsigned n)
{
    for (uint32_t number = 0; number < 0x400; number++)
        if (sim_call_name(number) && n-- == 0)
            return sim_call_name(number);
    return NULL;
}

static uint64_t number_of(lua_State *L, enum field f, int at)
{
    const char *text = lua_type(L, at) == LUA_TSTRING ? lua_tostring(L, at) : NULL;
    int n, whole = false;

    if ((field_types[f] == TYPE_KIND || field_types[f] == TYPE_CALL) && !text)
        luaL_error(L, "%s: a name is needed, not %s", field_names[f], luaL_tolstring(L, at, NULL));
    switch (field_types[f]) {
    case TYPE_BOOL:
        if (!lua_isboolean(L, at))
            luaL_error(L, "%s: true or false is needed, not %s", field_names[f],
                       luaL_tolstring(L, at, NULL));
        return (uint64_t)lua_toboolean(L, at);
    case TYPE_KIND:
        n = kind_find(text);
        return n >= 0 ? (uint64_t)n : (uint64_t)name_unknown(L, "kind of event", text, kind_at);
    case TYPE_CALL:
        n = sim_call_find(text);
        return n >= 0 ? (uint64_t)n : (uint64_t)name_unknown(L, "kernel call", text, call_at);
    default:
        if (lua_type(L, at) == LUA_TNUMBER)
            lua_tointegerx(L, at, &whole);
        if (!whole)
            luaL_error(L, "%s: a whole number is needed, not %s", field_names[f],
                       luaL_tolstring(L, at, NULL));
        return (uint64_t)lua_tointeger(L, at);
    }
}

static void value_add(lua_State *L, struct test *t, int at)
{
    if (t->n == VALUES)
        luaL_error(L, "%s: at most %d values", field_names[t->field], VALUES);
    if (t->op == NAMED) {
        const char *text = lua_type(L, at) == LUA_TSTRING ? lua_tostring(L, at) : NULL;
        if (!text || strlen(text) >= TEXT)
            luaL_error(L, "%s: a short text is needed", field_names[t->field]);
        strcpy(t->name[t->n++], text);
        return;
    }
    t->value[t->n++] = number_of(L, t->field, at);
}

/* Every key is min or max; false when there are none. */
static bool range_keys(lua_State *L, int at)
{
    static const char *const names[] = {"min", "max", NULL};

    lua_pushnil(L);
    if (!lua_next(L, at))
        return false;
    bool list = lua_type(L, -2) == LUA_TNUMBER;
    lua_pop(L, 2);
    if (!list)
        check_names(L, at, "bound of a range", names);
    return !list;
}

/* {min=, max=}: each may be left out. */
static bool range_add(lua_State *L, struct test *t, int at)
{
    bool whole = field_types[t->field] == TYPE_INT;

    if (!range_keys(L, at))
        return false;
    if (t->op == NAMED || field_types[t->field] == TYPE_KIND ||
        field_types[t->field] == TYPE_CALL || field_types[t->field] == TYPE_BOOL)
        luaL_error(L, "%s: a range is for numbers", field_names[t->field]);
    t->op = RANGE;
    t->value[0] = 0;
    t->value[1] = whole ? INT64_MAX : UINT64_MAX;
    for (int i = 0; i < 2; i++) {
        if (lua_getfield(L, at, i ? "max" : "min") != LUA_TNIL)
            t->value[i] = number_of(L, t->field, lua_gettop(L));
        lua_pop(L, 1);
    }
    return true;
}

static void test_add(lua_State *L, struct filter *f, enum field field, int at)
{
    struct test *t = &f->test[f->n];

    if (f->n == TESTS)
        luaL_error(L, "a filter has at most %d conditions", TESTS);
    f->n++;
    t->field = field;
    t->op = by_name(field) ? NAMED : ANY_OF;
    if (t->op == NAMED)
        t->name = calloc(VALUES, TEXT);
    if (kept(field))
        t->met = calloc(SIM_SPACES, 2);
    if ((t->op == NAMED && !t->name) || (kept(field) && !t->met))
        luaL_error(L, "no memory for a filter");
    if (!lua_istable(L, at)) {
        value_add(L, t, at);
        return;
    }
    if (range_add(L, t, at))
        return;
    for (lua_Integer i = 1; lua_geti(L, at, i) != LUA_TNIL; i++) {
        value_add(L, t, lua_gettop(L));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    if (t->n == 0)
        luaL_error(L, "%s: an empty list is met by nothing", field_names[field]);
}

/* The filter is owned by a userdata while it can still fail; here: freed before the error goes on.
 */
static int fill(lua_State *L)
{
    struct filter *f = lua_touserdata(L, 1);

    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            return luaL_error(L, "a filter is a table {field = value}");
        lua_pushvalue(L, -2);
        int field = field_check(L, lua_gettop(L));
        lua_pop(L, 1);
        test_add(L, f, (enum field)field, lua_gettop(L));
    }
    return 0;
}

struct filter *filter_make(lua_State *L, int arg)
{
    struct filter *f;

    if (!lua_isnoneornil(L, arg))
        luaL_checktype(L, arg, LUA_TTABLE);
    f = calloc(1, sizeof *f);
    if (!f)
        luaL_error(L, "no memory for a filter");
    if (lua_isnoneornil(L, arg))
        return f;
    lua_pushcfunction(L, fill);
    lua_pushlightuserdata(L, f);
    lua_pushvalue(L, arg);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        filter_free(f);
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
        lua_error(L);
    }
    return f;
}

void filter_add_range(struct filter *f, enum field field, uint64_t low, uint64_t high)
{
    if (f->n < TESTS)
        f->test[f->n++] = (struct test){.field = field, .op = RANGE, .value = {low, high}};
}
