/* SPDX-License-Identifier: MIT */
#include "format/bsdiff40.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/base/fault.h"
#include "lib/codec/bzip2.h"

#define CONTROL_AT  ((size_t)DFOTA_BSDIFF40_HEADER_SIZE)
#define TRIPLE_SIZE 24                 /* bytes */
#define CHUNK       ((size_t)64 << 10) /* bytes of new made at a time */
#define SIGN        ((uint64_t)1 << 63)

static const char magic[8] = "BSDIFF40"; /* no terminator */

/* The streams, in the order of the file. */
enum { CONTROL, DIFF, EXTRA, STREAMS };

/* --- writing ----------------------------------------------------------- */

static bool copies_fit(const struct dfota_bsdiff40_images *images,
                       const struct dfota_copy *copies, size_t count)
{
    uint64_t end = 0; /* of the copy before, in new */

    for (size_t i = 0; i < count; i++) {
        struct dfota_copy copy = copies[i];

        if (copy.new_pos < end ||
            (uint64_t)copy.old_pos + copy.length > images->old.size)
            return false;
        end = (uint64_t)copy.new_pos + copy.length;
        if (end > images->new.size)
            return false;
    }
    return true;
}

static void add_signed(struct dfota_buffer *out, int64_t value)
{
    uint64_t sign = value < 0 ? SIGN : 0;

    dfota_buffer_add_le(out, sign | (uint64_t)(sign ? -value : value), 8);
}

static void add_differences(struct dfota_buffer *out,
                            const struct dfota_bsdiff40_images *images,
                            const struct dfota_copy *copy)
{
    uint8_t *room = dfota_buffer_reserve(out, copy->length);

    if (room == NULL)
        return;
    for (uint32_t i = 0; i < copy->length; i++)
        room[i] = (uint8_t)(images->new.data[copy->new_pos + i] -
                            images->old.data[copy->old_pos + i]);
    out->size += copy->length;
}

/* One triple: all of `copy`, then what of new lies between it and `next`. */
static void add_triple(struct dfota_buffer streams[STREAMS],
                       const struct dfota_bsdiff40_images *images,
                       const struct dfota_copy *copy,
                       const struct dfota_copy *next)
{
    uint32_t new_end = copy->new_pos + copy->length;
    uint32_t insert = next->new_pos - new_end;
    int64_t seek = (int64_t)next->old_pos - copy->old_pos - copy->length;

    if (copy->length == 0 && insert == 0 && seek == 0)
        return;
    add_signed(&streams[CONTROL], copy->length);
    add_signed(&streams[CONTROL], insert);
    add_signed(&streams[CONTROL], seek);
    if (copy->length > 0)
        add_differences(&streams[DIFF], images, copy);
    if (insert > 0)
        dfota_buffer_add(&streams[EXTRA], images->new.data + new_end, insert);
}

/*
 * Fills the three streams.  A triple says how long its copy is, but where that
 * lies in old is said by the one before; so there may be a first one without
 * bytes, and never more triples than bytes of new, and one.
 */
static void split(struct dfota_buffer streams[STREAMS],
                  const struct dfota_bsdiff40_images *images,
                  const struct dfota_copy *copies, size_t count)
{
    struct dfota_copy last = {0};
    struct dfota_copy end = {.new_pos = (uint32_t)images->new.size};

    for (size_t i = 0; i < count; i++) {
        if (copies[i].length == 0)
            continue;
        add_triple(streams, images, &last, &copies[i]);
        last = copies[i];
    }
    end.old_pos = last.old_pos + last.length; /* stay where we are */
    add_triple(streams, images, &last, &end);
}

/* Compresses the three streams and forgets them, on failure too. */
static enum dfota_error pack(struct dfota_buffer raw[STREAMS],
                             struct dfota_buffer packed[STREAMS],
                             struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    for (int i = 0; i < STREAMS; i++) {
        if (!err)
            err = dfota_buffer_check(&raw[i], fault);
        if (!err)
            err = dfota_bzip2_encode(dfota_buffer_view(&raw[i]), &packed[i],
                                     fault);
        dfota_buffer_free(&raw[i]);
    }
    return err;
}

static void assemble(const struct dfota_buffer packed[STREAMS],
                     uint64_t new_size, struct dfota_buffer *patch)
{
    dfota_buffer_add(patch, magic, sizeof(magic));
    dfota_buffer_add_le(patch, packed[CONTROL].size, 8);
    dfota_buffer_add_le(patch, packed[DIFF].size, 8);
    dfota_buffer_add_le(patch, new_size, 8);
    for (int i = 0; i < STREAMS; i++)
        dfota_buffer_add(patch, packed[i].data, packed[i].size);
}

