/* SPDX-License-Identifier: MIT */
#include "lib/delta/serialize.h"

struct serializer {
    struct dfota_coder coder; /* first: the coder is this one */
    struct dfota_buffer *out; /* by enum dfota_stream_kind */
    uint64_t zeros;           /* differences of 0, seen and not yet written */
    uint32_t old_pos;         /* where the copy before ended */
};

static void put_record(struct dfota_coder *self, struct dfota_record *record)
{
    struct serializer *serializer = (struct serializer *)self;
    struct dfota_buffer *out = &serializer->out[DFOTA_STREAM_CONTROL];
    int64_t seek = (int64_t)record->old_pos - serializer->old_pos;

    dfota_buffer_add_varint(out, record->dialect);
    dfota_buffer_add_varint(out, record->insert);
    dfota_buffer_add_varint(out, record->copy);
    if (record->copy == 0)
        return;
    dfota_buffer_add_varint(out, seek < 0 ? (uint64_t)(-seek) * 2 - 1
                                          : (uint64_t)seek * 2);
    serializer->old_pos = record->old_pos + record->copy;
}

/* A reader of streams never asks; every piece is told byte by byte. */
static bool put_clean(struct dfota_coder *self, uint32_t size, bool clean)
{
    (void)self;
    (void)size;
    (void)clean;
    return false;
}

static void flush_zeros(struct serializer *serializer)
{
    struct dfota_buffer *out = &serializer->out[DFOTA_STREAM_DIFFERENCE];

    if (serializer->zeros == 0)
        return;
    dfota_buffer_add_le(out, 0, 1);
    dfota_buffer_add_varint(out, serializer->zeros - 1);
    serializer->zeros = 0;
}

static void put_bytes(struct dfota_coder *self, uint32_t old_pos,
                      const uint8_t *foreseen, uint8_t *actual, size_t size)
{
    struct serializer *serializer = (struct serializer *)self;

    (void)old_pos;
    for (size_t i = 0; i < size; i++) {
        uint8_t difference = (uint8_t)(actual[i] - foreseen[i]);

        if (difference == 0) {
            serializer->zeros++;
            continue;
        }
        flush_zeros(serializer);
        dfota_buffer_add(&serializer->out[DFOTA_STREAM_DIFFERENCE], &difference,
                         1);
    }
}

static void put_site(struct dfota_coder *self, const struct dfota_guess *guess,
                     uint8_t *actual)
{
    put_bytes(self, 0, guess->first, actual, guess->site->size);
}

static void put_literal(struct dfota_coder *self, uint8_t dialect,
                        uint32_t new_pos, uint8_t *actual, size_t size)
{
    struct serializer *serializer = (struct serializer *)self;

    (void)dialect;
    (void)new_pos;
    dfota_buffer_add(&serializer->out[DFOTA_STREAM_LITERAL], actual, size);
}

enum dfota_error dfota_serialize(const struct dfota_plan *plan,
                                 struct dfota_buffer out[DFOTA_STREAM_COUNT],
                                 struct dfota_fault *fault)
{
    struct serializer serializer = {
        .coder = {.encodes = true,
                  .record = put_record,
                  .clean = put_clean,
                  .stride = put_clean,
                  .bytes = put_bytes,
                  .site = put_site,
                  .literal = put_literal},
        .out = out,
    };
    struct dfota_rehearsal rehearsal;
    enum dfota_error err = dfota_rehearsal_open(plan, &rehearsal, fault);

    if (err)
        return err;
    err = dfota_rehearsal_walk(&rehearsal, plan, &serializer.coder, fault);
    flush_zeros(&serializer);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT && !err; i++)
        err = dfota_buffer_check(&out[i], fault);
    dfota_rehearsal_close(&rehearsal);
    return err;
}
