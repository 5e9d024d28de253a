/* SPDX-License-Identifier: MIT */
#include "lib/delta/candidates.h"

#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/plan.h"

#define LOOK   ((size_t)1 << 20) /* bytes of an image whose sites are counted */
#define BLOCK  4096u             /* bytes of it in a row */
#define SHARES 16                /* of the blocks, to be shared by threads */
#define FEW    8                 /* 1 in so many of the most sites is chance */

const struct dfota_candidate dfota_candidates[DFOTA_CANDIDATES] = {
    {0, 0, 0},
    {DFOTA_ISA_T32, DFOTA_T32_CALLS,
     DFOTA_T32_BRANCHES | DFOTA_T32_EXCHANGES | DFOTA_T32_VALUES |
         DFOTA_T32_NEAR},
    {DFOTA_ISA_A32, DFOTA_A32_CALLS, DFOTA_A32_VALUES | DFOTA_A32_NEAR},
    {DFOTA_ISA_A64, DFOTA_A64_CALLS | DFOTA_A64_PAGES, DFOTA_A64_NEAR},
    {DFOTA_ISA_RISCV, DFOTA_RISCV_CALLS | DFOTA_RISCV_PAIRS,
     DFOTA_RISCV_VALUES | DFOTA_RISCV_NEAR | DFOTA_RISCV_SHORT_CALLS},
    {DFOTA_ISA_X86, DFOTA_X86_CALLS | DFOTA_X86_BRANCHES, DFOTA_X86_OPERANDS},
    {DFOTA_ISA_XTENSA, DFOTA_XTENSA_CALLS | DFOTA_XTENSA_LITERALS,
     DFOTA_XTENSA_NEAR},
};

/*
 * Sites of an architecture's first classes, among bytes that come from `pos` of
 * an image, that lead into that image.
 */
static size_t count_sites(const struct dfota_candidate *candidate,
                          struct dfota_view bytes, size_t pos,
                          size_t image_size)
{
    const struct dfota_isa *isa = dfota_plan_isa(candidate->isa);
    size_t count = 0;

    for (size_t at = 0; at + isa->step <= bytes.size;) {
        struct dfota_site site;

        if (!isa->read(candidate->classes, bytes.data + at, bytes.size - at,
                       (uint32_t)(pos + at), &site)) {
            at += isa->step;
            continue;
        }
        count += !site.absolute && site.target < image_size;
        at += site.size;
    }
    return count;
}

/* The same bytes in another order, for how many sites chance makes. */
static void shuffle(struct dfota_view bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes.size; i++)
        out[i] = bytes.data[i * (uint64_t)0x9e3779b1 % bytes.size];
}

/* How many sites there are more than chance would make, in some blocks that lie
 * all over an image; only those count that clearly have more. */
struct count {
    struct dfota_view image;
    size_t stride; /* one block in so many is looked at */
    size_t excess[DFOTA_CANDIDATES][SHARES];
};

/* Counts those in the block at `at`. */
static void count_block(struct count *count, size_t share, size_t at)
{
    struct dfota_view image = count->image;
    size_t left = image.size - at;
    uint8_t shuffled[BLOCK];
    struct dfota_view bytes = {image.data + at, left < BLOCK ? left : BLOCK};
    struct dfota_view chaos = {shuffled, bytes.size};

    dfota_spills_look_at(at, count->stride * BLOCK);
    shuffle(bytes, shuffled);
    for (unsigned i = 1; i < DFOTA_CANDIDATES; i++) {
        const struct dfota_candidate *candidate = &dfota_candidates[i];
        size_t sites = count_sites(candidate, bytes, at, image.size);
        size_t chance = count_sites(candidate, chaos, at, image.size);

        if (sites > chance + chance / 4)
            count->excess[i][share] += sites - chance;
    }
}

/* Task: counts those in one share of the blocks. */
static void count_share(void *context, size_t share)
{
    struct count *count = context;
    size_t step = count->stride * BLOCK;

    for (size_t at = share * step; at < count->image.size; at += SHARES * step)
        count_block(count, share, at);
}

uint8_t dfota_candidates_in(struct dfota_view image, unsigned threads)
{
    struct count count = {.image = image, .stride = image.size / LOOK + 1};
    size_t excess[DFOTA_CANDIDATES] = {0};
    size_t most = 0;
    uint8_t set = 1; /* none at all */

    dfota_parallel(threads, SHARES, count_share, &count);
    for (unsigned i = 1; i < DFOTA_CANDIDATES; i++) {
        for (unsigned share = 0; share < SHARES; share++)
            excess[i] += count.excess[i][share];
        most = excess[i] > most ? excess[i] : most;
    }
    for (unsigned i = 1; i < DFOTA_CANDIDATES; i++)
        if (excess[i] > most / FEW)
            set |= (uint8_t)(1u << i);
    return set;
}
