/* monitors/lib/describe.c -- tables from the lists, and going through a message by them. What came
 * over the border is not trusted: a message that is too short ends early.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/describe.h"

#define FIELD(kind, name, what) {MON_##kind, #name, PROTO_##what},
#define PROTO_OP(number, proto, op, text)                                                          \
    static const struct mon_field proto##_##op##_fields[] = {                                      \
        proto##_##op##_FIELDS(FIELD){MON_KIND_END, NULL, PROTO_none}};
#include "abi/proto/all.def"
#undef PROTO_OP

static const struct mon_operation operations[] = {
#define PROTO_OP(number, proto, op, text) {PROTO_##proto, number, #op, proto##_##op##_fields},
#include "abi/proto/all.def"
#undef PROTO_OP
};

const struct mon_operation *mon_operation_find(enum proto_what protocol, uint64_t number)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        if (operations[i].protocol == protocol && operations[i].number == number)
            return &operations[i];
    return NULL;
}

const char *mon_protocol_name(enum proto_what protocol)
{
    static const char *const names[] = {
#define PROTOCOL(number, name, text) [number] = #name,
#include "abi/proto/protocols.def"
    };
    return protocol < sizeof(names) / sizeof(*names) && names[protocol] ? names[protocol] : "?";
}

static enum proto_what named(uint64_t name)
{
    static const enum proto_what what[] = {
#define PARENT_NAME(number, name, what, text) [number] = PROTO_##what,
#include "abi/proto/names.def"
    };
    return name < sizeof(what) / sizeof(*what) ? what[name] : PROTO_none;
}

static bool next_word(const uint64_t *words, unsigned count, struct mon_cursor *at, uint64_t *word)
{
    if (at->word >= count)
        return false;
    *word = words[at->word++];
    return true;
}

static bool next_bytes(const uint8_t *data, uint64_t have, struct mon_cursor *at,
                       struct mon_value *value)
{
    value->bytes = value->word;
    value->data = data + at->byte;
    if (value->bytes > have - at->byte)
        return false;
    at->byte += value->bytes;
    return true;
}

bool mon_request_next(const struct mon_request *request, const struct mon_operation *operation,
                      struct mon_cursor *at, struct mon_value *value)
{
    const struct mon_field *field = &operation->fields[at->field++];
    if (!at->word)
        at->word = 1; /* after the operation's number */
    *value = (struct mon_value){.field = field, .what = field->what};
    switch (field->kind) {
    case MON_WORD:
    case MON_OUT_DATA:
        return next_word(request->word, request->words, at, &value->word);
    case MON_TEXT:
    case MON_DATA:
        return next_word(request->word, request->words, at, &value->word) &&
               next_bytes(request->data, request->bytes, at, value);
    case MON_REF:
        value->ref = request->ref;
        return true;
    case MON_OUT_WORD:
    case MON_OUT_REF:
        return mon_request_next(request, operation, at, value);
    default:
        return false;
    }
}

bool mon_reply_next(const struct mon_request *request, const struct mon_operation *operation,
                    struct mon_cursor *at, struct mon_value *value)
{
    const struct mon_field *field = &operation->fields[at->field++];
    if (!at->word)
        at->word = 1; /* after the status */
    *value = (struct mon_value){.field = field, .what = field->what};
    switch (field->kind) {
    case MON_OUT_WORD:
        return next_word(request->out, request->outs, at, &value->word);
    case MON_OUT_DATA:
        return next_word(request->out, request->outs, at, &value->word) &&
               next_bytes(request->out_data, request->out_bytes, at, value);
    case MON_OUT_REF:
        value->ref = request->out_ref;
        if (value->what == PROTO_named)
            value->what = request->words > 1 ? named(request->word[1]) : PROTO_none;
        return true;
    case MON_WORD:
    case MON_TEXT:
    case MON_DATA:
    case MON_REF:
        return mon_reply_next(request, operation, at, value);
    default:
        return false;
    }
}
