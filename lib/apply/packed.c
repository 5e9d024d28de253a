/* SPDX-License-Identifier: MIT */
#include "lib/apply/packed.h"

#include "lib/apply/packing.h"

_Static_assert(sizeof(struct dfota_packed_io) <= DFOTA_PACKED_IO_SIZE,
               "input and output fit in the memory counted for them");

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
    unsigned bits = region->lc + region->lp;

    if (region->packing == DFOTA_PACKING_DEFLATE)
        return DFOTA_PACKED_IO_SIZE + DFOTA_DEFLATE_SIZE;
    if (region->packing == DFOTA_PACKING_LZMA2)
        bits = 4;
    return DFOTA_PACKED_IO_SIZE + DFOTA_LZMA_SIZE + (0x600u << bits);
}

uint32_t dfota_pack_memory(const struct dfota_packed_region *region)
{
    return dfota_unpack_memory(region) + DFOTA_PARSE_SIZE;
}

static const struct dfota_packing *
packing_of(const struct dfota_packed_job *job, unsigned id,
           struct dfota_fault *fault)
{
    for (const struct dfota_packing *const *packings = job->packings;
         *packings != NULL; packings++)
        if ((*packings)->first <= id && (*packings)->last >= id)
            return *packings;
    dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, job->region->offset, "PKD-2");
    return NULL;
}

enum dfota_error dfota_filter_turn(const struct dfota_packed_job *job,
                                   bool undoes, struct dfota_fault *fault)
{
    const struct dfota_packed_region *region = job->region;
    const struct dfota_filtered code = {job->contents, region->contents_size,
                                        region->filter_start, undoes};
    const struct dfota_packing *filter;

    if (region->filter == DFOTA_FILTER_NONE)
        return DFOTA_OK;
    filter = packing_of(job, DFOTA_PACKING_FILTERS + region->filter, fault);
    if (filter == NULL)
        return DFOTA_ERR_UNSUPPORTED;
    filter->turn(&code);
    return DFOTA_OK;
}

/* What the stream came to, of which `broken` is the rule; CORRUPT, of `io`,
 * means that it went beyond its end. */
static enum dfota_error result(const struct dfota_packed_io *io, bool whole,
                               const char *broken, struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_ERR_CORRUPT;
    uint64_t at =
        io->read != NULL ? io->next - io->filled + io->at : DFOTA_NO_OFFSET;

    if (io->error && io->error != DFOTA_ERR_CORRUPT)
        return io->error;
    if (whole && !io->full && !io->error && io->left == 0)
        return DFOTA_OK;
    if (io->full) {
        err = DFOTA_ERR_LIMIT;
        broken = "PKD-4";
    }
    return dfota_fail(fault, err, at, broken);
}

static enum dfota_error run(const struct dfota_packed_job *job, bool packs,
                            const char *broken, struct dfota_fault *fault)
{
    const struct dfota_packed_region *region = job->region;
    const struct dfota_packing *packing =
        packing_of(job, region->packing, fault);
    struct dfota_packed_io *io = job->memory;
    uint8_t *memory = job->memory;
    struct dfota_parse *parse = NULL;
    bool whole;

    if (packing == NULL)
        return DFOTA_ERR_UNSUPPORTED;
    *io = (struct dfota_packed_io){.context = job->context,
                                   .read = job->read,
                                   .write = job->write,
                                   .next = region->offset,
                                   .left = region->packed_size};
    if (packs) {
        parse = (void *)(memory + dfota_unpack_memory(region));
        dfota_parse_begin(parse, job);
    }
    whole = packing->run(job, io, parse, memory + DFOTA_PACKED_IO_SIZE);
    if (packs) {
        if (parse->error && parse->error != DFOTA_ERR_CORRUPT)
            return parse->error;
        dfota_packed_flush(io);
        whole = whole && !parse->error;
    }
    return result(io, whole, broken, fault);
}

enum dfota_error dfota_unpack_region(const struct dfota_packed_job *job,
                                     struct dfota_fault *fault)
{
    return run(job, false, "PKD-3", fault);
}

enum dfota_error dfota_pack_region(const struct dfota_packed_job *job,
                                   struct dfota_fault *fault)
{
    return run(job, true, "PKD-5", fault);
}
