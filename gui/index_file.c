/* gui/index_file.c -- where an index lies, and whether it is the right one.
 * A new one is a file without a name until it is whole, so that neither Ctrl-C nor a kill leaves
 * anything. Where the trace's folder has no room for it, or may not be written, it lives as long as
 * the program does. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gui/index_file.h"

enum { PIECE = 1 << 16 };

/* Adds [from, to) of the file. */
static bool digest_part(struct sha256_ctx *sha, int fd, uint64_t from, uint64_t to)
{
    uint8_t piece[PIECE];

    while (from < to) {
        ssize_t n = pread(fd, piece, to - from < PIECE ? to - from : PIECE, from);
        if (n <= 0)
            return false;
        sha256_update(sha, n, piece);
        from += n;
    }
    return true;
}

bool index_digest(int fd, uint64_t size, uint8_t digest[INDEX_DIGEST])
{
    struct index_header head;
    struct sha256_ctx sha;

    if (pread(fd, &head, sizeof head, 0) != sizeof head)
        return false;
    memset(head.content, 0, sizeof head.content);
    sha256_init(&sha);
    sha256_update(&sha, sizeof head, (const uint8_t *)&head);
    if (!digest_part(&sha, fd, sizeof head, size))
        return false;
    sha256_digest(&sha, INDEX_DIGEST, digest);
    return true;
}

/* A file that is not there counts as empty: so does the reader see it. */
static bool digest_ends(struct sha256_ctx *sha, const char *dir, const char *name, uint64_t most)
{
    char path[PATH_MAX];
    struct stat st = {.st_size = 0};
    uint64_t size;
    bool good;
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    size = st.st_size;
    sha256_update(sha, sizeof size, (const uint8_t *)&size);
    good = good && digest_part(sha, fd, 0, size < most ? size : most) &&
           digest_part(sha, fd, size > most ? size - most : 0, size);
    close(fd);
    return good;
}

bool index_identify(const char *dir, uint8_t digest[INDEX_DIGEST])
{
    struct sha256_ctx sha;

    sha256_init(&sha);
    if (!digest_ends(&sha, dir, TRACE_METADATA, UINT64_MAX) ||
        !digest_ends(&sha, dir, TRACE_EVENTS, PIECE))
        return false;
    sha256_digest(&sha, INDEX_DIGEST, digest);
    return true;
}

static struct index *kept_one(const char *path, const uint8_t identity[INDEX_DIGEST])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct index *x = NULL;
    struct stat st;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        x = index_load(fd, identity);
    close(fd);
    if (x)
        index_tell_origin(x, false, true);
    return x;
}

/* A file without a name; in `dir`, so that it can get one, or elsewhere. */
static int nameless(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    FILE *f;

    if (fd >= 0)
        return fd;
    f = tmpfile();
    fd = f ? fcntl(fileno(f), F_DUPFD_CLOEXEC, 3) : -1;
    if (f)
        fclose(f);
    return fd;
}

static bool keep(int fd, const char *path)
{
    char self[64];

    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    unlink(path);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* NULL and a line when it cannot be made. */
static struct index *build(struct trace_reader *t, int fd, const uint8_t identity[INDEX_DIGEST],
                           index_tell *tell, void *ctx, char *err, size_t max)
{
    struct index *x;

    if (!index_build(t, fd, identity, NULL, tell, ctx, err, max))
        return NULL;
    x = index_load(fd, identity);
    if (!x)
        snprintf(err, max, "the index cannot be read back: %s", strerror(errno));
    return x;
}

struct index *index_live(struct trace_reader *t, const struct index_live *live, char *err,
                         size_t max)
{
    static const uint8_t nobody[INDEX_DIGEST];
    int fd = memfd_create("flatfish-index", MFD_CLOEXEC);
    struct index *x = NULL;

    if (fd < 0)
        snprintf(err, max, "no memory for the index: %s", strerror(errno));
    else if (index_build(t, fd, nobody, live, NULL, NULL, err, max))
        x = index_load(fd, nobody);
    if (fd >= 0)
        close(fd);
    if (x)
        index_tell_origin(x, true, true);
    return x;
}

struct index *index_open(struct trace_reader *t, const char *dir, index_tell *tell, void *ctx,
                         char *err, size_t max)
{
    uint8_t identity[INDEX_DIGEST];
    char path[PATH_MAX];
    struct index *x;
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, TRACE_INDEX);
    if (!index_identify(dir, identity)) {
        snprintf(err, max, "it changes while it is read: try again");
        return NULL;
    }
    if ((x = kept_one(path, identity)))
        return x;
    fd = nameless(dir);
    if (fd < 0) {
        snprintf(err, max, "no place for the index: %s", strerror(errno));
        return NULL;
    }
    x = build(t, fd, identity, tell, ctx, err, max);
    if (x)
        index_tell_origin(x, true, keep(fd, path));
    close(fd);
    return x;
}
