/* sim/trace/store.c -- see store.h for the invariant. Packets arrive with every header field set
 * but packet_size, which is the store's business.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/codec.h"
#include "sim/trace/store.h"

#define STEP_LEAST   (1ull << 20) /* how much the file is extended at a time; doubles up to: */
#define STEP_MOST    (64ull << 20)
#define NEW_METADATA ".metadata.new"
#define NEW_EVENTS   ".events.new"

/* Returns how many bytes were written: fewer than n when the disk is full, with errno. */
static size_t write_some(int fd, const void *bytes, size_t n, uint64_t at)
{
    const char *p = bytes;
    size_t done = 0;

    while (done < n) {
        ssize_t part = pwrite(fd, p + done, n - done, at + done);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0) {
            errno = part ? errno : ENOSPC;
            break;
        }
        done += part;
    }
    return done;
}

static int write_all(int fd, const void *bytes, size_t n, uint64_t at)
{
    return write_some(fd, bytes, n, at) == n ? 0 : -1;
}

static int set_packet_size(const struct store *s, uint64_t bytes)
{
    uint64_t bits = bytes * 8;

    return write_all(s->fd, &bits, 8, s->at + TRACE_AT_SIZE);
}

/* Not a pipe, which would make us wait, nor a link, which may lead anywhere. */
static int open_own(int dir, const char *name, int flags)
{
    int fd = openat(dir, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

static bool holds_our_trace(int dir)
{
    char text[8192];
    int fd = open_own(dir, TRACE_METADATA, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    text[n] = 0;
    return strncmp(text, "/* CTF 1.8", 10) == 0 && strstr(text, "tracer_name = \"flatfish\"");
}

/* Metadata goes last: while it is there, the directory is known as a trace that may be replaced. */
static const char *const own_files[] = {TRACE_INDEX, TRACE_EVENTS, NEW_EVENTS, NEW_METADATA,
                                        TRACE_METADATA};

static bool is_own(const char *name)
{
    for (size_t i = 0; i < sizeof own_files / sizeof *own_files; i++)
        if (!strcmp(name, own_files[i]))
            return true;
    return false;
}

/* What is in the directory: our files or others, of which one is named. -1 = it cannot be read. */
static int look_in(int dir, bool *ours, char other[256])
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (!d) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    while ((e = readdir(d))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        if (is_own(e->d_name))
            *ours = true;
        else
            snprintf(other, 256, "%s", e->d_name);
    }
    closedir(d);
    return 0;
}

static int remove_trace(int dir)
{
    for (size_t i = 0; i < sizeof own_files / sizeof *own_files; i++)
        if (unlinkat(dir, own_files[i], 0) && errno != ENOENT)
            return -1;
    return 0;
}

/* Readers of CTF take every file in the directory for part of the trace: so nothing else may be in
 * it, and it is never for us to remove. */
static int claim(struct store *s, bool force, const char **why)
{
    static char mixed[400];
    char other[256] = "";
    bool ours = false;

    if (look_in(s->dir, &ours, other))
        return -1;
    if (!ours && !other[0])
        return 0;
    errno = EEXIST;
    if (!holds_our_trace(s->dir)) {
        *why = "the directory is not empty and holds no trace of ours; name another one";
        return -1;
    }
    if (other[0]) {
        snprintf(mixed, sizeof mixed,
                 "beside a trace there is something else in it, %.200s: move that away, or name "
                 "another directory",
                 other);
        *why = mixed;
        return -1;
    }
    if (!force) {
        *why = "a trace is there already; name another directory, or replace it with --force";
        return -1;
    }
    return remove_trace(s->dir);
}

/* A run that writes there has it locked, as long as it lives. */
static int taken(const struct store *s, const char **why)
{
    if (flock(s->dir, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return 0;
    *why = "another run is writing a trace there; name another directory, or wait for its end";
    errno = EEXIST;
    return -1;
}

int store_open(struct store *s, const char *dir, bool force, const char **why)
{
    struct sigaction old;

    *s = (struct store){.dir = -1, .fd = -1};
    *why = NULL;
    /* A file size limit must come back as EFBIG, not end the run. */
    if (!sigaction(SIGXFSZ, NULL, &old) && old.sa_handler == SIG_DFL)
        signal(SIGXFSZ, SIG_IGN);
    s->made = mkdir(dir, 0777) == 0;
    if (!s->made && errno != EEXIST)
        return -1;
    s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir < 0)
        return -1;
    if (taken(s, why) || claim(s, force, why)) {
        int error = errno;
        store_close(s);
        errno = error;
        return -1;
    }
    return 0;
}

void store_undo(struct store *s, const char *dir)
{
    remove_trace(s->dir);
    if (s->made)
        rmdir(dir);
}

/* Closes, and renames when all went well, else removes; keeps errno of the first failure. */
static int publish(struct store *s, int fd, int bad, const char *from, const char *to)
{
    int error = errno;

    if (close(fd) && !bad) {
        bad = -1;
        error = errno;
    }
    if (!bad && renameat(s->dir, from, s->dir, to)) {
        bad = -1;
        error = errno;
    }
    if (bad)
        unlinkat(s->dir, from, 0);
    errno = error;
    return bad;
}

static int create(struct store *s, const char *name)
{
    return openat(s->dir, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

int store_metadata(struct store *s, const char *text, size_t n)
{
    int fd = create(s, NEW_METADATA);

    if (fd < 0)
        return -1;
    return publish(s, fd, write_all(fd, text, n, 0), NEW_METADATA, TRACE_METADATA);
}

int store_patch(struct store *s, const char *from, const char *to)
{
    char text[8192];
    int fd = open_own(s->dir, TRACE_METADATA, O_RDWR);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    char *at = NULL;
    int bad;

    if (n > 0) {
        text[n] = 0;
        at = strstr(text, from);
    }
    bad = at ? write_all(fd, to, strlen(to), at - text) : -1;
    if (fd >= 0)
        close(fd);
    return bad;
}

/* Makes room for `room` bytes at `at`, and more, as long as the disk and the limits allow it.
 * Blocks that are there beforehand make the writes a third cheaper; where none are to be had, holes
 * do, and where the size is limited, the write itself finds out how much fits. */
static void extend(struct store *s, uint64_t at, uint64_t room)
{
    uint64_t step = s->end < STEP_LEAST ? STEP_LEAST : s->end < STEP_MOST ? s->end : STEP_MOST;
    uint64_t least = at + room, end = least > s->end + step ? least : s->end + step;

    if (least <= s->end)
        return;
    if (fallocate(s->fd, FALLOC_FL_KEEP_SIZE, s->end, end - s->end))
        end = least;
    if (ftruncate(s->fd, end) == 0 || ftruncate(s->fd, end = least) == 0)
        s->end = end;
}

/* The bytes from `from` of the packet at `at`. A write may have made the file longer than extend()
 * could. */
static int put(struct store *s, const uint8_t *packet, size_t from, size_t n, uint64_t at)
{
    s->fits = from + write_some(s->fd, packet + from, n - from, at + from);
    if (s->fits < n)
        return -1;
    if (s->end < at + n)
        s->end = at + n;
    return 0;
}

/* What packet_size says of a packet at `at` of n bytes that is the last. */
static uint64_t to_the_end(const struct store *s, uint64_t at, size_t n)
{
    return s->end < at + n ? n : s->end - at;
}

int store_begin(struct store *s, uint8_t *packet, size_t n)
{
    s->fd = create(s, NEW_EVENTS);
    if (s->fd < 0)
        return -1;
    s->at = 0;
    s->used = n;
    extend(s, 0, n);
    codec_store(packet + TRACE_AT_SIZE, to_the_end(s, 0, n) * 8, 8);
    if (put(s, packet, 0, n, 0) == 0 && renameat(s->dir, NEW_EVENTS, s->dir, TRACE_EVENTS) == 0)
        return 0;
    unlinkat(s->dir, NEW_EVENTS, 0);
    return -1;
}

int store_grow(struct store *s, uint8_t *packet, size_t n)
{
    extend(s, s->at, n);
    if (put(s, packet, s->used, n, s->at))
        return -1;
    codec_store(packet + TRACE_AT_SIZE, (s->end - s->at) * 8, 8);
    if (write_all(s->fd, packet, TRACE_PACKET_HEAD, s->at))
        return -1;
    s->used = n;
    return 0;
}

int store_add(struct store *s, uint8_t *packet, size_t n, uint64_t gap, uint64_t room)
{
    uint64_t at = s->at + gap, old = s->end;

    s->fits = 0;
    extend(s, at, room);
    if (s->end != old && set_packet_size(s, s->end - s->at))
        return -1;
    codec_store(packet + TRACE_AT_SIZE, to_the_end(s, at, n) * 8, 8);
    if (put(s, packet, 0, n, at) || set_packet_size(s, gap))
        return -1;
    s->at = at;
    s->used = n;
    return 0;
}

int store_keep(struct store *s, uint8_t *packet, size_t n, uint64_t gap)
{
    uint64_t at = s->at + gap;

    codec_store(packet + TRACE_AT_SIZE, n * 8, 8);
    if (ftruncate(s->fd, at + n) || write_all(s->fd, packet, TRACE_PACKET_HEAD, at))
        return -1;
    s->end = at + n;
    if (gap && set_packet_size(s, gap))
        return -1;
    s->at = at;
    s->used = n;
    return 0;
}

int store_end(struct store *s)
{
    int bad;

    if (s->fd < 0)
        return 0;
    s->end = s->at + s->used;
    bad = set_packet_size(s, s->used) || ftruncate(s->fd, s->end) ? -1 : 0;
    if (close(s->fd))
        bad = -1;
    s->fd = -1;
    return bad;
}

int store_hidden(struct store *s)
{
    s->end = 0;
    s->fd = create(s, NEW_EVENTS);
    return s->fd < 0 ? -1 : 0;
}

int store_append(struct store *s, uint8_t *packet, size_t n)
{
    codec_store(packet + TRACE_AT_SIZE, n * 8, 8);
    if (write_all(s->fd, packet, n, s->end)) {
        int fd = s->fd;
        s->fd = -1;
        return publish(s, fd, -1, NEW_EVENTS, TRACE_EVENTS);
    }
    s->end += n;
    return 0;
}

int store_publish(struct store *s)
{
    int fd = s->fd;

    s->fd = -1;
    return publish(s, fd, 0, NEW_EVENTS, TRACE_EVENTS);
}

void store_close(struct store *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->dir >= 0)
        close(s->dir);
    s->fd = s->dir = -1;
}
