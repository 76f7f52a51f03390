/* monitors/lib/string.c -- memory and strings of C. Copying and filling use the string
 * instructions, the shortest loop there is: an instruction for each element, as the simulator
 * counts, and eight bytes are an element. SPDX-License-Identifier: MIT */
#include "monitors/lib/libc.h"
#include "abi/proto/proto.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    void *start = to;
    size_t words = bytes / 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    bytes %= 8;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return start;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    if ((uintptr_t)to - (uintptr_t)from >= bytes)
        return memcpy(to, from, bytes);
    unsigned char *at = to;
    const unsigned char *source = from;
    while (bytes--)
        at[bytes] = source[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *start = to;
    uint64_t pattern = (unsigned char)value * 0x0101010101010101ull;
    size_t words = bytes / 8;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
    bytes %= 8;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(pattern) : "memory");
    return start;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (; bytes; bytes--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *in, int value, size_t bytes)
{
    const unsigned char *at = in;
    for (; bytes; bytes--, at++)
        if (*at == (unsigned char)value)
            return (void *)(uintptr_t)at;
    return NULL;
}

size_t strlen(const char *text)
{
    const char *at = text;
    while (*at)
        at++;
    return (size_t)(at - text);
}

size_t strnlen(const char *text, size_t max)
{
    const char *end = memchr(text, 0, max);
    return end ? (size_t)(end - text) : max;
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (; max; max--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strcpy(char *restrict to, const char *restrict from)
{
    return memcpy(to, from, strlen(from) + 1);
}

char *strncpy(char *restrict to, const char *restrict from, size_t max)
{
    size_t bytes = strnlen(from, max);
    memcpy(to, from, bytes);
    memset(to + bytes, 0, max - bytes);
    return to;
}

size_t strlcpy(char *restrict to, const char *restrict from, size_t room)
{
    size_t bytes = strlen(from), kept = bytes < room ? bytes : room - 1;
    if (!room)
        return bytes;
    memcpy(to, from, kept);
    to[kept] = 0;
    return bytes;
}

char *strcat(char *restrict to, const char *restrict from)
{
    strcpy(to + strlen(to), from);
    return to;
}

char *strchr(const char *text, int c)
{
    return memchr(text, c, strlen(text) + 1);
}

char *strrchr(const char *text, int c)
{
    for (size_t i = strlen(text) + 1; i; i--)
        if (text[i - 1] == (char)c)
            return (char *)(uintptr_t)(text + i - 1);
    return NULL;
}

char *strstr(const char *text, const char *part)
{
    size_t bytes = strlen(part);
    for (; strncmp(text, part, bytes); text++)
        if (!*text)
            return NULL;
    return (char *)(uintptr_t)text;
}

size_t strspn(const char *text, const char *set)
{
    size_t n = 0;
    while (text[n] && strchr(set, text[n]))
        n++;
    return n;
}

size_t strcspn(const char *text, const char *set)
{
    size_t n = 0;
    while (text[n] && !strchr(set, text[n]))
        n++;
    return n;
}

char *strtok_r(char *restrict text, const char *restrict set, char **restrict rest)
{
    if (!text)
        text = *rest;
    text += strspn(text, set);
    *rest = text + strcspn(text, set);
    if (*rest == text)
        return NULL;
    if (**rest)
        *(*rest)++ = 0;
    return text;
}

char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

const char *strerror(int error)
{
    static const char *const texts[] = {
#define PROTO_ERROR(number, name, text) [number] = text,
#include "abi/proto/errors.def"
    };
    if (error < 0)
        error = -error;
    return (size_t)error < sizeof(texts) / sizeof(*texts) && texts[error] ? texts[error]
                                                                          : "unknown error";
}
