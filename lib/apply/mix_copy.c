/* SPDX-License-Identifier: MIT */
#include "lib/apply/mix_sets.h"

/* Salts of the contexts. */
enum salt {
    CLEAN = 16,
    HIT = 20,
    MISS = 24,
    SITE = 28,
    OTHER = 32,
    STRIDE = 36,
    DOUBTFUL = 40,
    GROUP = 44
};

/* While so many bytes in a row were foreseen, the next ones are told of
 * together, up to the next multiple of so many of old. */
#define GROUP_RUN  64
#define GROUP_SIZE 8

/* How many bytes in a row were foreseen, roughly. */
static unsigned rough(uint32_t run)
{
    static const uint16_t steps[] = {16, 32, 64, 128, 512, 2048};
    unsigned step = 8;

    if (run < 8)
        return run;
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        step += run >= steps[i];
    return step;
}

/* All of `size` bytes was as foreseen. */
static void pass(struct dfota_mix_coder *coder, uint32_t size)
{
    coder->miss_history = 0;
    coder->run += size;
}

/* Whether a piece is clean that nothing is known of. */
static bool code_piece(struct dfota_mix_coder *coder, uint32_t size, bool clean)
{
    uint32_t history = coder->clean_history;
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(CLEAN, 0, history & 0xff),
         dfota_mix_hash(CLEAN + 1, 0, history & 0x7),
         dfota_mix_hash(CLEAN + 2, size / 32, history & 1),
         dfota_mix_hash(CLEAN + 3, rough(coder->run), 0)},
        DFOTA_SET_CLEAN};

    return dfota_mix_bit(&coder->content, &contexts, 0, clean) != 0;
}

/* The same of one in a stride that is not, and was up to there. */
static bool code_doubtful(struct dfota_mix_coder *coder, bool clean)
{
    uint32_t doubt = coder->doubt--;
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(DOUBTFUL, doubt, 0),
         dfota_mix_hash(DOUBTFUL + 1, doubt, coder->clean_history & 7),
         dfota_mix_hash(DOUBTFUL + 2, doubt, coder->stride_history & 3),
         dfota_mix_hash(DOUBTFUL + 3, rough(coder->run), 0)},
        DFOTA_SET_CLEAN};

    return dfota_mix_bit(&coder->content, &contexts, 0, clean) != 0;
}

bool dfota_mix_clean(struct dfota_coder *self, uint32_t size, bool clean)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;

    clean = coder->doubt > 0 ? code_doubtful(coder, clean)
                             : code_piece(coder, size, clean);
    coder->clean_history = coder->clean_history << 1 | !clean;
    if (clean)
        pass(coder, size);
    else
        coder->doubt = 0;
    dfota_mix_check(coder, &coder->content.range);
    return clean;
}

/* How many doublings of 2 KiB were foreseen in a row, up to 8. */
static unsigned doublings(uint32_t run)
{
    unsigned count = 0;

    while (count < 8 && run >> count >= 4096)
        count++;
    return count;
}

bool dfota_mix_stride(struct dfota_coder *self, uint32_t size, bool clean)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;
    uint32_t history = coder->stride_history;
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(STRIDE, 0, history & 0xff),
         dfota_mix_hash(STRIDE + 1, 0, history & 0x7),
         dfota_mix_hash(STRIDE + 2, 0, history & 1),
         dfota_mix_hash(STRIDE + 3, doublings(coder->run), 0)},
        DFOTA_SET_CLEAN};

    clean = dfota_mix_bit(&coder->content, &contexts, 0, clean) != 0;
    coder->stride_history = history << 1 | !clean;
    if (clean)
        pass(coder, size);
    else
        coder->doubt = DFOTA_CODER_STRIDE;
    dfota_mix_check(coder, &coder->content.range);
    return clean;
}

/* A byte of a copy, and its neighbours. */
struct place {
    uint32_t old_pos;
    uint32_t pair; /* the two foreseen bytes at a multiple of 2 */
    uint8_t foreseen;
    uint8_t kind;  /* of the site it is in, plus 1; 0 for none */
    uint8_t doubt; /* bytes from here on of which one is not as foreseen; 0
                      where nothing is known of that */
};

