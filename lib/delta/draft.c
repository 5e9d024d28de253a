/* SPDX-License-Identifier: MIT */
#include "lib/delta/draft.h"

#include <stdlib.h>

#include "lib/delta/budget.h"
#include "lib/delta/records.h"
#include "lib/delta/trials.h"

void dfota_draft_free(struct dfota_draft *draft)
{
    dfota_buffer_free(&draft->records);
    dfota_quiet_free(&draft->quiet);
    *draft = (struct dfota_draft){0};
}

/* Replaces the records. */
static void set_records(struct dfota_draft *draft, struct dfota_buffer *records)
{
    dfota_buffer_free(&draft->records);
    draft->records = *records;
    *records = (struct dfota_buffer){0};
    draft->plan.records = (const void *)draft->records.data;
    draft->plan.record_count =
        draft->records.size / sizeof(struct dfota_record);
}

/* The dialects that `records` have in new; `count` of them; each as far as it
 * goes. */
static void take_dialects(const struct dfota_plan *from,
                          struct dfota_record *records, size_t count)
{
    size_t at = 0;
    uint32_t from_end = 0;
    uint32_t begin = 0;

    for (size_t i = 0; i < count; i++) {
        /* a record is what lies where its copy begins */
        uint32_t pos = begin + records[i].insert;

        while (at < from->record_count && from_end <= pos) {
            from_end += from->records[at].insert + from->records[at].copy;
            at++;
        }
        if (at > 0)
            records[i].dialect = from->records[at - 1].dialect;
        begin = pos + records[i].copy;
    }
}

enum dfota_error dfota_draft_set_copies(struct dfota_draft *draft,
                                        struct dfota_view copies,
                                        struct dfota_fault *fault)
{
    struct dfota_buffer records = {0};
    struct dfota_quiet quiet = {0};
    enum dfota_error err = dfota_quiet_find(draft->plan.old, draft->plan.new,
                                            copies, &quiet, fault);

    if (err)
        return err;
    dfota_records_make(copies, draft->plan.new, 0, &records);
    err = dfota_buffer_check(&records, fault);
    if (err) {
        dfota_buffer_free(&records);
        dfota_quiet_free(&quiet);
        return err;
    }
    dfota_quiet_free(&draft->quiet);
    draft->quiet = quiet;
    take_dialects(&draft->plan, (void *)records.data,
                  records.size / sizeof(struct dfota_record));
    set_records(draft, &records);
    draft->plan.stride = dfota_trials_stride(&draft->plan, &draft->quiet);
    draft->cost = 0;
    return DFOTA_OK;
}

enum dfota_error dfota_draft_split(struct dfota_draft *draft,
                                   struct dfota_fault *fault)
{
    uint8_t plain = (uint8_t)(draft->plan.prediction.dialect_count + 1);
    struct dfota_buffer records = {0};
    enum dfota_error err;

    dfota_records_split(dfota_buffer_view(&draft->records), draft->plan.new,
                        plain, &records);
    err = dfota_buffer_check(&records, fault);
    if (err)
        dfota_buffer_free(&records);
    else
        set_records(draft, &records);
    return err;
}

/* --- sketches ------------------------------------------------------------- */

static void add_region(struct dfota_buffer *list, uint32_t begin,
                       uint8_t dialect)
{
    struct dfota_region region = {begin, dialect};

    dfota_buffer_add(list, &region, sizeof(region));
}

static int by_begin(const void *a, const void *b)
{
    const struct dfota_region *x = a;
    const struct dfota_region *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->dialect - y->dialect;
}

/* Fills the lists of copies and regions. */
static void draw(const struct dfota_plan *plan, struct dfota_sketch *sketch)
{
    uint32_t new_pos = 0;

    for (size_t i = 0; i < plan->record_count; i++) {
        const struct dfota_record *record = &plan->records[i];
        struct dfota_copy copy = {new_pos + record->insert, record->old_pos,
                                  record->copy};

        add_region(&sketch->new_list, new_pos, record->dialect);
        if (copy.length > 0) {
            dfota_buffer_add(&sketch->copies, &copy, sizeof(copy));
            add_region(&sketch->old_list, copy.old_pos, record->dialect);
        }
        new_pos = copy.new_pos + copy.length;
    }
}

static struct dfota_regions regions_of(const struct dfota_buffer *list)
{
    return (struct dfota_regions){(const void *)list->data,
                                  list->size / sizeof(struct dfota_region)};
}

enum dfota_error dfota_sketch_open(struct dfota_draft *draft, uint32_t ram,
                                   struct dfota_sketch *out,
                                   struct dfota_fault *fault)
{
    struct dfota_plan *plan = &draft->plan;
    enum dfota_error err;

    *out = (struct dfota_sketch){.quiet = &draft->quiet};
    draw(plan, out);
    dfota_budget_tables(plan, ram);
    dfota_quiet_leave_out(&draft->quiet, dfota_buffer_view(&out->copies),
                          &out->active);
    err = dfota_buffer_check(&out->copies, fault);
    if (!err)
        err = dfota_buffer_check(&out->active, fault);
    if (!err)
        err = dfota_buffer_check(&out->old_list, fault);
    if (!err)
        err = dfota_buffer_check(&out->new_list, fault);
    if (!err)
        err = dfota_rehearsal_open(plan, &out->rehearsal, fault);
    if (err) {
        dfota_sketch_close(out);
        return err;
    }
    if (out->old_list.size > 0)
        qsort(out->old_list.data,
              out->old_list.size / sizeof(struct dfota_region),
              sizeof(struct dfota_region), by_begin);
    out->old_regions = regions_of(&out->old_list);
    out->new_regions = regions_of(&out->new_list);
    out->pairing =
        (struct dfota_pairing){plan->old,
                               plan->new,
                               (const void *)out->active.data,
                               out->active.size / sizeof(struct dfota_copy),
                               draft->pairs_most,
                               draft->threads};
    return DFOTA_OK;
}

void dfota_sketch_close(struct dfota_sketch *sketch)
{
    dfota_rehearsal_close(&sketch->rehearsal);
    dfota_buffer_free(&sketch->copies);
    dfota_buffer_free(&sketch->active);
    dfota_buffer_free(&sketch->old_list);
    dfota_buffer_free(&sketch->new_list);
}
