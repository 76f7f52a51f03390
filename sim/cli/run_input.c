/* sim/cli/run_input.c -- input that comes at fixed times of the machine, so that a run with input
 * is as repeatable as one without: to the console by --input-at TIME:TEXT, --input FILE, and
 * standard input when it is a plain file; to the keyboard by --keys TEXT and --keys-at TIME:TEXT.
 * A file is handed over before the first instruction as far as the guest's queue (1 MiB) takes it.
 * What is left follows on host ticks, so only input longer than that depends on the host's time.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/proto/proto.h"
#include "sim/cli/command.h"
#include "sim/cli/escape.h"
#include "sim/keyboard.h"

enum { CHUNK = 65536 };

struct at_input {
    uint64_t ticks; /* 0 = before the first instruction */
    uint8_t *bytes; /* with `keys`, movements */
    size_t n;
    bool keys;
};

static struct {
    struct at_input at[3 * OPTION_LIST_MAX];
    unsigned count;
    int file; /* -1 = none or at its end */
    bool file_begun;
    bool nest, ended; /* the guest is one; it is told of the end */
    uint8_t chunk[CHUNK];
    size_t chunk_n;
} in = {.file = -1};

/* \n \r \t \e \0 \\ \xHH; false on any other escape. `out` holds strlen(text) bytes. */
static bool unescape(const char *text, uint8_t *out, size_t *n)
{
    for (*n = 0; *text; (*n)++) {
        size_t used;
        if (*text != '\\') {
            out[*n] = (uint8_t)*text++;
            continue;
        }
        used = escape_read(text + 1, &out[*n]);
        if (used == 0)
            return false;
        text += 1 + used;
    }
    return true;
}

/* The number before the colon; `rest` is what stands behind it. */
static int time_parse(const char *option, const char *text, uint64_t *ticks, const char **rest)
{
    const char *colon = strchr(text, ':');
    char number[32];

    if (!colon || (size_t)(colon - text) >= sizeof number)
        return cli_usage("run: %s: '%.60s' is not TIME:TEXT, as in 200M:ls\\n", option, text);
    memcpy(number, text, (size_t)(colon - text));
    number[colon - text] = 0;
    if (!option_number_parse(number, ticks))
        return cli_usage("run: %s: '%s' is not a time in ticks, as in 200M", option, number);
    *rest = colon + 1;
    return 0;
}

static int text_parse(const char *option, const char *text, struct at_input *at)
{
    at->bytes = malloc(strlen(text) * (at->keys ? SIM_CHORD_MAX : 1) + 1);
    if (!at->bytes)
        return cli_failure("out of memory");
    if (at->keys)
        return keys_parse(option, text, at->bytes, &at->n);
    if (!unescape(text, at->bytes, &at->n))
        return cli_usage("run: %s: unknown escape in '%.60s' (\\n \\r \\t \\e \\0 \\\\ \\xHH)",
                         option, text);
    return 0;
}

static int list_parse(const char *option, const struct option_list *list, bool timed, bool keys)
{
    for (unsigned i = 0; i < list->count; i++) {
        struct at_input *at = &in.at[in.count++];
        const char *text = list->value[i];
        int code = timed ? time_parse(option, text, &at->ticks, &text) : 0;

        at->keys = keys;
        if (code != 0 || (code = text_parse(option, text, at)) != 0)
            return code;
    }
    return 0;
}

static int file_open(const char *path)
{
    struct stat st;

    in.file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : dup(STDIN_FILENO);
    if (in.file >= 0 && fstat(in.file, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(in.file);
        in.file = -1;
        errno = EISDIR;
    }
    if (in.file < 0)
        return cli_failure("cannot read the input %s: %s; name a file that can be read",
                           path ? path : "file", strerror(errno));
    return 0;
}

int input_open(const struct run_settings *s)
{
    int code = list_parse("--input-at", &s->input_at, true, false);

    if (code != 0 || (code = list_parse("--keys", &s->keys, false, true)) != 0 ||
        (code = list_parse("--keys-at", &s->keys_at, true, true)) != 0)
        return code;
    in.nest = s->nest;
    if (s->input || console_input_is_file())
        return file_open(s->input);
    return 0;
}

/* A pipe that has a name may be empty, or have no writer yet: that is no end. */
static bool file_ready(void)
{
    struct pollfd p = {.fd = in.file, .events = POLLIN};

    return poll(&p, 1, 0) > 0;
}

/* Reads and hands over until the queue is full or the file ends, which a nest is told. */
static int file_feed(void)
{
    for (;;) {
        if (in.chunk_n == 0) {
            if (!file_ready())
                return 0;
            ssize_t n = read(in.file, in.chunk, CHUNK);
            if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
            if (n < 0)
                return cli_failure("cannot read the input: %s", strerror(errno));
            if (n == 0 && (!in.nest || in.ended)) {
                close(in.file);
                in.file = -1;
                return 0;
            }
            if (n == 0)
                in.chunk[0] = CONSOLE_ENDED;
            in.ended = n == 0;
            in.chunk_n = n ? (size_t)n : 1;
        }
        if (sim_console_input(in.chunk, in.chunk_n) != 0)
            return 0;
        in.chunk_n = 0;
    }
}

static int plan(const struct at_input *at)
{
    bool now = !at->ticks && (at->keys || !sim_ticks());
    int done;

    if (at->keys)
        done = now ? sim_keys(at->bytes, at->n) : sim_keys_at(at->ticks, at->bytes, at->n);
    else
        done = now ? sim_console_input(at->bytes, at->n)
                   : sim_console_input_at(at->ticks, at->bytes, at->n);
    if (done == 0)
        return 0;
    return cli_usage("run: %s: %s", at->keys ? "--keys" : "--input-at", sim_error());
}

int input_start(void)
{
    for (unsigned i = 0; i < in.count; i++) {
        int code = plan(&in.at[i]);
        if (code != 0)
            return code;
    }
    in.file_begun = in.file >= 0;
    return in.file_begun ? file_feed() : 0;
}

int input_tick(void)
{
    return in.file >= 0 && in.file_begun ? file_feed() : 0;
}

void input_close(void)
{
    for (unsigned i = 0; i < in.count; i++)
        free(in.at[i].bytes);
    in.count = 0;
    if (in.file >= 0)
        close(in.file);
    in.file = -1;
}
