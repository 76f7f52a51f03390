/* monitors/lib/stdio.c -- streams: buffered bytes over an open file (a reference to a
 * FileDescription) or the console. Standard output goes out by lines, standard error at once.
 * A stream's buffer holds either bytes read ahead or bytes not yet written, never both.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

struct stream {
    struct stream *next; /* all that are open, for fflush(NULL) */
    uint64_t ref;        /* 0: one of the three standard ones, see ref_of */
    int standard;        /* 0, 1, 2; -1 = a file */
    bool can_read, can_write, by_line, no_buffer, writing, at_end, failed;
    char *buffer;
    size_t at, end; /* reading: unread bytes; writing: 0 and how many are pending */
    int back;       /* ungetc, EOF = none */
};

static char out_buffer[BUFSIZ], in_buffer[BUFSIZ], error_buffer[256];
static struct stream input = {.can_read = true, .buffer = in_buffer, .standard = 0, .back = EOF};
static struct stream output = {.next = &input,
                               .can_write = true,
                               .by_line = true,
                               .writing = true,
                               .buffer = out_buffer,
                               .standard = 1,
                               .back = EOF};
static struct stream errors = {.next = &output,
                               .can_write = true,
                               .no_buffer = true,
                               .writing = true,
                               .buffer = error_buffer,
                               .standard = 2,
                               .back = EOF};
static struct stream *streams = &errors;
FILE *stdin = &input, *stdout = &output, *stderr = &errors;
int errno;

static size_t room_of(const FILE *file)
{
    return file == &errors ? sizeof(error_buffer) : BUFSIZ;
}

static int fail(FILE *file, long outcome)
{
    errno = (int)-outcome;
    file->failed = true;
    return EOF;
}

/* ---- the two ways out and in ---- */

static uint64_t ref_of(const FILE *file)
{
    return file->standard < 0 ? file->ref : mon.ref[PARENT_INPUT + file->standard];
}

static long send_some(FILE *file, const char *from, uint64_t bytes, uint64_t *done)
{
    uint64_t ref = ref_of(file);
    if (bytes > PROTO_DATA_MAX)
        bytes = PROTO_DATA_MAX;
    *done = bytes;
    if (ref)
        return file_write(ref, from, bytes, done);
    if (mon.ref[PARENT_CONSOLE])
        return console_write(mon.ref[PARENT_CONSOLE], from, bytes);
    return -PROTO_NOT_FOUND;
}

static int send_all(FILE *file, const char *from, size_t bytes)
{
    uint64_t done;
    for (; bytes; from += done, bytes -= done) {
        long outcome = send_some(file, from, bytes, &done);
        if (outcome || !done || done > bytes)
            return fail(file, outcome ? outcome : -PROTO_BROKEN);
    }
    return 0;
}

static long receive_some(FILE *file, void *to, uint64_t *bytes)
{
    uint64_t ref = ref_of(file);
    if (*bytes > PROTO_DATA_MAX)
        *bytes = PROTO_DATA_MAX;
    if (ref)
        return file_read(ref, to, bytes);
    if (mon.ref[PARENT_CONSOLE])
        return console_read(mon.ref[PARENT_CONSOLE], to, bytes);
    return -PROTO_NOT_FOUND;
}

/* ---- buffers ---- */

static int flush_one(FILE *file)
{
    size_t pending = file->end;
    if (!file->writing) { /* what was read ahead is given back */
        uint64_t place;
        if (file->end > file->at && file->standard < 0)
            file_seek(file->ref, (uint64_t)file->at - file->end, FILE_SEEK_CUR, &place);
        file->at = file->end = 0;
        file->back = EOF;
        return 0;
    }
    file->at = file->end = 0;
    return pending ? send_all(file, file->buffer, pending) : 0;
}

int fflush(FILE *file)
{
    int outcome = 0;
    if (file)
        return file->writing ? flush_one(file) : 0;
    for (file = streams; file; file = file->next)
        if (file->writing)
            outcome |= flush_one(file);
    return outcome;
}