/* Whether all bytes of a group are as foreseen.  Nothing was missed for so long
 * that only what they are may tell. */
static bool code_group(struct dfota_mix_coder *coder, uint32_t old_pos,
                       const uint8_t *foreseen, size_t size, bool hit)
{
    unsigned run = rough(coder->run);
    uint8_t bytes[GROUP_SIZE] = {0};
    struct dfota_contexts contexts;

    dfota_bytes_copy(bytes, foreseen, size);
    contexts = (struct dfota_contexts){
        {dfota_mix_hash(GROUP, run, old_pos % 4 + 4 * (uint32_t)size),
         dfota_mix_hash(GROUP + 1, bytes[0], 0),
         dfota_mix_hash(GROUP + 2, bytes[3], 0),
         dfota_mix_hash(GROUP + 3, bytes[7], 0)},
        DFOTA_SET_HIT + run};
    return dfota_mix_bit(&coder->content, &contexts, 0, hit) != 0;
}

/* Whether a byte is as foreseen. */
static bool code_hit(struct dfota_mix_coder *coder, const struct place *place,
                     bool hit)
{
    uint64_t misses = coder->miss_history;
    uint32_t lanes = (misses >> 3 & 1) | (misses >> 6 & 2) | (misses >> 9 & 4) |
                     (misses >> 12 & 8);
    uint32_t where = place->old_pos % 4 + 4u * place->kind + 64u * place->doubt;
    unsigned run = rough(coder->run);
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(HIT, run, where),
         dfota_mix_hash(HIT + 1, misses & 0xff, where & ~2u),
         dfota_mix_hash(HIT + 2, place->foreseen,
                        (uint32_t)(misses & 7) + 8u * place->doubt),
         dfota_mix_hash(HIT + 3, lanes * 16 + run, where)},
        place->kind ? DFOTA_SET_SITE_HIT : DFOTA_SET_HIT + run};

    return dfota_mix_bit(&coder->content, &contexts, 0, hit) != 0;
}

/* A byte that is not as foreseen. */
static uint8_t code_miss(struct dfota_mix_coder *coder,
                         const struct place *place, uint8_t actual)
{
    uint8_t *drift = &coder->drift[place->old_pos % 4];
    uint32_t odd = place->old_pos % 2 + 2u * (place->kind != 0);
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(MISS, place->foreseen, 0),
         dfota_mix_hash(MISS + 1, place->pair, odd),
         dfota_mix_hash(MISS + 2, (uint32_t)coder->tail & 0xff, odd),
         dfota_mix_hash(MISS + 3, (uint8_t)(place->foreseen + *drift), odd)},
        DFOTA_SET_MISS + (place->kind != 0)};

    actual = dfota_mix_byte(&coder->content, &contexts, actual);
    *drift = (uint8_t)(actual - place->foreseen);
    return actual;
}

/* The foreseen bytes at a multiple of 2 of which number `at` is one. */
static uint32_t pair_at(uint32_t old_pos, const uint8_t *foreseen, size_t size,
                        size_t at)
{
    if (old_pos % 2 == 0)
        return foreseen[at] | (at + 1 < size ? foreseen[at + 1] : 0u) << 8;
    return (at > 0 ? foreseen[at - 1] : 0u) | (uint32_t)foreseen[at] << 8;
}

/* Bytes of a copy, foreseen and actual. */
struct span {
    const uint8_t *foreseen;
    uint8_t *actual;
    size_t size;
};

/* Bytes `begin` to `end` of a span one by one; the first is at `place`. */
static void code_each(struct dfota_mix_coder *coder, struct place place,
                      const struct span *span, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++, place.old_pos++) {
        bool hit = span->actual[i] == span->foreseen[i];

        place.foreseen = span->foreseen[i];
        place.pair = pair_at(place.old_pos, span->foreseen, span->size, i);
        if (place.doubt == 1) /* then no other byte can be the wrong one */
            hit = false;
        else
            hit = code_hit(coder, &place, hit);
        if (hit)
            span->actual[i] = place.foreseen;
        else
            span->actual[i] = code_miss(coder, &place, span->actual[i]);
        place.doubt = hit && place.doubt > 0 ? place.doubt - 1 : 0;
        coder->miss_history = coder->miss_history << 1 | !hit;
        coder->run = hit ? coder->run + 1 : 0;
        dfota_mix_remember(coder, span->actual[i]);
    }
}

