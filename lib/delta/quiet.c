/* SPDX-License-Identifier: MIT */
#include "lib/delta/quiet.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/spill.h"
#include "lib/delta/index.h"

#define BLOCK   512u  /* bytes compared at once */
#define MARGIN  1024u /* equal bytes around a stretch that are not quiet */
#define RUN_MIN ((uint32_t)6 << 10) /* bytes of a run that has one in it */

static uint32_t position(const struct dfota_copy *copy, bool in_old)
{
    return in_old ? copy->old_pos : copy->new_pos;
}

static int by_old_pos(const void *a, const void *b)
{
    const struct dfota_copy *x = a;
    const struct dfota_copy *y = b;

    if (x->old_pos != y->old_pos)
        return x->old_pos < y->old_pos ? -1 : 1;
    return x->new_pos < y->new_pos ? -1 : x->new_pos > y->new_pos;
}

/* Adds an equal run, if it is long enough. */
static void add_run(struct dfota_copy run, struct dfota_quiet *quiet)
{
    if (run.length < RUN_MIN)
        return;
    run.new_pos += MARGIN;
    run.old_pos += MARGIN;
    run.length -= 2 * MARGIN;
    dfota_buffer_add(&quiet->by_new, &run, sizeof(run));
}

/* Adds the equal runs of one copy; they begin and end at whole blocks of it. */
static void add_runs(struct dfota_view old, struct dfota_view new,
                     const struct dfota_copy *copy, struct dfota_quiet *quiet)
{
    struct dfota_copy run = {copy->new_pos, copy->old_pos, 0};

    for (uint32_t done = 0, size; done < copy->length; done += size) {
        size = copy->length - done < BLOCK ? copy->length - done : BLOCK;
        dfota_spills_look_at(copy->new_pos + done, size);
        if (memcmp(new.data + copy->new_pos + done,
                   old.data + copy->old_pos + done, size) == 0) {
            run.length += size;
            continue;
        }
        add_run(run, quiet);
        run = (struct dfota_copy){copy->new_pos + done + size,
                                  copy->old_pos + done + size, 0};
    }
    add_run(run, quiet);
}

enum dfota_error dfota_quiet_find(struct dfota_view old, struct dfota_view new,
                                  struct dfota_view copies,
                                  struct dfota_quiet *out,
                                  struct dfota_fault *fault)
{
    const struct dfota_copy *copy = (const void *)copies.data;
    struct dfota_quiet made = {0};
    enum dfota_error err;

    if (!dfota_index_is_small(old.size))
        for (size_t i = 0; i < copies.size / sizeof(*copy); i++)
            add_runs(old, new, &copy[i], &made);
    dfota_buffer_add(&made.by_old, made.by_new.data, made.by_new.size);
    err = dfota_buffer_check(&made.by_new, fault);
    if (!err)
        err = dfota_buffer_check(&made.by_old, fault);
    if (err) {
        dfota_quiet_free(&made);
        return err;
    }
    if (made.by_old.size > 0)
        qsort(made.by_old.data, made.by_old.size / sizeof(*copy), sizeof(*copy),
              by_old_pos);
    *out = made;
    return DFOTA_OK;
}

void dfota_quiet_free(struct dfota_quiet *quiet)
{
    dfota_buffer_free(&quiet->by_new);
    dfota_buffer_free(&quiet->by_old);
    dfota_hash_set_free(&quiet->wanted);
}

size_t dfota_quiet_behind(const struct dfota_buffer *list, bool in_old,
                          uint32_t pos)
{
    const struct dfota_copy *stretches = (const void *)list->data;
    size_t low = 0;
    size_t high = list->size / sizeof(*stretches);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (position(&stretches[middle], in_old) + stretches[middle].length <=
            pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Appends what of one copy is not quiet. */
static void leave_out(const struct dfota_buffer *list, struct dfota_copy copy,
                      struct dfota_buffer *out)
{
    const struct dfota_copy *stretch = (const void *)list->data;
    size_t count = list->size / sizeof(*stretch);

    for (size_t i = dfota_quiet_behind(list, false, copy.new_pos);
         i < count && copy.length > 0; i++) {
        uint32_t before = stretch[i].new_pos - copy.new_pos;
        uint32_t behind = before + stretch[i].length;
        struct dfota_copy part = {copy.new_pos, copy.old_pos, before};

        if (stretch[i].new_pos >= copy.new_pos + copy.length)
            break;
        if (stretch[i].new_pos > copy.new_pos)
            dfota_buffer_add(out, &part, sizeof(part));
        if (behind > copy.length)
            behind = copy.length;
        copy = (struct dfota_copy){copy.new_pos + behind, copy.old_pos + behind,
                                   copy.length - behind};
    }
    if (copy.length > 0)
        dfota_buffer_add(out, &copy, sizeof(copy));
}

void dfota_quiet_leave_out(const struct dfota_quiet *quiet,
                           struct dfota_view copies, struct dfota_buffer *out)
{
    const struct dfota_copy *copy = (const void *)copies.data;

    for (size_t i = 0; i < copies.size / sizeof(*copy); i++)
        leave_out(&quiet->by_new, copy[i], out);
}