static bool begin(FILE *file, bool writing)
{
    if (writing ? !file->can_write : !file->can_read) {
        fail(file, -PROTO_NOT_ALLOWED);
        return false;
    }
    if (file->writing != writing)
        flush_one(file);
    file->writing = writing;
    return true;
}

static bool fill(FILE *file)
{
    uint64_t bytes = BUFSIZ;
    if (file == stdin)
        fflush(stdout);
    long outcome = receive_some(file, file->buffer, &bytes);
    file->at = file->end = 0;
    if (outcome)
        fail(file, outcome);
    else if (!bytes)
        file->at_end = true;
    else
        file->end = bytes;
    return file->end;
}

/* ---- reading ---- */

static size_t take(FILE *file, char *to, size_t bytes)
{
    size_t done = 0;
    if (bytes && file->back != EOF) {
        *to = (char)file->back;
        file->back = EOF;
        done = 1;
    }
    while (done < bytes) {
        if (file->at == file->end && !fill(file))
            break;
        size_t part = file->end - file->at;
        if (part > bytes - done)
            part = bytes - done;
        memcpy(to + done, file->buffer + file->at, part);
        file->at += part;
        done += part;
    }
    return done;
}

size_t fread(void *restrict to, size_t size, size_t count, FILE *restrict file)
{
    size_t bytes;
    if (!size || __builtin_mul_overflow(size, count, &bytes) || !begin(file, false))
        return 0;
    return take(file, to, bytes) / size;
}

int fgetc(FILE *file)
{
    unsigned char c;
    if (!begin(file, false))
        return EOF;
    if (file->back == EOF && file->at < file->end)
        return (unsigned char)file->buffer[file->at++];
    return take(file, (char *)&c, 1) ? c : EOF;
}

int getchar(void)
{
    return fgetc(stdin);
}

int ungetc(int c, FILE *file)
{
    if (c == EOF || file->back != EOF)
        return EOF;
    file->at_end = false;
    return file->back = (unsigned char)c;
}

char *fgets(char *restrict to, int room, FILE *restrict file)
{
    int used = 0, c = 0;
    while (used + 1 < room && c != '\n' && (c = fgetc(file)) != EOF)
        to[used++] = (char)c;
    if (!used)
        return NULL;
    to[used] = 0;
    return to;
}

/* ---- writing ---- */

static int put_some(FILE *file, const char *from, size_t bytes)
{
    while (bytes) {
        size_t part = room_of(file) - file->end;
        if (part > bytes)
            part = bytes;
        memcpy(file->buffer + file->end, from, part);
        file->end += part;
        from += part;
        bytes -= part;
        if (file->end == room_of(file) && flush_one(file))
            return EOF;
    }
    return 0;
}

size_t fwrite(const void *restrict from, size_t size, size_t count, FILE *restrict file)
{
    size_t bytes;
    if (!size || __builtin_mul_overflow(size, count, &bytes) || !begin(file, true))
        return 0;
    if (put_some(file, from, bytes))
        return 0;
    bool line = file->by_line && memchr(from, '\n', bytes);
    return (file->no_buffer || line) && flush_one(file) ? 0 : count;
}

int fputc(int c, FILE *file)
{
    char byte = (char)c;
    return fwrite(&byte, 1, 1, file) ? (unsigned char)byte : EOF;
}

int putchar(int c)
{
    return fputc(c, stdout);
}

int fputs(const char *restrict text, FILE *restrict file)
{
    size_t bytes = strlen(text);
    return fwrite(text, 1, bytes, file) == bytes ? 0 : EOF;
}

int puts(const char *text)
{
    return printf("%s\n", text) < 0 ? EOF : 0;
}

