/* monitors/lib/libc.h -- the C library of monitors and programs: strings, characters, numbers,
 * memory, printing, files, ending. What is here behaves as in C17, with these limits: no floating
 * point, no locales, no wide characters. Errors of files are in `errno`, as enum proto_error.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_LIBC_H
#define MONITORS_LIB_LIBC_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAR_BIT  8
#define INT_MAX   0x7fffffff
#define INT_MIN   (-INT_MAX - 1)
#define UINT_MAX  0xffffffffu
#define LONG_MAX  0x7fffffffffffffffl
#define LONG_MIN  (-LONG_MAX - 1)
#define ULONG_MAX 0xfffffffffffffffful

/* string.c */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *in, int value, size_t bytes);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t max);
size_t strlcpy(char *restrict to, const char *restrict from, size_t room);
char *strcat(char *restrict to, const char *restrict from);
char *strchr(const char *text, int c);
char *strrchr(const char *text, int c);
char *strstr(const char *text, const char *part);
size_t strspn(const char *text, const char *set);
size_t strcspn(const char *text, const char *set);
char *strtok_r(char *restrict text, const char *restrict set, char **restrict rest);
char *strdup(const char *text);
const char *strerror(int error);

/* characters (ASCII) */
static inline int isdigit(int c)
{
    return c >= '0' && c <= '9';
}
static inline int isupper(int c)
{
    return c >= 'A' && c <= 'Z';
}
static inline int islower(int c)
{
    return c >= 'a' && c <= 'z';
}
static inline int isalpha(int c)
{
    return isupper(c) || islower(c);
}
static inline int isalnum(int c)
{
    return isalpha(c) || isdigit(c);
}
static inline int isspace(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline int isprint(int c)
{
    return c >= ' ' && c <= '~';
}
static inline int ispunct(int c)
{
    return isprint(c) && c != ' ' && !isalnum(c);
}
static inline int isxdigit(int c)
{
    return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
static inline int tolower(int c)
{
    return isupper(c) ? c + ('a' - 'A') : c;
}
static inline int toupper(int c)
{
    return islower(c) ? c - ('a' - 'A') : c;
}

/* stdlib.c */
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7fffffff
unsigned long strtoul(const char *restrict text, char **restrict end, int base);
long strtol(const char *restrict text, char **restrict end, int base);
int atoi(const char *text);
long atol(const char *text);
int abs(int value);
long labs(long value);
int rand(void);
void srand(unsigned seed);
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t count, size_t size,
              int (*compare)(const void *, const void *));
int atexit(void (*function)(void));
_Noreturn void exit(int status);
_Noreturn void abort(void);

/* malloc.c: everything is aligned to 32 bytes, so that it may hold kernel objects */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t bytes);
void free(void *memory);

/* print.c */
int vsnprintf(char *restrict to, size_t room, const char *restrict format, va_list args);
int snprintf(char *restrict to, size_t room, const char *restrict format, ...)
    __attribute__((format(printf, 3, 4)));

/* stdio.c */
#define EOF      (-1)
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define BUFSIZ   4096
typedef struct stream FILE;
extern FILE *stdin, *stdout, *stderr;
extern int errno;
FILE *fopen(const char *restrict path, const char *restrict mode);
FILE *fopen_ref(uint64_t ref, const char *mode); /* an open file that a reference names */
int fclose(FILE *file);
size_t fread(void *restrict to, size_t size, size_t count, FILE *restrict file);
size_t fwrite(const void *restrict from, size_t size, size_t count, FILE *restrict file);
int fflush(FILE *file);
int fseek(FILE *file, long offset, int whence);
long ftell(FILE *file);
void rewind(FILE *file);
int fgetc(FILE *file);
int ungetc(int c, FILE *file);
char *fgets(char *restrict to, int room, FILE *restrict file);
int fputc(int c, FILE *file);
int fputs(const char *restrict text, FILE *restrict file);
int feof(FILE *file);
int ferror(FILE *file);
void clearerr(FILE *file);
int vfprintf(FILE *restrict file, const char *restrict format, va_list args);
int fprintf(FILE *restrict file, const char *restrict format, ...)
    __attribute__((format(printf, 2, 3)));
int printf(const char *restrict format, ...) __attribute__((format(printf, 1, 2)));
int puts(const char *text);
int putchar(int c);
int getchar(void);
void perror(const char *what);
int remove(const char *path);
int rename(const char *from, const char *to);
#define getc(file)    fgetc(file)
#define putc(c, file) fputc(c, file)
#endif
