/* SPDX-License-Identifier: MIT */
#include "lib/delta/inflate_size.h"

#include <stdbool.h>
#include <string.h>

#define BITS_MAX    15  /* of a code */
#define LITERALS    288 /* codes of literals and lengths */
#define DISTANCES   32
#define DISTANCE_OK 30 /* of these mean something */
#define LENGTH_OK   286
#define BLOCK_END   256
#define ORDERS      19

struct bits {
    struct dfota_view bytes;
    uint64_t at; /* in bits */
    bool overrun;
};

/* A canonical code: how many there are of each length, and in which order. */
struct code {
    uint16_t count[BITS_MAX + 1];
    uint16_t symbols[LITERALS];
};

struct job {
    struct bits bits;
    uint64_t contents;
    uint32_t most;
    bool fixed; /* by the fixed codes, whatever these are: */
    struct code literals;
    struct code distances;
};

static unsigned take(struct bits *bits, unsigned count)
{
    unsigned value = 0;

    for (unsigned i = 0; i < count; i++, bits->at++) {
        size_t byte = (size_t)(bits->at / 8);

        if (byte >= bits->bytes.size) {
            bits->overrun = true;
            return 0;
        }
        value |= (bits->bytes.data[byte] >> (bits->at % 8) & 1u) << i;
    }
    return value;
}

/* The next symbol; -1 where there is none. */
static int decode(struct bits *bits, const struct code *code)
{
    int value = 0;
    int first = 0;
    int index = 0;

    for (unsigned length = 1; length <= BITS_MAX && !bits->overrun; length++) {
        int count = code->count[length];

        value |= (int)take(bits, 1);
        if (value - count < first)
            return code->symbols[index + value - first];
        index += count;
        first = (first + count) * 2;
        value *= 2;
    }
    return -1;
}

/* The next bits as a number whose highest comes first. */
static unsigned take_code(struct bits *bits, unsigned count)
{
    unsigned value = 0;

    while (count-- > 0)
        value = value << 1 | take(bits, 1);
    return value;
}

/* The same by the fixed code, whose tables would cost more than what nearly
 * always is no stream is worth. */
static int decode_fixed(struct bits *bits)
{
    unsigned value = take_code(bits, 7);

    if (value < 24)
        return (int)(256 + value);
    value = value << 1 | take(bits, 1);
    if (value < 192)
        return (int)(value - 48);
    if (value < 200)
        return (int)(280 + value - 192);
    value = value << 1 | take(bits, 1);
    return (int)(144 + value - 400);
}

/* Makes a code of its lengths; false where it has too many, or too few unless
 * it is one alone. */
static bool make_code(struct code *code, const uint8_t *lengths, unsigned count)
{
    uint16_t next[BITS_MAX + 1] = {0};
    int left = 1;

    *code = (struct code){{0}, {0}};
    for (unsigned i = 0; i < count; i++)
        code->count[lengths[i]]++;
    code->count[0] = 0;
    for (unsigned length = 1; length <= BITS_MAX; length++) {
        left = 2 * left - code->count[length];
        if (left < 0)
            return false;
    }
    for (unsigned length = 1; length < BITS_MAX; length++)
        next[length + 1] = (uint16_t)(next[length] + code->count[length]);
    for (unsigned i = 0; i < count; i++)
        if (lengths[i] != 0)
            code->symbols[next[lengths[i]]++] = (uint16_t)i;
    return left == 0 || next[BITS_MAX] <= 1;
}

/* Reads the lengths of `count` codes, themselves coded by `code`. */
static bool read_lengths(struct bits *bits, const struct code *code,
                         uint8_t *lengths, unsigned count)
{
    unsigned done = 0;

    while (done < count) {
        int symbol = decode(bits, code);
        unsigned repeat = 1;
        uint8_t length = (uint8_t)symbol;

        if (symbol < 0 || bits->overrun || (symbol == 16 && done == 0))
            return false;
        if (symbol == 16)
            repeat = 3 + take(bits, 2);
        else if (symbol == 17)
            repeat = 3 + take(bits, 3);
        else if (symbol == 18)
            repeat = 11 + take(bits, 7);
        if (symbol >= 16)
            length = symbol == 16 ? lengths[done - 1] : 0;
        if (repeat > count - done)
            return false;
        memset(lengths + done, length, repeat);
        done += repeat;
    }
    return true;
}