int vfprintf(FILE *restrict file, const char *restrict format, va_list args)
{
    char small[256], *text = small;
    int length = vsnprintf(small, sizeof(small), format, args);
    if (length >= (int)sizeof(small)) {
        text = malloc((size_t)length + 1);
        if (!text)
            return fail(file, -PROTO_NO_MEMORY);
        vsnprintf(text, (size_t)length + 1, format, args);
    }
    size_t done = fwrite(text, 1, (size_t)length, file);
    if (text != small)
        free(text);
    return done == (size_t)length ? length : EOF;
}

int fprintf(FILE *restrict file, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vfprintf(file, format, args);
    va_end(args);
    return length;
}

int printf(const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vfprintf(stdout, format, args);
    va_end(args);
    return length;
}

void perror(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
}

/* ---- opening, closing, places ---- */

static unsigned flags_of(const char *mode)
{
    bool plus = strchr(mode, '+');
    switch (*mode) {
    case 'r':
        return FILE_READ | (plus ? FILE_WRITE : 0);
    case 'w':
        return FILE_WRITE | FILE_CREATE | FILE_TRUNCATE | (plus ? FILE_READ : 0);
    case 'a':
        return FILE_WRITE | FILE_CREATE | FILE_APPEND | (plus ? FILE_READ : 0);
    }
    return 0;
}

FILE *fopen_ref(uint64_t ref, const char *mode)
{
    unsigned flags = flags_of(mode);
    FILE *file = calloc(1, sizeof(*file));
    if (!file)
        return NULL;
    file->buffer = malloc(BUFSIZ);
    if (!file->buffer) {
        free(file);
        return NULL;
    }
    file->ref = ref;
    file->standard = -1;
    file->back = EOF;
    file->can_read = flags & FILE_READ;
    file->can_write = flags & FILE_WRITE;
    file->next = streams;
    streams = file;
    return file;
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
    uint64_t ref = mon_ref();
    if (!ref) {
        errno = PROTO_NO_OBJECTS;
        return NULL;
    }
    long outcome = flags_of(mode)
                       ? filesystem_open(mon.ref[PARENT_FILESYSTEM], path, flags_of(mode), ref)
                       : -PROTO_INVALID;
    FILE *file = outcome ? NULL : fopen_ref(ref, mode);
    if (file)
        return file;
    errno = outcome ? (int)-outcome : PROTO_NO_MEMORY;
    mon_ref_free(ref);
    return NULL;
}

int fclose(FILE *file)
{
    int outcome = flush_one(file);
    struct stream **at = &streams;
    if (file->standard >= 0)
        return outcome;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    file_close(file->ref);
    mon_ref_free(file->ref);
    free(file->buffer);
    free(file);
    return outcome;
}

int fseek(FILE *file, long offset, int whence)
{
    uint64_t place;
    if (flush_one(file) || file->standard >= 0)
        return EOF;
    file->at_end = false;
    long outcome = file_seek(file->ref, (uint64_t)offset, (uint64_t)whence, &place);
    return outcome ? fail(file, outcome) : 0;
}

long ftell(FILE *file)
{
    uint64_t place;
    if (file->standard >= 0 || file_seek(file->ref, 0, FILE_SEEK_CUR, &place))
        return EOF;
    if (file->writing)
        return (long)(place + file->end);
    return (long)(place - (file->end - file->at) - (file->back != EOF));
}

void rewind(FILE *file)
{
    fseek(file, 0, SEEK_SET);
    file->failed = false;
}

int feof(FILE *file)
{
    return file->at_end;
}

int ferror(FILE *file)
{
    return file->failed;
}

void clearerr(FILE *file)
{
    file->at_end = file->failed = false;
}

static int answer(long outcome)
{
    errno = (int)-outcome;
    return outcome ? EOF : 0;
}

int remove(const char *path)
{
    long outcome = filesystem_unlink(mon.ref[PARENT_FILESYSTEM], path);
    if (outcome == -PROTO_IS_DIRECTORY)
        outcome = filesystem_rmdir(mon.ref[PARENT_FILESYSTEM], path);
    return answer(outcome);
}

int rename(const char *from, const char *to)
{
    return answer(filesystem_rename(mon.ref[PARENT_FILESYSTEM], from, to));
}
