/* monitors/programs/readtest.c -- reads a file of its own from beginning to end, several times, and
 * adds it up: what it costs when layers see files. The file is written before and removed after the
 * measured region. SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

enum { KIB, TIMES, CHUNK, MAP, OPEN };
#define PATH "/readtest.data"

static struct work_option options[] = {
    [KIB] = {"kib", 512, 1, 65536, "size of the file, in KiB"},
    [TIMES] = {"times", 4, 1, 1000000, "how often it is read"},
    [CHUNK] = {"chunk", PROTO_DATA_MAX, 16, PROTO_DATA_MAX, "bytes at a time"},
    [MAP] = {"map", 0, 0, 1, "1 = map it instead of reading it"},
    [OPEN] = {"open", 0, 0, 1, "1 = open it anew each time"},
    {0},
};

static char chunk[PROTO_DATA_MAX] __attribute__((aligned(FK_PAGE)));

static uint64_t write_file(void)
{
    uint64_t state = 1, sum = 0;
    FILE *file = fopen(PATH, "w");
    if (!file)
        mon_fatal("%s cannot be made: %s", PATH, strerror(errno));
    for (uint64_t i = 0; i < options[KIB].value * 128; i++) {
        uint64_t word = work_random(&state);
        sum = work_sum(sum, word);
        fwrite(&word, sizeof(word), 1, file);
    }
    if (ferror(file) || fclose(file))
        mon_fatal("%s cannot be written: %s", PATH, strerror(errno));
    return sum;
}

static uint64_t read_once(uint64_t file)
{
    uint64_t sum = 0, place, bytes;
    work_check(file_seek(file, 0, FILE_SEEK_SET, &place), "seek");
    for (;;) {
        bytes = options[CHUNK].value & ~7ull;
        work_check(file_read(file, chunk, &bytes), "read");
        if (!bytes)
            return sum;
        sum = work_sum_bytes(sum, chunk, bytes);
    }
}

static uint64_t map_once(uint64_t file)
{
    uint64_t region = mon_ref(), bytes = 0;
    work_check(region ? file_map(file, FK_READ, &bytes, region) : -PROTO_NO_OBJECTS, "map");
    void *at = mon_window(region, bytes, 0, FK_READ);
    if (!at)
        mon_fatal("the file cannot be mapped: out of kernel memory");
    uint64_t sum = work_sum_bytes(0, at, bytes);
    mon_window_close(at);
    mon_ref_free(region);
    return sum;
}

static void open_file(uint64_t file)
{
    work_check(filesystem_open(mon.ref[PARENT_FILESYSTEM], PATH, FILE_READ, file), PATH);
}

static void reopen(uint64_t file)
{
    work_check(file_close(file), "close");
    open_file(file);
}

int main(void)
{
    work_options("reads a file again and again", options);
    uint64_t written = write_file(), file = mon_ref(), wrong = 0;
    work_check(file ? 0 : -PROTO_NO_OBJECTS, PATH);
    open_file(file);
    work_begin(WORK_MAIN);
    for (uint64_t i = 0; i < options[TIMES].value; i++) {
        wrong += (options[MAP].value ? map_once : read_once)(file) != written;
        if (options[OPEN].value)
            reopen(file);
    }
    work_end(WORK_MAIN);
    file_close(file);
    remove(PATH);
    printf("readtest: %lu KiB, %lu times, %lu wrong, checksum %016lx\n", options[KIB].value,
           options[TIMES].value, wrong, written);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
