/* SPDX-License-Identifier: MIT */
/*
 * packed.c - the least firmware that takes packed regions apart and makes them,
 * to be linked and measured
 *
 * PACKINGS says of which kinds.  It is never run; what it has anyway is in
 * firmware.h.
 */
#include "lib/apply/packed.h"
#include "tests/size/firmware.h"

static const struct dfota_packing *const packings[] = {PACKINGS NULL};

struct dfota_packed_region region;
struct dfota_packed_job unpack;
struct dfota_packed_job pack;

int start(void)
{
    unpack.packings = packings;
    pack.packings = packings;
    if (dfota_packed_check(&region, NULL) ||
        dfota_unpack_memory(&region) > dfota_pack_memory(&region) ||
        dfota_unpack_region(&unpack, NULL))
        return 1;
    return dfota_filter_turn(&unpack, true, NULL) ||
           dfota_filter_turn(&pack, false, NULL) ||
           dfota_pack_region(&pack, NULL);
}