enum dfota_error
dfota_bsdiff40_write(const struct dfota_bsdiff40_images *images,
                     const struct dfota_copy *copies, size_t count,
                     struct dfota_buffer *out, struct dfota_fault *fault)
{
    struct dfota_buffer raw[STREAMS] = {{0}};
    struct dfota_buffer packed[STREAMS] = {{0}};
    struct dfota_buffer patch = {.limit = out->limit};
    enum dfota_error err;

    if (images->old.size > DFOTA_BSDIFF40_IMAGE_MAX ||
        images->new.size > DFOTA_BSDIFF40_IMAGE_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "B40-10");
    if (!copies_fit(images, copies, count))
        return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL);

    split(raw, images, copies, count);
    err = pack(raw, packed, fault);
    if (!err) {
        assemble(packed, images->new.size, &patch);
        err = dfota_buffer_check(&patch, fault);
    }
    if (err)
        dfota_buffer_free(&patch);
    else
        *out = patch;
    for (int i = 0; i < STREAMS; i++)
        dfota_buffer_free(&packed[i]);
    return err;
}

/* --- reading ----------------------------------------------------------- */

enum dfota_error dfota_bsdiff40_read_header(struct dfota_view patch,
                                            uint64_t max_new_size,
                                            struct dfota_bsdiff40_header *out,
                                            struct dfota_fault *fault)
{
    struct dfota_cursor cursor = dfota_cursor(patch.data, patch.size);
    const uint8_t *found = dfota_cursor_bytes(&cursor, sizeof(magic));
    uint64_t sizes[3];

    for (int i = 0; i < 3; i++)
        sizes[i] = dfota_cursor_le(&cursor, 8);
    if (found != NULL && memcmp(found, magic, sizeof(magic)) != 0)
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "B40-2");
    if (cursor.short_read)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, patch.size, "B40-1");
    for (unsigned i = 0; i < 3; i++)
        if (sizes[i] & SIGN)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, 8 + 8 * i, "B40-3");
    if (sizes[2] > max_new_size)
        return dfota_fail_detail(fault, DFOTA_ERR_LIMIT, 24, "B40-4",
                                 "%" PRIu64 " bytes", sizes[2]);
    if (sizes[0] + sizes[1] > cursor.left) /* each below 2^63 */
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, patch.size, "B40-5");

    *out = (struct dfota_bsdiff40_header){sizes[0], sizes[1], sizes[2]};
    return DFOTA_OK;
}

/* --- applying ---------------------------------------------------------- */

struct triple {
    uint64_t copy;   /* bytes of new from old and the diff stream */
    uint64_t insert; /* bytes of new from the extra stream */
    int64_t seek;    /* bytes to move in old after them */
};

/* A patch being applied. */
struct player {
    struct dfota_bzip2_reader *streams[STREAMS];
    uint64_t starts[STREAMS]; /* where they begin in the patch */
    struct dfota_view old;
    int64_t old_pos; /* may be before or past old */
    uint64_t left;   /* bytes of new still to be made */
    struct dfota_buffer image;
};

/* Turns an offset in a stream into one in the patch, and names the stream. */
static enum dfota_error in_stream(const struct player *player, int stream,
                                  enum dfota_error err,
                                  struct dfota_fault *fault)
{
    static const char *const names[STREAMS] = {"control", "diff", "extra"};

    if (!err || err == DFOTA_ERR_MEMORY || fault == NULL)
        return err;
    return dfota_fail_detail(fault, err, fault->offset + player->starts[stream],
                             fault->rule, "in the %s stream", names[stream]);
}

static enum dfota_error pull(struct player *player, int stream, uint8_t *out,
                             size_t size, struct dfota_fault *fault)
{
    enum dfota_error err =
        dfota_bzip2_read(player->streams[stream], out, size, fault);

    return in_stream(player, stream, err, fault);
}

static enum dfota_error open_streams(struct player *player,
                                     struct dfota_view patch,
                                     const struct dfota_bsdiff40_header *header,
                                     struct dfota_fault *fault)
{
    size_t control_end = CONTROL_AT + (size_t)header->control_size;
    size_t diff_end = control_end + (size_t)header->diff_size;
    size_t ends[STREAMS] = {control_end, diff_end, patch.size};
    size_t start = CONTROL_AT;
    enum dfota_error err = DFOTA_OK;

    for (int i = 0; i < STREAMS && !err; i++) {
        struct dfota_view view = {patch.data + start, ends[i] - start};

        err = dfota_bzip2_open(view, &player->streams[i], fault);
        player->starts[i] = start;
        start = ends[i];
    }
    return err;
}

