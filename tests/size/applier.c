/* SPDX-License-Identifier: MIT */
/*
 * applier.c - the least firmware that applies deltas, to be linked and measured
 *
 * CODING, ISAS, UNPACKING and PACKINGS say with what.  It is never run.
 */
#include "dfota/apply.h"
#include "tests/size/firmware.h"

static const struct dfota_coding *const codings[] = {&CODING, NULL};
static const struct dfota_isa *const isas[] = {ISAS NULL};
static const struct dfota_packing *const packings[] = {PACKINGS NULL};
static const struct dfota_codec *const codecs[] = {&dfota_codec_stored, NULL};

struct dfota_applier applier;

int start(void)
{
    applier.codings = codings;
    applier.isas = isas;
    applier.codecs = codecs;
    applier.unpacking = UNPACKING;
    applier.packings = packings;
    return (int)dfota_apply_delta(&applier, NULL);
}