/* Takes bytes as they were foreseen. */
static void accept(struct dfota_mix_coder *coder, const uint8_t *foreseen,
                   uint8_t *actual, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        actual[i] = foreseen[i];
        dfota_mix_remember(coder, foreseen[i]);
    }
    coder->miss_history <<= size;
    coder->run += (uint32_t)size;
}

/* How many of `left` bytes at `old_pos` are told of together. */
static size_t group_at(const struct dfota_mix_coder *coder, uint32_t old_pos,
                       size_t left)
{
    size_t size = GROUP_SIZE - old_pos % GROUP_SIZE;

    if (coder->run < GROUP_RUN)
        return 1;
    return size < left ? size : left;
}

void dfota_mix_bytes(struct dfota_coder *self, uint32_t old_pos,
                     const uint8_t *foreseen, uint8_t *actual, size_t size)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;
    const struct span span = {foreseen, actual, size};
    size_t at = 0;

    while (at < size) {
        struct place place = {.old_pos = old_pos + (uint32_t)at};
        size_t group = group_at(coder, place.old_pos, size - at);
        bool hit = false;

        if (group > 1) {
            hit = dfota_bytes_equal(actual + at, foreseen + at, group);
            hit = code_group(coder, place.old_pos, foreseen + at, group, hit);
            place.doubt = (uint8_t)group;
        }
        if (hit)
            accept(coder, foreseen + at, actual + at, group);
        else
            code_each(coder, place, &span, at, at + group);
        at += group;
    }
    dfota_mix_check(coder, &coder->content.range);
}

static bool code_guess(struct dfota_mix_coder *coder,
                       const struct dfota_guess *guess, bool right)
{
    uint32_t kind = guess->site->kind * 2u + guess->moved;
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(SITE, kind, guess->source),
         dfota_mix_hash(SITE + 1, coder->site_history & 15, guess->source),
         dfota_mix_hash(SITE + 2, kind, (uint32_t)coder->miss_history & 7),
         dfota_mix_hash(SITE + 3, guess->key, 0)},
        DFOTA_SET_SITE + guess->source};

    right = dfota_mix_bit(&coder->content, &contexts, 0, right) != 0;
    coder->site_history = coder->site_history << 1 | right;
    return right;
}

/* Whether the site is the next best number `at`. */
static bool code_other(struct dfota_mix_coder *coder,
                       const struct dfota_guess *guess, unsigned at, bool right)
{
    uint32_t what = guess->site->kind * 8u + at;
    const struct dfota_contexts contexts = {
        {dfota_mix_hash(OTHER, what, guess->source),
         dfota_mix_hash(OTHER + 1, at, coder->other_history & 0xff),
         dfota_mix_hash(OTHER + 2, at, coder->site_history & 15),
         dfota_mix_hash(OTHER + 3, guess->key, at)},
        DFOTA_SET_OTHER + at};

    return dfota_mix_bit(&coder->content, &contexts, 0, right) != 0;
}

void dfota_mix_site(struct dfota_coder *self, const struct dfota_guess *guess,
                    uint8_t *actual)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;
    size_t size = guess->site->size;
    const struct place place = {.kind = (uint8_t)(guess->site->kind + 1)};
    const struct span span = {guess->first, actual, size};
    unsigned at = 0;

    if (code_guess(coder, guess,
                   dfota_bytes_equal(actual, guess->first, size))) {
        accept(coder, guess->first, actual, size);
        dfota_mix_check(coder, &coder->content.range);
        return;
    }
    while (at < guess->count &&
           !code_other(coder, guess, at,
                       dfota_bytes_equal(actual, guess->others[at], size)))
        at++;
    coder->other_history =
        coder->other_history << 2 | (at < guess->count ? at % 3 : 3);
    if (at < guess->count)
        accept(coder, guess->others[at], actual, size);
    else
        code_each(coder, place, &span, 0, size);
    dfota_mix_check(coder, &coder->content.range);
}
