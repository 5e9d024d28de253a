/* SPDX-License-Identifier: MIT */
/* Images on flash, written over the old ones: a function for each step. */
#include "dfota/in_place.h"
#include "lib/apply/journal.h"
#include "lib/apply/platform.h"
#include "lib/apply/zip_local.h"

/* Where in the journal's numbers a step finds what it needs. */
#define TURN_AT           0 /* of the segment in work */
#define DELTA_AT          1 /* CRC32 of the delta that was begun with */
#define ADDRESS_AT        2 /* where in the flash the segment's place is */
#define SIZE_AT           3 /* bytes of the segment */
#define WRITTEN_AT        4 /* whether anything has been overwritten */

#define CENTRAL_SIGNATURE 0x02014b50U
#define LOCAL_MAX         (DFOTA_ZIP_LOCAL_SIZE + DFOTA_ZIP_NAME_MAX)

/* A delta in the package, and the image that it is for. */
struct job {
    const struct dfota_flash *flash;
    struct dfota_area delta; /* size 0: there is none */
    uint32_t crc32;          /* of the delta */
    struct dfota_area image; /* the part's */
    uint32_t stash;          /* where it is */
    struct dfota_delta_header header;
    struct dfota_flash_writer writer;
    struct dfota_applier applier;
    struct dfota_in_place *in_place;
};

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

/* --- the package ---------------------------------------------------------- */

/* Reads the local header at `at` in the package; `local->name` is in `bytes`.
 * Where the entries have come to their end, `local->name_size` is 0. */
static enum dfota_error read_local(const struct dfota_image_upgrade *up,
                                   uint32_t at, uint8_t bytes[LOCAL_MAX],
                                   struct dfota_zip_local *local,
                                   struct dfota_fault *fault)
{
    const struct dfota_flash *flash = flash_of(up);
    uint32_t left = up->package_size - at;
    uint32_t size = left < LOCAL_MAX ? left : LOCAL_MAX;
    struct dfota_cursor cursor = dfota_cursor(bytes, size);
    struct dfota_cursor peek = dfota_cursor(bytes, size);
    enum dfota_error err =
        flash->read(flash->context, up->package.address + at, bytes, size);

    *local = (struct dfota_zip_local){0};
    if (err || dfota_cursor_le(&peek, 4) == CENTRAL_SIGNATURE)
        return err;
    err = dfota_zip_local_read(&cursor, at, local, fault);
    if (!err && local->size > left - local->header_size)
        err = dfota_fail(fault, DFOTA_ERR_TRUNCATED, up->package_size, "ZIP-3");
    return err;
}

/* Finds the delta of a part; `job->delta.size` is 0 where there is none. */
static enum dfota_error find_delta(const struct dfota_image_upgrade *up,
                                   const char *entry, struct job *job,
                                   struct dfota_fault *fault)
{
    uint32_t at = 0;

    job->delta = (struct dfota_area){0};
    if (up->package_size > up->package.size)
        return dfota_fail(fault, DFOTA_ERR_USAGE, up->package.address,
                          "FLASH-2");
    for (;;) {
        uint8_t bytes[LOCAL_MAX];
        struct dfota_zip_local local;
        enum dfota_error err = read_local(up, at, bytes, &local, fault);

        if (err || local.name_size == 0)
            return err;
        if (dfota_zip_local_is(&local, entry)) {
            job->delta.address = up->package.address + at + local.header_size;
            job->delta.size = local.size;
            job->crc32 = local.crc32;
            return DFOTA_OK;
        }
        at += local.header_size + local.size;
    }
}

/* Whether the delta is whole; reads its header. */
static enum dfota_error check_delta(struct job *job, struct dfota_fault *fault)
{
    uint8_t head[DFOTA_DELTA_HEAD_MAX];
    uint32_t size = job->delta.size;
    uint32_t crc32;
    enum dfota_error err = dfota_flash_crc32(job->flash, job->delta, &crc32);

    if (!err && crc32 != job->crc32)
        err = dfota_fail(fault, DFOTA_ERR_DIGEST, job->delta.address, "ZIP-16");
    if (err)
        return err;
    size = size < sizeof(head) ? size : (uint32_t)sizeof(head);
    err = job->flash->read(job->flash->context, job->delta.address, head, size);
    if (err)
        return err;
    return dfota_delta_read_header(head, size, job->delta.size, &job->header,
                                   fault);
}

/* Whether scratch and image are such as the delta was made for. */
static enum dfota_error check_fit(const struct dfota_image_upgrade *up,
                                  const struct job *job,
                                  struct dfota_fault *fault)
{
    const struct dfota_order *order = &job->header.order;
    uint32_t segment = order->segment_size;

    if (segment == 0 || segment % job->flash->sector_size != 0 ||
        segment > up->scratch.size ||
        order->stash_size > up->scratch.size - segment ||
        job->header.old_size > job->image.size ||
        job->header.new_size > job->image.size)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, job->delta.address,
                          "UPG-6");
    return DFOTA_OK;
}

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct job *job = context;

    return job->flash->read(job->flash->context, job->delta.address + offset,
                            out, size);
}

static enum dfota_error read_image(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct job *job = context;

    return job->flash->read(job->flash->context, job->image.address + offset,
                            out, size);
}

static enum dfota_error read_stash(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct job *job = context;

    return job->flash->read(job->flash->context, job->stash + offset, out,
                            size);
}

static enum dfota_error write_segment(void *context, const void *bytes,
                                      size_t size)
{
    struct job *job = context;

    return dfota_flash_writer_add(&job->writer, bytes, size);
}

/*
 * Finds the delta of a part, checks it, and opens it.  Where there is none,
 * `job->delta.size` is 0 and nothing is open.
 */
static enum dfota_error open_job(const struct dfota_image_upgrade *up,
                                 unsigned part, struct job *job,
                                 struct dfota_fault *fault)
{
    enum dfota_error err;

    job->in_place = NULL;
    job->flash = flash_of(up);
    job->image = up->parts[part].area;
    err = find_delta(up, up->parts[part].entry, job, fault);
    if (err || job->delta.size == 0)
        return err;
    err = check_delta(job, fault);
    if (!err)
        err = check_fit(up, job, fault);
    if (err)
        return err;
    job->stash = up->scratch.address + job->header.order.segment_size;
    job->applier = dfota_platform_applier(up->platform);
    job->applier.context = job;
    job->applier.delta_size = job->delta.size;
    job->applier.old_size = job->header.old_size;
    job->applier.new_size_max = job->image.size;
    job->applier.read_delta = read_delta;
    job->applier.read_old = read_image;
    job->applier.read_stash = read_stash;
    job->applier.write_new = write_segment;
    return dfota_in_place_open(&job->applier, &job->in_place, fault);
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
                                   unsigned part, struct job *job, bool *wanted,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = open_job(up, part, job, fault);

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
        struct job job;
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

static enum dfota_error save_range(struct job *job,
                                   struct dfota_stash_range range)
{
    uint8_t chunk[DFOTA_FLASH_PAGE];
    enum dfota_error err = DFOTA_OK;

    for (uint32_t done = 0, part; !err && done < range.size; done += part) {
        part = range.size - done;
        part = part < sizeof(chunk) ? part : (uint32_t)sizeof(chunk);
        err = read_image(job, range.old_pos + done, chunk, part);
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
    struct job job;
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
                                     struct job *job, struct dfota_fault *fault)
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
                                  struct job *job, struct dfota_fault *fault)
{
    struct dfota_journal_state state = up->journal.state;
    enum dfota_error err = open_job(up, state.part, job, fault);

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
    struct job job;
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
