/* sim/tests/gdb/rsp.c -- plays transcripts of GDB's remote protocol against `flatfish run --gdb`:
 * what is sent, and what is to come back. `rsp FLATFISH FILE.rsp...`; README.md has the language.
 * It is a client of its own, so it can do what GDB never does: damage packets, vanish, be two.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1 << 18, CLIENTS = 4, NAMES = 32, WORDS = 64, GROUPS = 6, WAIT_MS = 60000 };

static struct client {
    int fd; /* 0 = none */
    bool acks;
    size_t at, n;
    char in[TEXT];
} clients[CLIENTS + 1], *now = &clients[1];

static struct {
    char name[32], value[2048];
} names[NAMES];

static const char *file, *flatfish;
static unsigned line_number, checks, failures;
static char group[GROUPS][2048]; /* of the last pattern that matched */
static char line[TEXT], body[TEXT], reply[TEXT], socket_path[108];
static pid_t machine;

static __attribute__((format(printf, 1, 2))) void wrong(const char *format, ...)
{
    va_list args;

    failures++;
    fprintf(stderr, "%s:%u: ", file, line_number);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* What makes going on senseless. */
static void give_up(const char *why)
{
    wrong("%s", why);
    if (machine > 0)
        kill(machine, SIGKILL);
    exit(EXIT_FAILURE);
}

/* ---- the transcript's own text: $NAME, \xNN, \{N*TEXT}, \N of the last match ---- */

static const char *value_of(const char *name, size_t n)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0)
            return names[i].value;
    return NULL;
}

static void let(const char *name, const char *value)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (!names[i].name[0] || strcmp(names[i].name, name) == 0) {
            snprintf(names[i].name, sizeof names[i].name, "%s", name);
            snprintf(names[i].value, sizeof names[i].value, "%.2047s", value);
            return;
        }
    give_up("too many names");
}

static size_t put(char *to, size_t n, const char *text, size_t length)
{
    if (n + length >= TEXT)
        give_up("the text is too long");
    memcpy(to + n, text, length);
    return n + length;
}

/* \xNN, \{N*TEXT} and \N: returns what follows. */
static const char *special(const char *at, char *to, size_t *n)
{
    char byte;
    char *after;

    if (*at >= '1' && *at <= '0' + GROUPS) {
        *n = put(to, *n, group[*at - '1'], strlen(group[*at - '1']));
        return at + 1;
    }
    if (*at == 'x') {
        char two[3] = {at[1], at[1] ? at[2] : 0, 0};
        byte = (char)strtoul(two, NULL, 16);
        *n = put(to, *n, &byte, 1);
        return at + 3;
    }
    unsigned long times = strtoul(at + 1, &after, 10);
    const char *end = strchr(after, '}');
    if (*at != '{' || *after != '*' || !end)
        give_up("after a backslash: xNN, {N*TEXT}, or the number of a group");
    while (times--)
        *n = put(to, *n, after + 1, (size_t)(end - after - 1));
    return end + 1;
}

/* A pattern keeps its backslashes: only names are put in. */
static size_t expand(const char *at, char *to, bool pattern)
{
    size_t n = 0;

    while (*at) {
        size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
        const char *value = *at == '$' && length ? value_of(at + 1, length) : NULL;
        if (value) {
            n = put(to, n, value, strlen(value));
            at += 1 + length;
        } else if (*at == '\\' && !pattern) {
            at = special(at + 1, to, &n);
        } else {
            n = put(to, n, at++, 1);
        }
    }
    to[n] = 0;
    return n;
}

/* ---- the machine ---- */

static void start(char *words)
{
    char *argv[WORDS] = {(char *)(uintptr_t)flatfish, (char *)"run"}, option[160];
    int n = 2;

    snprintf(socket_path, sizeof socket_path, "rsp.%d.socket", (int)getpid());
    snprintf(option, sizeof option, "--gdb=./%s", socket_path);
    for (char *word = strtok(words, " "); word && n < WORDS - 4; word = strtok(NULL, " "))
        argv[n++] = word;
    argv[n++] = option;
    argv[n++] = (char *)"--quiet";
    unlink(socket_path);
    machine = fork();
    if (machine != 0)
        return;
    int nowhere = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(nowhere, fd);
    execv(flatfish, argv);
    _exit(127);
}

