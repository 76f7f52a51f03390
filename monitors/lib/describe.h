/* monitors/lib/describe.h -- the lists of abi/proto as tables: what an operation is called, what
 * its fields are. For programs that look at messages without serving them. SPDX-License-Identifier:
 * MIT */
#ifndef MONITORS_LIB_DESCRIBE_H
#define MONITORS_LIB_DESCRIBE_H

#include "monitors/lib/server.h"

enum mon_kind {
    MON_WORD,
    MON_TEXT,
    MON_DATA,
    MON_REF,
    MON_OUT_WORD,
    MON_OUT_DATA,
    MON_OUT_REF,
    MON_KIND_END
};

struct mon_field {
    enum mon_kind kind;
    const char *name;
    enum proto_what what; /* of a reference */
};

struct mon_operation {
    enum proto_what protocol;
    unsigned number;
    const char *name;
    const struct mon_field *fields; /* up to MON_KIND_END */
};

const struct mon_operation *mon_operation_find(enum proto_what protocol, uint64_t number);
const char *mon_protocol_name(enum proto_what protocol);

/* One field of a request that was just received (words, data, ref) or of the reply that is about to
 * go (out, out_data, out_ref). */
struct mon_value {
    const struct mon_field *field;
    uint64_t word;    /* WORD, OUT_WORD; the room of an OUT_DATA in a request */
    const void *data; /* TEXT, DATA, OUT_DATA */
    uint64_t bytes;
    uint64_t ref; /* REF, OUT_REF: address of a reference, 0 = none */
    enum proto_what what;
};

/* Goes through the fields that are in the request (or in the reply). *at is 0 at first; false = no
 * more, or the message is too short for them. */
struct mon_cursor {
    unsigned field, word;
    uint64_t byte;
};
bool mon_request_next(const struct mon_request *request, const struct mon_operation *operation,
                      struct mon_cursor *at, struct mon_value *value);
bool mon_reply_next(const struct mon_request *request, const struct mon_operation *operation,
                    struct mon_cursor *at, struct mon_value *value);

#endif
