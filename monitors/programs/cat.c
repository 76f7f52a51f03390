/* monitors/programs/cat.c -- copies files, or its input if none is named, to its output.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

static int copy(FILE *from)
{
    int c;
    while ((c = fgetc(from)) != EOF)
        if (putchar(c) == EOF)
            return EXIT_FAILURE;
    return ferror(from) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    int status = argc > 1 ? EXIT_SUCCESS : copy(stdin);
    if (status)
        perror(argv[0]);
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file || copy(file)) {
            fprintf(stderr, "%s: %s: %s\n", argv[0], argv[i], strerror(errno));
            status = EXIT_FAILURE;
        }
        if (file)
            fclose(file);
    }
    return status;
}
