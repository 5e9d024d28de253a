/* SPDX-License-Identifier: MIT */
/* The last step of MiniFOTA on flash: .mini_2 is fetched and written. */
#include "lib/apply/journal.h"
#include "lib/apply/mini_frames.h"
#include "lib/apply/mini_upgrade.h"
#include "lib/apply/platform.h"

#define CHUNK DFOTA_FLASH_PAGE /* bytes fetched at once */

/* The upgrade and what writes the flash, for the reader of frames. */
struct second {
    struct dfota_mini_upgrade *up;
    struct dfota_fault *fault;
    struct dfota_flash_writer writer;
};

static enum dfota_error begin_frame(void *context, uint32_t address,
                                    uint32_t size)
{
    struct second *second = context;
    enum dfota_error err = DFOTA_OK;

    (void)size;
    if (dfota_flash_writer_at(&second->writer) == address)
        return DFOTA_OK;
    err = dfota_flash_writer_end(&second->writer); /* of another region */
    dfota_flash_writer_open(&second->writer, second->up->platform->flash,
                            address);
    return err;
}

static enum dfota_error write_frame(void *context, uint32_t address,
                                    const uint8_t *bytes, size_t size)
{
    struct second *second = context;

    (void)address; /* follows on the last one */
    return dfota_flash_writer_add(&second->writer, bytes, size);
}

/* Whether frames may be begun at `next`: with a sector of their own. */
static bool begins_sector(const struct dfota_mini_upgrade *up,
                          const struct dfota_mini_position *next)
{
    struct dfota_mini_place place = {0}; /* what it is behind the last frame */

    dfota_mini_find_place(&up->header, up->reader.frame_size, next->frame,
                          &place);
    return place.address % up->platform->flash->sector_size == 0;
}

static enum dfota_error end_frame(void *context,
                                  const struct dfota_mini_position *next)
{
    struct second *second = context;
    struct dfota_journal_state state = second->up->journal.state;
    enum dfota_error err;

    if (!begins_sector(second->up, next))
        return DFOTA_OK;
    err = dfota_flash_writer_end(&second->writer);
    if (err)
        return err;
    state.numbers[DFOTA_MINI_FRAME_AT] = next->frame;
    state.numbers[DFOTA_MINI_OFFSET_AT] = next->offset;
    return dfota_journal_note(&second->up->journal, &state, second->fault);
}

/* Fetches .mini_2 from where the reader wants it, and feeds it. */
static enum dfota_error feed(struct dfota_mini_upgrade *up,
                             struct dfota_fault *fault)
{
    uint32_t end = up->header.second_size;
    enum dfota_error err = DFOTA_OK;
    uint32_t at;

    while (!err && (at = dfota_mini_wanted(&up->reader)) < end) {
        uint8_t chunk[CHUNK];
        /* The header alone first: what it says decides what comes next. */
        uint32_t most = at == 0 ? DFOTA_MINI_SECOND_HEAD : CHUNK;
        uint32_t size = end - at < most ? end - at : most;

        err = up->read_second(up->context, at, chunk, size);
        if (!err)
            err = dfota_mini_feed(&up->reader, at, chunk, size, fault);
    }
    return err ? err : dfota_mini_finish(&up->reader, fault);
}

static enum dfota_error write_big(struct dfota_mini_upgrade *up,
                                  struct dfota_fault *fault)
{
    const struct dfota_journal_state *state = &up->journal.state;
    const struct dfota_mini_position from = {
        state->numbers[DFOTA_MINI_FRAME_AT],
        state->numbers[DFOTA_MINI_OFFSET_AT]};
    struct second second = {.up = up, .fault = fault};
    const struct dfota_mini_applier applier = {
        .header = &up->header,
        .context = &second,
        .begin = begin_frame,
        .write = write_frame,
        .done = end_frame,
        .codecs = up->platform->codecs,
        .memory = up->platform->memory,
        .memory_size = up->platform->memory_size,
    };

    dfota_flash_writer_open(&second.writer, up->platform->flash, UINT32_MAX);
    dfota_mini_open(&up->reader, &applier, &from);
    return feed(up, fault);
}

/* Frames that were right and make no right whole are written anew. */
enum dfota_error dfota_mini_upgrade_second(struct dfota_mini_upgrade *up,
                                           struct dfota_fault *fault)
{
    enum dfota_error err = dfota_mini_upgrade_load(up, fault);

    if (!err)
        err = write_big(up, fault);
    if (err)
        return err;
    err = dfota_mini_upgrade_check(up, DFOTA_MINI_NEW_ALL, fault);
    if (!err)
        return dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_DONE, fault);
    if (dfota_platform_is_final(err) &&
        dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_SECOND, NULL) != DFOTA_OK)
        err = DFOTA_ERR_IO;
    return err;
}
