/* monitors/tracer/log.c -- what was seen, twice: as markers in the simulator's trace (a marker for
 * the request, with its first number and its bytes, and one for the answer, with its status and its
 * bytes), and as a line of text for each exchange:
 *   hello: file.read_at(offset=0, data<4096) = OK data=12:"Hello, world"
 * Text for a file is collected and written when there is much of it; for the console, at once.
 * Callers hold the tracer's lock but for log_request. SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "monitors/tracer/tracer.h"

#define LINE_MAX 1024 /* more than the longest line: two excerpts, eight numbers, their names */
#define EXCERPT  24   /* bytes of data that are shown */
#define HEX      8    /* likewise, when they are no text */

static char text[PROTO_DATA_MAX];
static char *at = text; /* a line begins with LINE_MAX free behind it */
static uint64_t file;   /* reference; 0 = the console */

/* ---- putting a line together ---- */

static inline void put(char c)
{
    *at++ = c;
}

static inline void put_piece(const char *from, size_t length)
{
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(length) : : "memory");
}

static void put_text(const char *from)
{
    put_piece(from, strlen(from));
}

static void put_number(uint64_t value)
{
    char digits[20];
    unsigned count = sizeof(digits);
    if ((int64_t)value < 0) {
        put('-');
        value = -value;
    }
    do
        digits[--count] = (char)('0' + value % 10);
    while (value /= 10);
    put_piece(digits + count, sizeof(digits) - count);
}

/* Quotes and backslashes are rare: they are shown as they are. false, and nothing put, when it is
 * no text. */
static bool put_excerpt(const unsigned char *data, uint64_t bytes)
{
    const unsigned char *end = data + bytes;
    char *to = at;
    for (*to++ = '"'; data < end; data++) {
        if (isprint(*data)) {
            *to++ = (char)*data;
            continue;
        }
        if (*data && !isspace(*data))
            return false;
        *to++ = '\\';
        *to++ = *data == '\n' ? 'n' : *data ? 't' : '0';
    }
    *to++ = '"';
    at = to;
    return true;
}

static void put_hex(const unsigned char *data, uint64_t bytes)
{
    static const char hex[] = "0123456789abcdef";
    for (uint64_t i = 0; i < bytes; i++) {
        put(hex[data[i] >> 4]);
        put(hex[data[i] & 15]);
    }
}

static void put_bytes(const void *data, uint64_t bytes)
{
    uint64_t shown = bytes < EXCERPT ? bytes : EXCERPT;
    put_number(bytes);
    put(':');
    if (!put_excerpt(data, shown)) {
        shown = shown < HEX ? shown : HEX;
        put_hex(data, shown);
    }
    if (shown < bytes)
        put_piece("...", 3);
}

static void put_ref(enum proto_what what, uint64_t ref)
{
    const struct piece *name = what_name(what);
    if (!ref) {
        put_piece("none", 4);
        return;
    }
    put_piece(name->text, name->length);
    put('#');
    unsigned number = name_number(what, ref);
    if (number)
        put_number(number);
    else
        put('?');
}

/* ---- a request: what the lists say is in it, as far as it is there ---- */

static void put_named(uint64_t name)
{
    static const char *const names[PARENT_NAMES] = {
#define PARENT_NAME(number, name, what, text) [number] = #name,
#include "abi/proto/names.def"
    };
    if (name < PARENT_NAMES && names[name])
        put_text(names[name]);
    else
        put_number(name);
}

static bool is_lookup(const struct operation *operation)
{
    const struct field *field = operation->field;
    return field->kind == FIELD_WORD && field[1].kind == FIELD_OUT_REF &&
           field[1].what == PROTO_named;
}

struct place {
    unsigned word;
    uint64_t byte;
};

static void put_sent(const struct operation *operation, const struct field *field,
                     const struct mon_request *request, struct place *place)
{
    uint64_t left = request->bytes - place->byte, value = 0;
    bool has_word = place->word < request->words;
    if (field->kind != FIELD_REF && has_word)
        value = request->word[place->word++];
    put_piece(field->name.text, field->name.length);
    switch (field->kind) {
    case FIELD_WORD:
        put('=');
        is_lookup(operation) ? put_named(value) : put_number(value);
        break;
    case FIELD_OUT_DATA:
        put('<');
        put_number(value);
        break;
    case FIELD_REF:
        put('=');
        put_ref(field->what, request->ref);
        break;
    default:
        if (value > left)
            value = left;
        put('=');
        put_bytes(request->data + place->byte, value - (value && field->kind == FIELD_TEXT));
        place->byte += value;
    }
}

