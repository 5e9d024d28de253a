/* SPDX-License-Identifier: MIT */
/* Images on flash, written over the old ones: a function for each step. */
#include "lib/apply/image_job.h"
#include "lib/apply/journal.h"
#include "lib/apply/platform.h"

/* Where in the journal's numbers a step finds what it needs. */
#define TURN_AT    0 /* of the segment in work */
#define DELTA_AT   1 /* CRC32 of the delta that was begun with */
#define ADDRESS_AT 2 /* where in the flash the segment's place is */
#define SIZE_AT    3 /* bytes of the segment */
#define WRITTEN_AT 4 /* whether anything has been overwritten */

static const struct dfota_flash *flash_of(const struct dfota_image_upgrade *up)
{
    return up->platform->flash;
}

static uint32_t number(const struct dfota_image_upgrade *up, unsigned at)
{
    return up->journal.state.numbers[at];
}

/* --- the journal ---------------------------------------------------------- */

static enum dfota_error note(struct dfota_image_upgrade *up,
                             struct dfota_journal_state state,
                             enum dfota_image_step step,
                             struct dfota_fault *fault)
{
    state.flow = DFOTA_FLOW_IMAGES;
    state.step = (uint8_t)step;
    return dfota_journal_note(&up->journal, &state, fault);
}

/* Nothing is left to be done, whether it went well or not. */
static enum dfota_error rest(struct dfota_image_upgrade *up,
                             enum dfota_image_step step,
                             struct dfota_fault *fault)
{
    return note(up, (struct dfota_journal_state){0}, step, fault);
}

enum dfota_image_step
dfota_image_upgrade_step(const struct dfota_image_upgrade *upgrade)
{
    return (enum dfota_image_step)upgrade->journal.state.step;
}

enum dfota_upgrade_mode
dfota_image_upgrade_mode(const struct dfota_image_upgrade *upgrade)
{
    enum dfota_image_step step = dfota_image_upgrade_step(upgrade);

    return step == DFOTA_IMAGE_STEP_IDLE || step == DFOTA_IMAGE_STEP_DONE
               ? DFOTA_MODE_NORMAL
               : DFOTA_MODE_UPGRADE;
}

enum dfota_error dfota_image_upgrade_open(struct dfota_image_upgrade *upgrade,
                                          struct dfota_fault *fault)
{
    const struct dfota_platform *platform = upgrade->platform;
    const struct dfota_flow_limits limits = {DFOTA_FLOW_IMAGES, 0,
                                             DFOTA_IMAGE_STEP_COUNT};
    enum dfota_error err =
        dfota_platform_open(platform, &limits, &upgrade->journal, fault);

    for (unsigned i = 0; !err && i < upgrade->part_count; i++) {
        const struct dfota_area areas[] = {platform->journal, upgrade->package,
                                           upgrade->scratch,
                                           upgrade->parts[i].area};

        err = dfota_platform_check_areas(platform, areas, 4, fault);
    }
    return err;
}

enum dfota_error dfota_image_upgrade_begin(struct dfota_image_upgrade *upgrade,
                                           struct dfota_fault *fault)
{
    if (dfota_image_upgrade_mode(upgrade) != DFOTA_MODE_NORMAL)
        return DFOTA_OK;
    return rest(upgrade, DFOTA_IMAGE_STEP_CHECK, fault);
}

/* --- steps ---------------------------------------------------------------- */

static enum dfota_error run_nothing(struct dfota_image_upgrade *up,
                                    struct dfota_fault *fault)
{
    (void)up;
    (void)fault;
    return DFOTA_OK;
}

/* On to another part; run_stash() sees whether there is anything to do. */
static enum dfota_error enter_part(struct dfota_image_upgrade *up,
                                   unsigned part, struct dfota_fault *fault)
{
    const struct dfota_journal_state state = {
        .part = (uint8_t)part,
        .tries = up->journal.state.tries,
        .numbers = {[WRITTEN_AT] = number(up, WRITTEN_AT)}};

    return note(up, state, DFOTA_IMAGE_STEP_STASH, fault);
}

