/* SPDX-License-Identifier: MIT */
/*
 * replay.c - runs a fuzz target over its corpus, under any compiler
 *
 * Each argument is a seed: a .hex file, bytes as two hex digits with comments
 * from # to the end of the line, or any other file as it is.  The target sees
 * the seed and every truncation of it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"

#define SEED_MAX ((size_t)1 << 20) /* bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Turns hex text into the bytes it stands for, in place. */
static void parse_hex(struct dfota_buffer *seed)
{
    bool comment = false;
    size_t digits = 0;

    for (size_t i = 0; i < seed->size; i++) {
        uint8_t c = seed->data[i];
        uint8_t nibble;

        if (c == '#' || c == '\n')
            comment = c == '#';
        if (comment || !isxdigit(c))
            continue;
        nibble = (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        if (digits % 2 == 0)
            seed->data[digits / 2] = (uint8_t)(nibble << 4);
        else
            seed->data[digits / 2] |= nibble;
        digits++;
    }
    seed->size = digits / 2;
}

/* A copy of exactly `size` bytes, so that a sanitizer sees every overrun. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size != 0 ? size : 1);

    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s SEED...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        struct dfota_buffer seed = {0};
        const char *dot = strrchr(argv[i], '.');

        if (dfota_file_read(argv[i], SEED_MAX, &seed, NULL)) {
            perror(argv[i]);
            return 1;
        }
        if (dot != NULL && strcmp(dot, ".hex") == 0)
            parse_hex(&seed);
        for (size_t size = 0; size <= seed.size; size++)
            run(seed.data, size);
        dfota_buffer_free(&seed);
    }
    return 0;
}
