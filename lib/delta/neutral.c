/* SPDX-License-Identifier: MIT */
#include "lib/delta/neutral.h"

#include <string.h>

#include "lib/apply/site_bits.h"

/* Bits of what sites may reach.  They are seen from the multiple of that before
 * the target, and the longest reach that they have is taken. */
static const uint8_t reaches[] = {24, 20, 19};

#define REACH_BACK 17 /* the same for those that lead back only */

/* Makes a site lead to `target` from a position that only `target` decides. */
static void write_from_afar(const struct dfota_isa *isa,
                            const struct dfota_site *site, uint8_t *bytes,
                            uint32_t target)
{
    if (isa->write(site, bytes, 0, target))
        return;
    for (size_t i = 0; i < sizeof(reaches); i++)
        if (isa->write(site, bytes, target >> reaches[i] << reaches[i], target))
            return;
    (void)isa->write(site, bytes, ((target >> REACH_BACK) + 1) << REACH_BACK,
                     target);
}

/* A task, and where the byte at `begin` goes. */
struct job {
    const struct dfota_neutral_task *task;
    struct dfota_predictor reader; /* whose pointers lead into the image */
    uint32_t begin;
    uint8_t *out;
};

/* Makes all sites from `begin` to `end` neutral. */
static void make_sites(const struct job *job, uint32_t begin, uint32_t end)
{
    const struct dfota_neutral_task *task = job->task;
    struct dfota_site_walk walk =
        dfota_sites_from(&job->reader, task->regions, task->image, begin, end);
    struct dfota_site site;

    while (dfota_sites_next(&walk, &site)) {
        uint8_t *at = job->out + (walk.pos - site.size - job->begin);

        if (task->leads != NULL)
            site.target +=
                dfota_leads_shift(task->leads, task->predictor,
                                  dfota_predict_key(task->predictor, &site));
        if (site.kind == DFOTA_SITE_POINTER32)
            dfota_put32(at, site.target);
        else
            write_from_afar(job->reader.isas[walk.dialect], &site, at,
                            site.target);
    }
}

void dfota_neutral_make(const struct dfota_neutral_task *task, uint32_t begin,
                        uint32_t end, uint8_t *out)
{
    static const struct dfota_quiet nothing = {.by_new = {0}};
    const struct dfota_quiet *quiet =
        task->quiet != NULL ? task->quiet : &nothing;
    bool in_old = task->leads != NULL;
    const struct dfota_buffer *list = in_old ? &quiet->by_old : &quiet->by_new;
    const struct dfota_copy *stretch = (const void *)list->data;
    size_t count = list->size / sizeof(*stretch);
    struct job job = {task, *task->predictor, begin, out};

    job.reader.old_size = (uint32_t)task->image.size;
    if (begin < end)
        memcpy(out, task->image.data + begin, end - begin);
    for (size_t i = dfota_quiet_behind(list, in_old, begin);
         i < count && begin < end; i++) {
        uint32_t pos = in_old ? stretch[i].old_pos : stretch[i].new_pos;

        if (pos >= end)
            break;
        if (pos > begin)
            make_sites(&job, begin, pos);
        if (pos + stretch[i].length > begin)
            begin = pos + stretch[i].length;
    }
    if (begin < end)
        make_sites(&job, begin, end);
}
