/* SPDX-License-Identifier: MIT */
/*
 * program.h - two images of a program, some of whose functions grew
 *
 * Functions call each other and have pointers to each other; all that is
 * different in new follows from words added at the ends of some.
 */
#ifndef DFOTA_TESTS_SUPPORT_PROGRAM_H
#define DFOTA_TESTS_SUPPORT_PROGRAM_H

#include "tests/support/image_pair.h"

#define PROGRAM_FUNCTIONS 300
#define PROGRAM_BASES     6

enum program_kind { PROGRAM_DATA, PROGRAM_T32, PROGRAM_A32, PROGRAM_A64 };

struct program {
    enum program_kind kind;
    unsigned base_count;           /* 0: there are no pointers */
    uint32_t bases[PROGRAM_BASES]; /* used in turn */
    bool calls;
};

/* Words of function `index`, and how many more of them new has. */
static inline uint32_t program_words(unsigned index, bool new)
{
    return 20 + index * 7 % 50 + (new &&index % 30 == 4 ? 1 + index % 5 : 0);
}

/* Where function `index` begins. */
static inline uint32_t program_address(unsigned index, bool new)
{
    uint32_t words = 0;

    for (unsigned i = 0; i < index; i++)
        words += program_words(i, new);
    return 4 * words;
}

/* A call from `from` to `to`, both in the image. */
static inline uint32_t program_call(enum program_kind kind, uint32_t from,
                                    uint32_t to)
{
    uint32_t distance = to - from;

    if (kind == PROGRAM_A32)
        return 0xeb000000 | ((distance - 8) >> 2 & 0xffffff);
    if (kind == PROGRAM_A64)
        return 0x94000000 | (distance >> 2 & 0x3ffffff);
    distance -= 4;
    return 0xf000 | (distance >> 31) << 10 | (distance >> 12 & 0x3ff) |
           (0xf800 | (distance >> 1 & 0x7ff)) << 16; /* near: I1 = I2 = S */
}

/* What is neither a call nor a pointer. */
static inline uint32_t program_filler(enum program_kind kind, uint32_t random)
{
    switch (kind) {
    case PROGRAM_T32: /* two instructions of 16 bits */
        return (random & 0x1fff1fff) | 0x20002000;
    case PROGRAM_A32:
        return (random & 0x000fffff) | 0xe0800000;
    case PROGRAM_A64:
        return (random & 0x001fffff) | 0x8b000000;
    case PROGRAM_DATA:
        break;
    }
    return (random & 0x00ffffff) | 0x55000000;
}

static inline void program_add_function(const struct program *program,
                                        unsigned index, bool new,
                                        struct dfota_buffer *image)
{
    uint32_t seed = index + 1;
    uint32_t words = program_words(index, new);

    for (uint32_t i = 0; i < words; i++) {
        unsigned other = random_below(&seed, PROGRAM_FUNCTIONS);
        uint32_t to = program_address(other, new);
        uint32_t word = program_filler(program->kind, random_next(&seed));
        unsigned what = random_below(&seed, 8);

        if (what == 0 && program->calls)
            word = program_call(program->kind, (uint32_t)image->size, to);
        else if (what == 1 && program->base_count > 0)
            word = program->bases[other % program->base_count] + to +
                   (program->kind == PROGRAM_T32 ? 1 : 0);
        dfota_buffer_add_le(image, word, 4);
    }
}

/* Both images; image_pair_free() ends them. */
static inline struct image_pair program_make(const struct program *program)
{
    struct image_pair pair = {{0}, {0}};

    for (unsigned i = 0; i < PROGRAM_FUNCTIONS; i++) {
        program_add_function(program, i, false, &pair.old);
        program_add_function(program, i, true, &pair.new);
    }
    return pair;
}

#endif