/* A triple has no offset of its own: points at the stream it lies in. */
static enum dfota_error refuse_triple(struct dfota_fault *fault,
                                      const char *rule)
{
    return dfota_fail(fault, DFOTA_ERR_CORRUPT, CONTROL_AT, rule);
}

/* Reads the next triple, which makes at most `player->left` bytes. */
static enum dfota_error read_triple(struct player *player, struct triple *out,
                                    struct dfota_fault *fault)
{
    uint8_t bytes[TRIPLE_SIZE];
    struct dfota_cursor cursor;
    enum dfota_error err;
    uint64_t seek;

    err = pull(player, CONTROL, bytes, sizeof(bytes), fault);
    if (err)
        return err;
    cursor = dfota_cursor(bytes, sizeof(bytes));
    out->copy = dfota_cursor_le(&cursor, 8);
    out->insert = dfota_cursor_le(&cursor, 8);
    seek = dfota_cursor_le(&cursor, 8);
    out->seek = (int64_t)(seek & ~SIGN);
    if (seek & SIGN)
        out->seek = -out->seek;
    if ((out->copy | out->insert) & SIGN)
        return refuse_triple(fault, "B40-6");
    if (out->copy + out->insert > player->left) /* likewise */
        return refuse_triple(fault, "B40-7");
    return DFOTA_OK;
}

static enum dfota_error move(struct player *player, int64_t distance,
                             struct dfota_fault *fault)
{
    int64_t at = player->old_pos;

    if (distance > 0 ? at > INT64_MAX - distance : at < INT64_MIN - distance)
        return refuse_triple(fault, "B40-9");
    player->old_pos = at + distance;
    return DFOTA_OK;
}

/* Adds the bytes of old from `pos` on to those at `out`. */
static void add_old(uint8_t *out, size_t size, struct dfota_view old,
                    int64_t pos)
{
    for (size_t i = 0; i < size; i++) {
        uint64_t at = (uint64_t)pos + i; /* before old: very large */

        if (at < old.size)
            out[i] = (uint8_t)(out[i] + old.data[at]);
    }
}

/*
 * Appends `count` bytes of `stream`, added to the bytes of old before
 * `old_pos` if it is DIFF.  Makes room for a chunk only, since `count` is a
 * claim that the stream may not keep.
 */
static enum dfota_error make_bytes(struct player *player, int stream,
                                   uint64_t count, struct dfota_fault *fault)
{
    while (count > 0) {
        size_t size = count < CHUNK ? (size_t)count : CHUNK;
        uint8_t *room = dfota_buffer_reserve(&player->image, size);
        enum dfota_error err;

        if (room == NULL)
            return dfota_buffer_check(&player->image, fault);
        err = pull(player, stream, room, size, fault);
        if (err)
            return err;
        if (stream == DIFF)
            add_old(room, size, player->old, player->old_pos - (int64_t)count);
        player->image.size += size;
        player->left -= size;
        count -= size;
    }
    return DFOTA_OK;
}

static enum dfota_error play_triple(struct player *player,
                                    struct dfota_fault *fault)
{
    struct triple triple;
    enum dfota_error err = read_triple(player, &triple, fault);

    if (!err)
        err = move(player, (int64_t)triple.copy, fault);
    if (!err)
        err = make_bytes(player, DIFF, triple.copy, fault);
    if (!err)
        err = make_bytes(player, EXTRA, triple.insert, fault);
    if (!err)
        err = move(player, triple.seek, fault);
    return err;
}

static enum dfota_error play(struct player *player, struct dfota_fault *fault)
{
    uint64_t allowed = player->left + 1; /* triples; some make no byte */
    enum dfota_error err = DFOTA_OK;

    while (player->left > 0 && !err) {
        if (allowed-- == 0)
            return refuse_triple(fault, "B40-8");
        err = play_triple(player, fault);
    }
    for (int i = 0; i < STREAMS && !err; i++)
        err = in_stream(player, i,
                        dfota_bzip2_finish(player->streams[i], fault), fault);
    return err;
}

enum dfota_error dfota_bsdiff40_apply(struct dfota_view patch,
                                      struct dfota_view old,
                                      uint64_t max_new_size,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault)
{
    struct player player = {.old = old, .image = {.limit = out->limit}};
    struct dfota_bsdiff40_header header = {0};
    enum dfota_error err;

    err = dfota_bsdiff40_read_header(patch, max_new_size, &header, fault);
    if (err)
        return err;
    player.left = header.new_size;
    err = open_streams(&player, patch, &header, fault);
    if (!err)
        err = play(&player, fault);
    if (err)
        dfota_buffer_free(&player.image);
    else
        *out = player.image;
    for (int i = 0; i < STREAMS; i++)
        dfota_bzip2_close(player.streams[i]);
    return err;
}
