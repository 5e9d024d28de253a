/* SPDX-License-Identifier: MIT */
/*
 * flows.c - a firmware with every kind of upgrade, to be linked and measured
 *
 * ISAS says for which architectures.  It is never run.
 */
#include "dfota/upgrade.h"
#include "tests/size/firmware.h"

static const struct dfota_coding *const codings[] = {&dfota_coding_mixed, NULL};
static const struct dfota_isa *const isas[] = {ISAS NULL};
static const struct dfota_codec *const codecs[] = {&dfota_codec_stored,
                                                   &dfota_codec_mixed, NULL};

struct dfota_platform platform;
struct dfota_mini_upgrade mini;
struct dfota_image_upgrade images;

int start(void)
{
    platform.codings = codings;
    platform.isas = isas;
    platform.codecs = codecs;
    if (dfota_mini_upgrade_open(&mini, NULL) ||
        dfota_mini_upgrade_begin(&mini, NULL) ||
        dfota_mini_upgrade_abandon(&mini, NULL) ||
        dfota_mini_upgrade_run(&mini, NULL))
        return 1;
    return dfota_image_upgrade_open(&images, NULL) ||
           dfota_image_upgrade_begin(&images, NULL) ||
           dfota_image_upgrade_run(&images, NULL);
}
