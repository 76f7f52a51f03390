/* monitors/programs/export.c -- takes a file out of the machine: prints it in base64, each line
 * with "NAME: " before it, so that the lines can be told from what others print. file=NAME;
 * wait=NS: how long to wait until it begins with something else than zeroes, as a checkpoint does
 * once it is whole. The other way is the machine's first file system (docs/nests.md).
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define IN_LINE  768
#define IN_GROUP 3

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *encode_group(char *out, const uint8_t *from, uint64_t count)
{
    uint32_t bits = (uint32_t)from[0] << 16;
    if (count > 1)
        bits |= (uint32_t)from[1] << 8;
    if (count > 2)
        bits |= from[2];
    *out++ = digits[bits >> 18];
    *out++ = digits[bits >> 12 & 63];
    *out++ = count > 1 ? digits[bits >> 6 & 63] : '=';
    *out++ = count > 2 ? digits[bits & 63] : '=';
    return out;
}

static void print_line(const char *path, const uint8_t *from, uint64_t count)
{
    static char line[IN_LINE / IN_GROUP * 4 + 1];
    char *out = line;
    for (uint64_t at = 0; at < count; at += IN_GROUP)
        out = encode_group(out, from + at, count - at);
    *out = 0;
    printf("%s: %s\n", path, line);
}

/* Full lines but for the last, so that all lines together are one text in base64. */
static uint64_t read_line(uint64_t file, uint64_t offset, uint8_t *to)
{
    uint64_t have = 0;
    for (uint64_t part = IN_LINE; have < IN_LINE; have += part, part = IN_LINE - have)
        if (file_read_at(file, offset + have, to + have, &part) || !part)
            break;
    return have;
}

int main(void)
{
    static uint8_t bytes[IN_LINE];
    const char *path = mon_option("file");
    uint64_t file = mon_ref(), count;
    uint64_t until = (uint64_t)fk_clock_read() + mon_option_number("wait", 0);
    if (!path)
        mon_fatal("which file? Write file=NAME");
    if (mon_await_file(path, until, file))
        mon_fatal("%s: there is no such file, or it is not complete", path);
    for (uint64_t at = 0; (count = read_line(file, at, bytes)); at += count)
        print_line(path, bytes, count);
    return EXIT_SUCCESS;
}