/* Whether a part is what its delta leads from, or to; `*wanted` says whether
 * there is anything to be done about it. */
static enum dfota_error check_part(const struct dfota_image_upgrade *up,
                                   unsigned part, struct dfota_image_job *job,
                                   bool *wanted, struct dfota_fault *fault)
{
    enum dfota_error err = dfota_image_job_open(up, part, job, fault);

    *wanted = false;
    if (err || job->delta.size == 0 ||
        dfota_in_place_check_new(job->in_place, NULL) == DFOTA_OK)
        return err;
    *wanted = true;
    return dfota_in_place_check_old(job->in_place, fault);
}

static enum dfota_error run_check(struct dfota_image_upgrade *up,
                                  struct dfota_fault *fault)
{
    unsigned found = 0;
    unsigned to_do = 0;

    for (unsigned part = 0; part < up->part_count; part++) {
        struct dfota_image_job job;
        bool wanted;
        enum dfota_error err = check_part(up, part, &job, &wanted, fault);

        if (err)
            return err;
        found += job.delta.size > 0 ? 1 : 0;
        to_do += wanted ? 1 : 0;
    }
    if (found == 0)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "UPG-8");
    if (to_do == 0)
        return rest(up, DFOTA_IMAGE_STEP_DONE, fault);
    return enter_part(up, 0, fault);
}

static enum dfota_error save_range(struct dfota_image_job *job,
                                   struct dfota_stash_range range)
{
    uint8_t chunk[DFOTA_FLASH_PAGE];
    enum dfota_error err = DFOTA_OK;

    for (uint32_t done = 0, part; !err && done < range.size; done += part) {
        part = range.size - done;
        part = part < sizeof(chunk) ? part : (uint32_t)sizeof(chunk);
        err = job->flash->read(job->flash->context,
                               job->image.address + range.old_pos + done, chunk,
                               part);
        if (!err)
            err = dfota_flash_writer_add(&job->writer, chunk, part);
    }
    return err;
}

/* The package may be another one than was checked, so the part is once more. */
static enum dfota_error run_stash(struct dfota_image_upgrade *up,
                                  struct dfota_fault *fault)
{
    struct dfota_journal_state state = up->journal.state;
    struct dfota_image_job job;
    bool wanted;
    enum dfota_error err;

    if (state.part >= up->part_count)
        return rest(up, DFOTA_IMAGE_STEP_DONE, fault);
    err = check_part(up, state.part, &job, &wanted, fault);
    if (err)
        return err;
    if (!wanted)
        return enter_part(up, state.part + 1U, fault);
    dfota_flash_writer_open(&job.writer, job.flash, job.stash);
    for (uint32_t i = 0; !err && i < job.header.order.stash_count; i++)
        err = save_range(&job, dfota_in_place_stash(job.in_place, i));
    if (!err)
        err = dfota_flash_writer_end(&job.writer);
    if (err)
        return err;
    state.numbers[TURN_AT] = 0;
    state.numbers[DELTA_AT] = job.crc32;
    return note(up, state, DFOTA_IMAGE_STEP_MAKE, fault);
}

/* What the state says is in the scratch area goes to its place. */
static enum dfota_error run_copy(struct dfota_image_upgrade *up,
                                 struct dfota_fault *fault)
{
    struct dfota_journal_state state = up->journal.state;
    enum dfota_error err =
        dfota_flash_copy(flash_of(up), up->scratch.address,
                         number(up, ADDRESS_AT), number(up, SIZE_AT));

    if (err)
        return err;
    state.numbers[TURN_AT]++;
    return note(up, state, DFOTA_IMAGE_STEP_MAKE, fault);
}

/* Makes the segment whose turn it is, in the scratch area. */
static enum dfota_error make_segment(struct dfota_image_upgrade *up,
                                     struct dfota_image_job *job,
                                     struct dfota_fault *fault)
{
    struct dfota_journal_state state = up->journal.state;
    uint32_t turn = state.numbers[TURN_AT];
    struct dfota_segment segment = dfota_in_place_segment(job->in_place, turn);
    enum dfota_error err;

