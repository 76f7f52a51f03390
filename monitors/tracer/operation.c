/* monitors/tracer/operation.c -- what each message is made of: tables from the lists in abi/proto.
 * An operation that is added there is known here. SPDX-License-Identifier: MIT */
#include "monitors/tracer/tracer.h"

#define OPERATIONS 32 /* numbers of a protocol's operations lie below */

#define FIELD(kind, name, what) {FIELD_##kind, PIECE(#name), PROTO_##what},
#define PROTO_OP(number, proto, op, text)                                                          \
    ABI_ASSERT((number) < OPERATIONS, "a protocol with that many operations");                     \
    static const struct field proto##_##op##_fields[] = {proto##_##op##_FIELDS(FIELD){0}};
#include "abi/proto/all.def"
#undef PROTO_OP

/* At most one field each way is a reference, so the sum is what it leads to. */
#define IN_WORD(what)             0
#define IN_TEXT(what)             0
#define IN_DATA(what)             0
#define IN_REF(what)              PROTO_##what
#define IN_OUT_WORD(what)         0
#define IN_OUT_DATA(what)         0
#define IN_OUT_REF(what)          0
#define OUT_WORD(what)            0
#define OUT_TEXT(what)            0
#define OUT_DATA(what)            0
#define OUT_REF(what)             0
#define OUT_OUT_WORD(what)        0
#define OUT_OUT_DATA(what)        0
#define OUT_OUT_REF(what)         PROTO_##what
#define REF_IN(kind, name, what)  +IN_##kind(what)
#define REF_OUT(kind, name, what) +OUT_##kind(what)

static const struct operation operations[][OPERATIONS] = {
#define PROTO_OP(number, proto, op, text)                                                          \
    [PROTO_##                                                                                      \
        proto][number] = {PIECE(#proto "." #op),                                                   \
                          PIECE(#proto "." #op " ="),                                              \
                          proto##_##op##_fields,                                                   \
                          {0 proto##_##op##_FIELDS(REF_IN), 0 proto##_##op##_FIELDS(REF_OUT)}},
#include "abi/proto/all.def"
#undef PROTO_OP
};

static const struct {
    struct piece name;
    bool is_protocol;
} whats[] = {
    [PROTO_none] = {PIECE("reference"), false},
#define PROTOCOL(number, name, text) [number] = {PIECE(#name), true},
#include "abi/proto/protocols.def"
    [PROTO_region] = {PIECE("region"), false},  [PROTO_thread] = {PIECE("thread"), false},
    [PROTO_space] = {PIECE("space"), false},    [PROTO_schedule] = {PIECE("schedule"), false},
};

static const enum proto_what named[PARENT_NAMES] = {
#define PARENT_NAME(number, name, what, text) [number] = PROTO_##what,
#include "abi/proto/names.def"
};

const struct operation *operation_find(enum proto_what protocol, uint64_t number)
{
    if (protocol >= sizeof(operations) / sizeof(*operations) || number >= OPERATIONS ||
        !operations[protocol][number].name.text)
        return NULL;
    return &operations[protocol][number];
}

enum proto_what operation_out_ref(const struct operation *operation, uint64_t first_word)
{
    enum proto_what what = operation ? operation->ref.out : PROTO_none;
    if (what != PROTO_named)
        return what;
    return first_word < PARENT_NAMES ? named[first_word] : PROTO_none;
}

const struct piece *what_name(enum proto_what what)
{
    bool known = what < sizeof(whats) / sizeof(*whats) && whats[what].name.text;
    return &whats[known ? what : PROTO_none].name;
}

bool what_is_protocol(enum proto_what what)
{
    return what < sizeof(whats) / sizeof(*whats) && whats[what].is_protocol;
}
