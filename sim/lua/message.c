/* sim/lua/message.c -- flatfish.message(): the message in the CPU's registers, with protocol names;
 * flatfish.call() and answer(): what a kernel call, its arguments and its answers are called.
 *
 * For call-backs at the `syscall` of a sender and at the `sysret` to a receiver. Which protocol a
 * request belongs to only its server knows: the kernel hands it the port's alias. The protocol is
 * in it (abi/proto/proto.h), or it is the address of the library's struct mon_port; where its
 * `protocol` lies is in the server's DWARF.
 * What does not fit (another library, no debug information) leaves protocol and operation out.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/fk/ipc.h"
#include "abi/proto/proto.h"
#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/mem.h"
#include "sim/name.h"
#include "sim/regs.h"
#include "sim/sym.h"

static const struct {
    unsigned protocol, number;
    const char *protocol_name, *name;
} operations[] = {
#define PROTO_OP(number, proto, op, text) {PROTO_##proto, number, #proto, #op},
#include "abi/proto/all.def"
#undef PROTO_OP
};

enum { OPERATIONS = sizeof operations / sizeof operations[0], IMAGES = 32 };

/* Offsets by image, looked up once: DWARF is long. */
static bool protocol_at(const char *image, uint64_t *offset)
{
    static struct {
        const char *image;
        uint64_t offset;
        bool known;
    } seen[IMAGES];
    unsigned i = 0;

    for (; i < IMAGES && seen[i].image; i++)
        if (seen[i].image == image) {
            *offset = seen[i].offset;
            return seen[i].known;
        }
    bool known = sim_sym_member(image, "mon_port", "protocol", offset) == 0;
    if (i < IMAGES) {
        seen[i].image = image;
        seen[i].offset = *offset;
        seen[i].known = known;
    }
    return known;
}

/* The protocol of the port with this alias, in the space in force; 0 = unknown. */
static unsigned protocol_of(uint64_t alias)
{
    const char *image = space_image(sim_domain_now() / 2);
    uint64_t offset = 0;
    uint32_t protocol = 0;

    if (alias >> PROTO_IN_ALIAS)
        return (unsigned)(alias >> PROTO_IN_ALIAS);
    if (!image || !protocol_at(image, &offset))
        return 0;
    if (sim_virt_read(SIM_CR3_NOW, alias + offset, &protocol, sizeof protocol) != sizeof protocol)
        return 0;
    return protocol;
}

/* NULL: no new request, or not even a tag (rbx after any other call). */
static const char *kind_of(uint64_t tag)
{
    uint64_t known = FK_TAG_WORDS | FK_TAG_OVER | FK_TAG_END | FK_TAG_ONEWAY | FK_TAG_IDEMPOTENT |
                     FK_TAG_RELIABLE | FK_TAG_FAULT | FK_TAG_SCHEDULE;

    return tag & ~known              ? NULL
           : tag & FK_TAG_FAULT      ? "fault"
           : tag & FK_TAG_SCHEDULE   ? "schedule"
           : tag & FK_TAG_IDEMPOTENT ? "idempotent"
           : tag & FK_TAG_ONEWAY     ? "oneway"
           : tag & FK_TAG_RELIABLE   ? "reliable"
                                     : NULL;
}

static void set_text(lua_State *L, const char *field, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void push_words(lua_State *L, uint64_t tag)
{
    static const enum sim_reg words[FK_IPC_WORDS] = {SIM_REG_rdx, SIM_REG_r8,  SIM_REG_r9,
                                                     SIM_REG_r10, SIM_REG_r12, SIM_REG_r13,
                                                     SIM_REG_r14, SIM_REG_r15};
    unsigned n = tag & FK_TAG_WORDS;

    lua_newtable(L);
    for (unsigned i = 0; i < n && i < FK_IPC_WORDS; i++) {
        lua_pushinteger(L, (lua_Integer)sim_reg_get(words[i]));
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "words");
}

static void push_operation(lua_State *L, unsigned protocol, uint64_t number)
{
    for (unsigned i = 0; i < OPERATIONS; i++) {
        if (operations[i].protocol != protocol || operations[i].number != number)
            continue;
        set_text(L, "protocol", operations[i].protocol_name);
        set_text(L, "operation", operations[i].name);
    }
}

/* message(): {tag, words, kind, protocol, operation}; kind and names are those of a new request
 * that a server has just been given. */
static int l_flatfish_message(lua_State *L)
{
    uint64_t tag;
    const char *kind;

    host_need_machine(L);
    tag = sim_reg_get(SIM_REG_rbx);
    kind = kind_of(tag);
    lua_newtable(L);
    lua_pushinteger(L, (lua_Integer)tag);
    lua_setfield(L, -2, "tag");
    push_words(L, tag);
    if (!kind || !kernel_known())
        return 1;
    set_text(L, "kind", kind);
    if (strcmp(kind, "reliable") == 0 && (tag & FK_TAG_WORDS) > 0)
        push_operation(L, protocol_of(sim_reg_get(SIM_REG_rdi)), sim_reg_get(SIM_REG_rdx));
    return 1;
}

/* call(number): {name, params = {"region", ...}} of a kernel call; nil = there is none. */
static int l_flatfish_call(lua_State *L)
{
    uint64_t number = check_u64(L, 1);
    const char *name = number <= UINT32_MAX ? sim_call_name((uint32_t)number) : NULL;
    const char *params = name ? sim_call_params((uint32_t)number) : NULL;
    lua_Integer n = 0;

    if (!name) {
        lua_pushnil(L);
        return 1;
    }
    lua_newtable(L);
    set_text(L, "name", name);
    lua_newtable(L);
    for (; params && *params; params += strspn(params, ", ")) {
        size_t length = strcspn(params, ",");
        lua_pushlstring(L, params, length);
        lua_rawseti(L, -2, ++n);
        params += length;
    }
    lua_setfield(L, -2, "params");
    return 1;
}

/* answer(n): the name of what a call answered in rax; nil = it is none. */
static int l_flatfish_answer(lua_State *L)
{
    lua_pushstring(L, sim_answer_name(check_u64(L, 1)));
    return 1;
}

void open_message(lua_State *L)
{
    static const luaL_Reg functions[] = {{"message", l_flatfish_message},
                                         {"call", l_flatfish_call},
                                         {"answer", l_flatfish_answer},
                                         {NULL, NULL}};

    luaL_setfuncs(L, functions, 0);
}