    dfota_flash_writer_open(&job->writer, job->flash, up->scratch.address);
    err = dfota_in_place_make(job->in_place, turn, fault);
    if (!err)
        err = dfota_flash_writer_end(&job->writer);
    if (err)
        return err;
    state.numbers[ADDRESS_AT] = job->image.address + segment.new_pos;
    state.numbers[SIZE_AT] = segment.size;
    state.numbers[WRITTEN_AT] = 1;
    return note(up, state, DFOTA_IMAGE_STEP_COPY, fault);
}

/*
 * Opens the delta of the part in work.  Another one than was begun with is only
 * taken where it needs no old image; then that part is made from its beginning.
 */
static enum dfota_error open_part(struct dfota_image_upgrade *up,
                                  struct dfota_image_job *job,
                                  struct dfota_fault *fault)
{
    struct dfota_journal_state state = up->journal.state;
    enum dfota_error err = dfota_image_job_open(up, state.part, job, fault);

    if (err || (job->delta.size > 0 && job->crc32 == state.numbers[DELTA_AT]))
        return err;
    if (job->delta.size == 0 || job->header.old_size > 0)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, job->delta.address,
                          "UPG-7");
    state.numbers[TURN_AT] = 0;
    state.numbers[DELTA_AT] = job->crc32;
    return note(up, state, DFOTA_IMAGE_STEP_MAKE, fault);
}

static enum dfota_error run_make(struct dfota_image_upgrade *up,
                                 struct dfota_fault *fault)
{
    struct dfota_image_job job;
    enum dfota_error err = open_part(up, &job, fault);

    while (!err &&
           number(up, TURN_AT) < dfota_in_place_segments(job.in_place)) {
        err = make_segment(up, &job, fault);
        if (!err)
            err = run_copy(up, fault);
    }
    if (!err)
        err = dfota_in_place_check_new(job.in_place, fault);
    if (!err)
        err = enter_part(up, up->journal.state.part + 1U, fault);
    return err;
}

/* What follows on an error: nothing, another try, or the end. */
static enum dfota_error fail(struct dfota_image_upgrade *up,
                             enum dfota_error error)
{
    struct dfota_journal_state state = up->journal.state;
    enum dfota_error err = DFOTA_OK;

    if (up->journal.lost)
        return error;
    if (dfota_platform_is_final(error) && state.numbers[WRITTEN_AT] == 0) {
        err = rest(up, DFOTA_IMAGE_STEP_IDLE, NULL);
    } else if (up->retries > 0) {
        state.tries++;
        err = state.tries <= up->retries
                  ? note(up, state, dfota_image_upgrade_step(up), NULL)
                  : rest(up, DFOTA_IMAGE_STEP_IDLE, NULL);
    }
    return err ? DFOTA_ERR_IO : error;
}

enum dfota_error dfota_image_upgrade_run(struct dfota_image_upgrade *upgrade,
                                         struct dfota_fault *fault)
{
    static enum dfota_error (*const steps[DFOTA_IMAGE_STEP_COUNT])(
        struct dfota_image_upgrade *, struct dfota_fault *) = {
        [DFOTA_IMAGE_STEP_IDLE] = run_nothing,
        [DFOTA_IMAGE_STEP_CHECK] = run_check,
        [DFOTA_IMAGE_STEP_STASH] = run_stash,
        [DFOTA_IMAGE_STEP_MAKE] = run_make,
        [DFOTA_IMAGE_STEP_COPY] = run_copy,
        [DFOTA_IMAGE_STEP_DONE] = run_nothing,
    };
    enum dfota_error err = DFOTA_OK;

    if (upgrade->journal.lost)
        err = dfota_image_upgrade_open(upgrade, fault);
    if (err)
        return err;
    err = steps[upgrade->journal.state.step](upgrade, fault);
    return err ? fail(upgrade, err) : DFOTA_OK;
}
