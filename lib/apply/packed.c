/* SPDX-License-Identifier: MIT */
#include "lib/apply/packed.h"

#include "lib/apply/packing.h"

static bool filter_known(uint8_t filter, uint32_t start)
{
    if (filter == DFOTA_FILTER_ARM || filter == DFOTA_FILTER_ARM64)
        return start % 4 == 0;
    if (filter == DFOTA_FILTER_THUMB)
        return start % 2 == 0;
    return filter == DFOTA_FILTER_NONE || filter == DFOTA_FILTER_X86;
}

enum dfota_error dfota_packed_check(const struct dfota_packed_region *region,
                                    struct dfota_fault *fault)
{
    bool lzma = region->packing == DFOTA_PACKING_LZMA;

    if (region->packing > DFOTA_PACKING_DEFLATE || region->contents_size == 0 ||
        region->contents_size > DFOTA_TOKEN_CONTENTS_MAX ||
        region->packed_size > UINT32_MAX - region->offset || region->lc > 4 ||
        region->lp > 4 || region->lc + region->lp > 4 || region->pb > 4 ||
        !filter_known(region->filter, region->filter_start) ||
        (!lzma && (region->lc != 0 || region->lp != 0 || region->pb != 0 ||
                   region->end_marker)))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, region->offset, "PKD-1");
    return DFOTA_OK;
}

uint32_t dfota_unpack_memory(const struct dfota_packed_region *region)
{
    if (region->packing == DFOTA_PACKING_DEFLATE)
        return DFOTA_DEFLATE_SIZE;
    if (region->packing == DFOTA_PACKING_LZMA2)
        return DFOTA_LZMA_SIZE + (0x600u << 4);
    return DFOTA_LZMA_SIZE + (0x600u << (region->lc + region->lp));
}

uint32_t dfota_pack_memory(const struct dfota_packed_region *region)
{
    return dfota_unpack_memory(region) + DFOTA_PARSE_SIZE;
}

static const struct dfota_packing *
packing_of(const struct dfota_packing *const *packings,
           const struct dfota_packed_region *region)
{
    for (; *packings != NULL; packings++)
        if ((*packings)->first <= region->packing &&
            (*packings)->last >= region->packing)
            return *packings;
    return NULL;
}

enum dfota_error dfota_unpack_region(const struct dfota_unpack_job *job,
                                     struct dfota_fault *fault)
{
    const struct dfota_packing *packing =
        packing_of(job->packings, job->region);

    if (packing == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, job->region->offset,
                          "PKD-2");
    return packing->unpack(job, fault);
}

enum dfota_error dfota_pack_region(const struct dfota_pack_job *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_packing *packing =
        packing_of(job->packings, job->region);
    struct dfota_parse *parse = job->memory;
    uint8_t *memory = job->memory;

    if (packing == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, job->region->offset,
                          "PKD-2");
    dfota_parse_begin(parse, job);
    return packing->pack(job, parse, memory + DFOTA_PARSE_SIZE, fault);
}