static void finish(const char *wanted)
{
    int status = 0, code;

    for (int i = 0; i < WAIT_MS / 10 && waitpid(machine, &status, WNOHANG) == 0; i++) {
        if (i == WAIT_MS / 10 - 1)
            give_up("the machine does not end");
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    machine = 0;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    checks++;
    if (code != atoi(wanted))
        wrong("the command ended with %d, not %s", code, wanted);
}

/* ---- clients ---- */

static void connect_now(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    strcpy(to.sun_path, socket_path);
    for (int i = 0; i < WAIT_MS / 20; i++) {
        now->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(now->fd, (struct sockaddr *)&to, sizeof to) == 0)
            break;
        close(now->fd);
        now->fd = 0;
        if (waitpid(machine, NULL, WNOHANG) != 0)
            give_up("the command ended before anybody could connect");
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    if (!now->fd)
        give_up("nobody listens");
    now->acks = true;
    now->at = now->n = 0;
}

static void hang_up(void)
{
    if (now->fd)
        close(now->fd);
    now->fd = 0;
}

/* -1 = the other side has hung up, -2 = nothing comes. */
static int next_byte(int wait_ms)
{
    struct pollfd p = {.fd = now->fd, .events = POLLIN};
    ssize_t n;

    if (now->at < now->n)
        return (unsigned char)now->in[now->at++];
    if (poll(&p, 1, wait_ms) <= 0)
        return -2;
    n = read(now->fd, now->in, sizeof now->in);
    now->at = 0;
    now->n = n > 0 ? (size_t)n : 0;
    return n > 0 ? next_byte(0) : -1;
}

static void send_bytes(const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = send(now->fd, bytes, n, MSG_NOSIGNAL);
        if (done <= 0)
            return;
        bytes += done;
        n -= (size_t)done;
    }
}

static void want_byte(char c)
{
    int came = next_byte(WAIT_MS);

    if (came != c)
        wrong("wanted '%c', got %d (%c)", c, came, isprint(came) ? came : '?');
}

static void send_packet(const char *bytes, size_t n)
{
    static char framed[TEXT + 8];
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (unsigned char)bytes[i];
    framed[0] = '$';
    memcpy(framed + 1, bytes, n);
    snprintf(framed + 1 + n, 4, "#%02x", sum & 0xff);
    send_bytes(framed, n + 4);
    if (now->acks)
        want_byte('+');
}

