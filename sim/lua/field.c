/* sim/lua/field.c -- the fields of an event (fields.def): raw value, and what Lua sees of it.
 *
 * A raw value is one 64-bit word that decides the field: counts are kept by raw values, and only
 * what is read becomes text.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sim/event.h"
#include "sim/fault.h"
#include "sim/lua/host.h"
#include "sim/name.h"
#include "sim/sym.h"

const char *const field_names[FIELDS] = {
#define FIELD(name, type, text) #name,
#include "sim/lua/fields.def"
#undef FIELD
};

const enum field_type field_types[FIELDS] = {
#define FIELD(name, type, text) TYPE_##type,
#include "sim/lua/fields.def"
#undef FIELD
};

int field_find(const char *name)
{
    for (int f = 0; f < FIELDS; f++)
        if (strcmp(field_names[f], name) == 0)
            return f;
    return -1;
}

static const char *field_at(unsigned n)
{
    return n < FIELDS ? field_names[n] : NULL;
}

int field_check(lua_State *L, int arg)
{
    const char *name = luaL_checkstring(L, arg);
    int f = field_find(name);

    return f >= 0 ? f : name_unknown(L, "field", name, field_at);
}

static uint32_t level_of(unsigned space)
{
    const struct sim_space *s = sim_space(space);

    return s ? s->level : 0;
}

static uint64_t vector_of(const struct trace_record *r)
{
    switch (r->kind) {
    case TRACE_EXCEPTION:
        return r->reason & 0xff;
    case TRACE_INT:
    case TRACE_INTERRUPT:
        return r->reason;
    default:
        return UINT64_MAX;
    }
}

/* Few values, whatever a guest does: numbers that are no kernel call are one. */
static uint64_t reason_of(const struct trace_record *r)
{
    uint32_t number = r->reason;

    if (r->kind == TRACE_EXCEPTION)
        number &= 0xff;
    else if (r->kind == TRACE_SPACE)
        number = 0;
    else if (r->kind == TRACE_SYSCALL && !(kernel_known() && sim_call_name(number)))
        number = UINT32_MAX;
    return (uint64_t)r->kind << 32 | number;
}

uint64_t field_get(enum field f, const struct trace_record *r)
{
    switch (f) {
    case FIELD_kind:
        return r->kind;
    case FIELD_reason:
        return reason_of(r);
    case FIELD_number:
        return r->reason;
    case FIELD_icount:
        return r->icount;
    case FIELD_addr:
    case FIELD_symbol:
        return r->addr;
    case FIELD_page:
        return r->addr & ~0xfffull;
    case FIELD_vector:
        return vector_of(r);
    case FIELD_error:
        return r->kind == TRACE_EXCEPTION ? r->reason >> 8 : UINT64_MAX;
    case FIELD_call:
        return r->kind == TRACE_SYSCALL ? r->reason : UINT64_MAX;
    case FIELD_from:
        return kernel_known() && !(r->from & 1) ? 0 : r->from;
    case FIELD_to:
        return kernel_known() && !(r->to & 1) ? 0 : r->to;
    case FIELD_from_user:
        return r->from & 1;
    case FIELD_to_user:
        return r->to & 1;
    case FIELD_level:
        return level_of(r->from / 2u);
    case FIELD_from_level:
        return domain_level(r->from);
    case FIELD_to_level:
        return domain_level(r->to);
    case FIELD_space:
        return r->from / 2u;
    case FIELD_from_index:
        return r->from / 2u;
    case FIELD_to_index:
        return r->to / 2u;
    case FIELD_behalf:
    case FIELD_behalf_index:
        return r->behalf;
    case FIELD_behalf_level:
        return level_of(r->behalf);
    case FIELD_thread:
        return r->thread;
    case FIELD_label:
        return r->kind == TRACE_MARK || r->kind == TRACE_MARK2 ? r->reason : 0;
    default:
        return 0;
    }
}

static void reason_text(unsigned kind, uint32_t number, char *out, size_t max)
{
    const char *name = name_kind(kind) ? name_kind(kind) : "?", *word = NULL;
    bool counted = kind == TRACE_EXCEPTION || kind == TRACE_INTERRUPT || kind == TRACE_INT ||
                   kind == TRACE_VMEXIT || kind == TRACE_BEGIN || kind == TRACE_END;

    if (kind == TRACE_SYSCALL)
        word = number == UINT32_MAX ? NULL : sim_call_name(number);
    else if (kind == TRACE_EXCEPTION)
        word = sim_fault_name(number);
    else if (kind == TRACE_MARK || kind == TRACE_MARK2)
        word = sim_label(number);
    if (word)
        snprintf(out, max, "%s %s", name, word);
    else if (counted)
        snprintf(out, max, "%s %u", name, number);
    else
        snprintf(out, max, "%s", name);
}

void field_text(enum field f, uint64_t raw, char *out, size_t max)
{
    const char *word = NULL;

    *out = 0;
    switch (field_types[f]) {
    case TYPE_KIND:
        word = name_kind((unsigned)raw) ? name_kind((unsigned)raw) : "?";
        break;
    case TYPE_REASON:
        reason_text((unsigned)(raw >> 32), (uint32_t)raw, out, max);
        break;
    case TYPE_DOMAIN:
        name_domain((unsigned)raw, out, max);
        break;
    case TYPE_SPACE:
        sim_space_name((unsigned)raw, out, max);
        break;
    case TYPE_SYMBOL:
        sim_sym_name(NULL, raw, out, max);
        break;
    case TYPE_CALL:
        word = raw != UINT64_MAX && kernel_known() ? sim_call_name((uint32_t)raw) : NULL;
        break;
    case TYPE_LABEL:
        word = sim_label((unsigned)raw);
        break;
    default:
        snprintf(out, max, "%lld", (long long)raw);
        break;
    }
    if (word)
        snprintf(out, max, "%s", word);
}

void field_push(lua_State *L, enum field f, uint64_t raw)
{
    char text[256];

    switch (field_types[f]) {
    case TYPE_INT:
    case TYPE_HEX:
        lua_pushinteger(L, (lua_Integer)raw);
        break;
    case TYPE_BOOL:
        lua_pushboolean(L, raw != 0);
        break;
    default:
        field_text(f, raw, text, sizeof text);
        lua_pushstring(L, text);
        break;
    }
}