static bool is_sent(const struct field *field)
{
    return field->kind != FIELD_OUT_WORD && field->kind != FIELD_OUT_REF;
}

static void put_request(const struct operation *operation, const struct mon_request *request)
{
    struct place place = {1, 0};
    bool first = true;
    for (const struct field *field = operation->field; field->kind; field++) {
        if (!is_sent(field))
            continue;
        if (!first)
            put_piece(", ", 2);
        first = false;
        put_sent(operation, field, request, &place);
    }
}

/* ---- an answer ---- */

static void put_status(uint64_t status)
{
    static const char *const names[] = {
#define PROTO_ERROR(number, name, text) [number] = #name,
#include "abi/proto/errors.def"
    };
    uint64_t error = -status;
    if (error < sizeof(names) / sizeof(*names) && names[error])
        put_text(names[error]);
    else
        put_number(status);
}

static void put_answer(const struct operation *operation, const struct mon_request *request)
{
    unsigned word = 1;
    for (const struct field *field = operation->field; field->kind; field++) {
        if (field->kind < FIELD_OUT_WORD)
            continue;
        put(' ');
        put_piece(field->name.text, field->name.length);
        put('=');
        uint64_t value =
            field->kind != FIELD_OUT_REF && word < request->outs ? request->out[word++] : 0;
        if (field->kind == FIELD_OUT_WORD)
            put_number(value);
        else if (field->kind == FIELD_OUT_REF)
            put_ref(operation_out_ref(operation, request->word[1]), request->out_ref);
        else
            put_bytes(request->out_data, value < request->out_bytes ? value : request->out_bytes);
    }
}

/* ---- out ---- */

void log_flush(void)
{
    const char *from = text;
    while (from < at) {
        uint64_t done = (uint64_t)(at - from);
        long outcome = file ? file_write(file, from, done, &done)
                            : console_write(mon.ref[PARENT_CONSOLE], from, done);
        if (outcome || !done || done > (uint64_t)(at - from))
            break; /* nowhere to say so */
        from += done;
    }
    at = text;
}

long log_open(const char *to)
{
    if (!strcmp(to, "console"))
        return mon.ref[PARENT_CONSOLE] ? 0 : -PROTO_NOT_FOUND;
    file = mon_ref();
    if (!file)
        return -PROTO_NO_OBJECTS;
    return filesystem_open(mon.ref[PARENT_FILESYSTEM], to, FILE_WRITE | FILE_CREATE | FILE_TRUNCATE,
                           file);
}

/* The simulator reads a label where it finds it in memory: it must be there. */
static void mark(const char *label, size_t length, uint64_t a, uint64_t b)
{
    (void)*(const volatile char *)label;
    (void)*(const volatile char *)(label + length);
    simcall_MARK(fk_at(label), a, b);
}

void log_request(const struct operation *operation, const struct mon_request *request)
{
    static const struct piece unknown = PIECE("unknown");
    const struct piece *name = operation ? &operation->name : &unknown;
    mark(name->text, name->length, request->words > 1 ? request->word[1] : 0, request->bytes);
}

void log_answer(const struct mon_child *child, enum proto_what protocol,
                const struct operation *operation, const struct mon_request *request)
{
    static const struct piece unknown = PIECE("unknown =");
    const struct piece *answer = operation ? &operation->answer : &unknown;
    uint64_t status = request->outs ? request->out[0] : 0;
    mark(answer->text, answer->length, status, request->out_bytes);
    if (at > text + sizeof(text) - LINE_MAX)
        log_flush();
    put_text(child->name);
    put_piece(": ", 2);
    const struct piece *name = operation ? &operation->name : what_name(protocol);
    put_piece(name->text, name->length);
    put('(');
    if (operation)
        put_request(operation, request);
    else
        put_number(request->words ? request->word[0] : 0);
    put(')');
    if (request->outs) {
        put_piece(" = ", 3);
        put_status(status);
        if (operation && !status)
            put_answer(operation, request);
    }
    put('\n');
    if (!file)
        log_flush();
}
