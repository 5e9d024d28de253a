/* SPDX-License-Identifier: MIT */
#include "lib/delta/candidates.h"

#include "lib/base/spill.h"
#include "lib/delta/plan.h"

#define LOOK  ((size_t)1 << 20) /* bytes of an image whose sites are counted */
#define BLOCK 4096u             /* bytes of it in a row */
#define FEW   8                 /* 1 in so many of the most sites is chance */

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

/*
 * How many sites an image has more than chance would make, in some of its
 * blocks that lie all over it; only those count that clearly have more.
 */
static size_t excess_of_sites(const struct dfota_candidate *candidate,
                              struct dfota_view image)
{
    size_t stride = image.size / LOOK + 1;
    size_t excess = 0;

    for (size_t at = 0; at < image.size; at += stride * BLOCK) {
        size_t left = image.size - at;
        uint8_t shuffled[BLOCK];
        struct dfota_view bytes = {image.data + at,
                                   left < BLOCK ? left : BLOCK};
        size_t sites = count_sites(candidate, bytes, at, image.size);
        size_t chance;

        dfota_spills_look_at(at, stride * BLOCK);
        shuffle(bytes, shuffled);
        bytes.data = shuffled;
        chance = count_sites(candidate, bytes, at, image.size);
        if (sites > chance + chance / 4)
            excess += sites - chance;
    }
    return excess;
}

uint8_t dfota_candidates_in(struct dfota_view image)
{
    size_t excess[DFOTA_CANDIDATES] = {0};
    size_t most = 0;
    uint8_t set = 1; /* none at all */

    for (unsigned i = 1; i < DFOTA_CANDIDATES; i++) {
        excess[i] = excess_of_sites(&dfota_candidates[i], image);
        most = excess[i] > most ? excess[i] : most;
    }
    for (unsigned i = 1; i < DFOTA_CANDIDATES; i++)
        if (excess[i] > most / FEW)
            set |= (uint8_t)(1u << i);
    return set;
}