static bool read_dynamic(struct job *job)
{
    static const uint8_t order[ORDERS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                          11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct bits *bits = &job->bits;
    unsigned literals = 257 + take(bits, 5);
    unsigned distances = 1 + take(bits, 5);
    unsigned orders = 4 + take(bits, 4);
    uint8_t lengths[LITERALS + DISTANCES] = {0};

    if (literals > LENGTH_OK || distances > DISTANCE_OK)
        return false;
    for (unsigned i = 0; i < orders; i++)
        lengths[order[i]] = (uint8_t)take(bits, 3);
    if (!make_code(&job->literals, lengths, ORDERS))
        return false;
    return read_lengths(bits, &job->literals, lengths, literals + distances) &&
           lengths[BLOCK_END] != 0 &&
           make_code(&job->distances, lengths + literals, distances) &&
           make_code(&job->literals, lengths, literals);
}

static unsigned length_of(struct bits *bits, unsigned symbol)
{
    unsigned code = symbol - 257;
    unsigned extra = code < 8 ? 0 : code / 4 - 1;

    if (code < 8)
        return 3 + code;
    if (code == 28)
        return 258;
    return 3 + ((4 + code % 4) << extra) + take(bits, extra);
}

static uint32_t distance_of(struct bits *bits, unsigned symbol)
{
    unsigned extra = symbol < 4 ? 0 : symbol / 2 - 1;

    if (symbol < 4)
        return 1 + symbol;
    return 1 + ((uint32_t)(2 + symbol % 2) << extra) + take(bits, extra);
}

static int decode_literal(struct job *job)
{
    return job->fixed ? decode_fixed(&job->bits)
                      : decode(&job->bits, &job->literals);
}

static int decode_distance(struct job *job)
{
    return job->fixed ? (int)take_code(&job->bits, 5)
                      : decode(&job->bits, &job->distances);
}

static bool count_tokens(struct job *job)
{
    struct bits *bits = &job->bits;

    while (job->contents <= job->most && !bits->overrun) {
        int symbol = decode_literal(job);
        unsigned length;

        if (symbol < 0 || symbol == BLOCK_END)
            return symbol == BLOCK_END;
        if (symbol < BLOCK_END) {
            job->contents++;
            continue;
        }
        if (symbol >= LENGTH_OK)
            return false;
        length = length_of(bits, (unsigned)symbol);
        symbol = decode_distance(job);
        if (symbol < 0 || symbol >= DISTANCE_OK ||
            distance_of(bits, (unsigned)symbol) > job->contents)
            return false;
        job->contents += length;
    }
    return false;
}

static bool count_stored(struct job *job)
{
    struct bits *bits = &job->bits;
    unsigned size;

    bits->at = (bits->at + 7) / 8 * 8;
    size = take(bits, 16);
    if (take(bits, 16) != (size ^ 0xffff) || bits->overrun)
        return false;
    bits->at += 8 * (uint64_t)size;
    job->contents += size;
    return bits->at <= 8 * (uint64_t)bits->bytes.size;
}

/* One block; `*last` tells whether it is the last one. */
static bool count_block(struct job *job, bool *last)
{
    unsigned kind;

    *last = take(&job->bits, 1);
    kind = take(&job->bits, 2);
    if (kind == 0)
        return count_stored(job);
    if (kind == 3 || job->bits.overrun)
        return false;
    job->fixed = kind == 1;
    if (!job->fixed && !read_dynamic(job))
        return false;
    return count_tokens(job);
}

struct dfota_inflate_size dfota_inflate_measure(struct dfota_view bytes,
                                                uint32_t most)
{
    struct job job = {.bits = {.bytes = bytes}, .most = most};
    struct dfota_inflate_size size = {0};
    bool last = false;
    bool sound = true;

    while (sound && !last)
        sound = count_block(&job, &last) && job.contents <= most;
    size.contents = (uint32_t)job.contents;
    if (job.contents > most)
        size.contents = most;
    size.looked_at = (uint32_t)((job.bits.at + 7) / 8);
    if (sound && !job.bits.overrun)
        size.packed = size.looked_at;
    return size;
}