/* Into `reply`, escapes undone; false = it does not come, or is damaged. */
static bool get_packet(size_t *length)
{
    unsigned sum = 0, said = 0;
    size_t n = 0;
    int c = next_byte(WAIT_MS);

    if (c != '$')
        return false;
    for (c = next_byte(WAIT_MS); c >= 0 && c != '#'; c = next_byte(WAIT_MS)) {
        sum += (unsigned)c;
        if (c == '}') {
            c = next_byte(WAIT_MS);
            sum += (unsigned)c;
            c ^= 0x20;
        }
        reply[n++] = (char)c;
    }
    reply[n] = 0;
    for (int i = 0; i < 2; i++) {
        c = next_byte(WAIT_MS);
        said = said * 16 + (unsigned)(isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    if (now->acks)
        send_bytes("+", 1);
    *length = n;
    return said == (sum & 0xff);
}

/* ---- judging ---- */

static void matches(const char *pattern, const char *text)
{
    static char whole[TEXT + 8];
    regmatch_t at[2 + GROUPS], *part = at + 2;
    regex_t r;

    snprintf(whole, sizeof whole, "^(%s)$", pattern);
    if (regcomp(&r, whole, REG_EXTENDED) != 0)
        give_up("that is no regular expression");
    checks++;
    if (regexec(&r, text, 2 + GROUPS, at, 0) != 0) {
        wrong("wanted %s\n    got %.2000s", pattern, text);
    } else {
        for (int i = 0; i < GROUPS; i++)
            snprintf(group[i], sizeof group[i], "%.*s",
                     part[i].rm_so < 0 ? 0 : (int)(part[i].rm_eo - part[i].rm_so),
                     part[i].rm_so < 0 ? "" : text + part[i].rm_so);
    }
    regfree(&r);
}

/* Bytes that are no text are shown, and matched, as a question mark. */
static void printable(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isprint((unsigned char)text[i]) && text[i] != '\n')
            text[i] = '?';
}

static size_t undo_hex(char *text, size_t n)
{
    size_t to = 0;

    for (size_t i = 0; i + 1 < n; i += 2, to++) {
        char two[3] = {text[i], text[i + 1], 0};
        text[to] = (char)strtoul(two, NULL, 16);
    }
    text[to] = 0;
    return to;
}

static bool is_console(size_t n)
{
    return n > 1 && reply[0] == 'O' && reply[1] != 'K';
}

/* The next packet, as it came, or from its `skip`-th character on in hexadecimal. Words for the
 * console in between are only looked at when they are asked for. */
static void expect(const char *pattern, int skip)
{
    size_t n;

    do {
        if (!get_packet(&n))
            give_up("wanted a packet: none, or a damaged one, has come");
    } while (is_console(n) && skip != 1);
    if (skip >= 0) {
        memmove(reply, reply + skip, n - (size_t)skip);
        n = undo_hex(reply, n - (size_t)skip);
    }
    printable(reply, n);
    expand(pattern, body, true);
    matches(body, reply);
}

/* `swap`: bytes of memory into a number; `sum A B`: of two numbers in hexadecimal. */
static void set_name(char *rest)
{
    char *name = strtok(rest, " ="), *value = strtok(NULL, "="), number[2048] = "", *b;

    if (!name || !value)
        give_up("let NAME = TEXT");
    expand(value + strspn(value, " "), body, false);
    if (strncmp(body, "swap ", 5) == 0) {
        for (size_t n = strlen(body); n >= 7; n -= 2)
            strncat(number, body + n - 2, 2);
    } else if (strncmp(body, "sum ", 4) == 0) {
        unsigned long long a = strtoull(body + 4, &b, 16);
        snprintf(number, sizeof number, "%llx", a + strtoull(b, NULL, 16));
    }
    let(name, number[0] ? number : body);
}

/* ---- wild bytes ---- */

enum { SEEN = 1024, SEEN_BYTES = 256, ROUND = 25 };
static struct {
    unsigned char bytes[SEEN_BYTES];
    size_t n;
} seen[SEEN]; /* packets of the transcripts played so far, */
static unsigned seen_n;
static uint32_t dice = 1;

static uint32_t throw(uint32_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % below;
}

static void remember(const char *bytes, size_t n)
{
    if (seen_n == SEEN || n == 0 || n > SEEN_BYTES)
        return;
    memcpy(seen[seen_n].bytes, bytes, n);
    seen[seen_n++].n = n;
}

/* One of them with something cut, changed, doubled or joined to another. */
static size_t damaged(unsigned char *to)
{
    unsigned which = throw(seen_n), other = throw(seen_n);
    size_t n = seen[which].n;

    memcpy(to, seen[which].bytes, n);
    for (uint32_t times = throw(4); times; times--)
        to[throw((uint32_t)n)] ^= (unsigned char)(1u << throw(8));
    if (throw(4) == 0)
        n = throw((uint32_t)n + 1);
    if (throw(4) == 0) {
        size_t from = throw((uint32_t)seen[other].n);
        memcpy(to + n, seen[other].bytes + from, seen[other].n - from);
        n += seen[other].n - from;
    }
    return n;
}

/* What ends the machine by design is left out. */
static bool ends_all(const unsigned char *bytes, size_t n)
{
    return n && (bytes[0] == 'k' || bytes[0] == 'D' || (n > 4 && memcmp(bytes, "vKil", 4) == 0));
}

/* Reads until this text has come by; false = it does not. */
static bool comes_by(const char *text)
{
    size_t n = strlen(text), met = 0;

    for (int c = next_byte(WAIT_MS); c >= 0; c = next_byte(WAIT_MS)) {
        met = c == text[met] ? met + 1 : c == text[0] ? 1 : 0;
        if (met == n)
            return true;
    }
    return false;
}

/* wild COUNT SEED: damaged packets, and bytes that are none; the stub answers a question after each
 * round, whatever has come before. */
static void wild(char *rest)
{
    static unsigned char bytes[2 * SEEN_BYTES];
    char *end;
    unsigned long count = strtoul(rest, &end, 10);

    dice = (uint32_t)strtoul(end, NULL, 10) | 1;
    now->acks = false;
    for (unsigned long i = 0; i < count; i++) {
        size_t n = damaged(bytes);
        if (ends_all(bytes, n))
            continue;
        if (throw(8) == 0)
            send_bytes((const char *)bytes, n);
        else
            send_packet((const char *)bytes, n);
        if (i % ROUND != ROUND - 1)
            continue;
        send_bytes("\003", 1);
        send_packet("qThreadExtraInfo,pf4240.1", 25);
        checks++;
        if (!comes_by("4c30206370752c20")) {
            wrong("no answer any more after %lu packets", i);
            give_up("wild");
        }
    }
    while (next_byte(500) >= 0) /* whoever does not read is taken for gone */
        ;
}

/* ---- a line ---- */

static void send_line(const char *text)
{
    bool quiet = strncmp(text, "QStartNoAckMode", 15) == 0;

    size_t n = expand(text, body, false);

    remember(body, n);
    send_packet(body, n);
    if (quiet) {
        expect("OK", -1);
        now->acks = false;
    }
}

static void client_line(char *rest)
{
    int which = atoi(rest);

    if (which < 1 || which > CLIENTS)
        give_up("client: 1 to 4");
    now = &clients[which];
    if (!now->fd)
        connect_now();
}

static void silence(void)
{
    int c = next_byte(300);

    checks++;
    if (c != -2)
        wrong("wanted silence: %d has come", c);
}

static void gone(void)
{
    checks++;
    if (next_byte(WAIT_MS) != -1)
        wrong("wanted the other side to hang up");
    hang_up();
}

static const char *after(const char *word)
{
    size_t n = strlen(word);

    return strncmp(line, word, n) == 0 ? line + n : NULL;
}

static void play_line(void)
{
    char *rest;

    if (!line[0] || line[0] == '#')
        return;
    if ((rest = (char *)(uintptr_t)after("run ")))
        start(rest);
    else if ((rest = (char *)(uintptr_t)after("client ")))
        client_line(rest);
    else if ((rest = (char *)(uintptr_t)after("let ")))
        set_name(rest);
    else if ((rest = (char *)(uintptr_t)after("> ")))
        send_line(rest);
    else if ((rest = (char *)(uintptr_t)after(">> ")))
        send_bytes(body, expand(rest, body, false));
    else if ((rest = (char *)(uintptr_t)after("< ")))
        expect(rest, -1);
    else if ((rest = (char *)(uintptr_t)after("<x ")))
        expect(rest, 0);
    else if ((rest = (char *)(uintptr_t)after("<o ")))
        expect(rest, 1);
    else if (strcmp(line, "<+") == 0 || strcmp(line, "<-") == 0)
        want_byte(line[1]);
    else if ((rest = (char *)(uintptr_t)after("wild ")))
        wild(rest);
    else if (strcmp(line, "silence") == 0)
        silence();
    else if (strcmp(line, "hangup") == 0)
        hang_up();
    else if (strcmp(line, "gone") == 0)
        gone();
    else if ((rest = (char *)(uintptr_t)after("ends ")))
        finish(rest);
    else
        give_up("that is not understood");
}

static void play(const char *path)
{
    FILE *f = fopen(path, "r");

    file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    line_number = 0;
    memset(names, 0, sizeof names);
    if (!f)
        give_up("cannot be read");
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        line_number++;
        play_line();
    }
    fclose(f);
    for (now = &clients[1]; now <= &clients[CLIENTS]; now++)
        hang_up();
    now = &clients[1];
    if (machine)
        give_up("a transcript ends with `ends CODE`: the machine still runs");
    unlink(socket_path);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: rsp FLATFISH FILE.rsp...\n");
        return 2;
    }
    flatfish = argv[1];
    signal(SIGPIPE, SIG_IGN);
    for (int i = 2; i < argc; i++)
        play(argv[i]);
    printf("rsp: %u checks, %u failed\n", checks, failures);
    return failures != 0;
}
