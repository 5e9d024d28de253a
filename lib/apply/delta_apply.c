/* SPDX-License-Identifier: MIT */
#include "lib/apply/bytes.h"
#include "lib/apply/coding.h"
#include "lib/apply/crc32.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/unpacking.h"
#include "lib/apply/walk.h"

#define CHUNK DFOTA_WALK_WINDOW /* bytes of old read at once for its digest */

/* Everything the applier knows while it runs; begins the caller's memory. */
struct run {
    struct dfota_applier applier; /* the caller's, but for write_new */
    const struct dfota_applier *caller;
    const struct dfota_delta_header *header;
    const struct dfota_coding *coding;
    struct dfota_coding_job job;
    struct dfota_predictor predictor;
    struct dfota_walk walk;
    struct dfota_unpacker *unpacker; /* NULL: old and new are as they are */
    uint32_t (*crc32)(uint32_t crc, const uint8_t *bytes, size_t size);
    uint32_t new_crc32; /* of what was written */
};

_Static_assert(sizeof(struct run) + 16 <=
                   DFOTA_APPLY_MEMORY - DFOTA_CODER_MEMORY,
               "the applier's buffers are what SPEC states");

static enum dfota_error read_head(const struct dfota_applier *applier,
                                  struct dfota_delta_header *header,
                                  struct dfota_fault *fault)
{
    uint8_t head[DFOTA_DELTA_HEAD_MAX];
    uint32_t size =
        applier->delta_size < sizeof(head) ? applier->delta_size : sizeof(head);
    enum dfota_error err = applier->read_delta(applier->context, 0, head, size);

    if (!err)
        err = dfota_delta_read_header(head, size, applier->delta_size, header,
                                      fault);
    if (err)
        return err;
    if (header->new_size > applier->new_size_max)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_DELTA_FIXED, "DLT-12");
    if (header->ram > applier->memory_size)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_DELTA_FIXED, "DLT-13");
    return DFOTA_OK;
}

/* What is written goes to the digests first. */
static enum dfota_error write_image(void *context, const void *bytes,
                                    size_t size)
{
    struct run *run = context;
    const struct dfota_hash *hash = run->caller->sha256;

    run->new_crc32 = run->crc32(run->new_crc32, bytes, size);
    if (hash != NULL)
        hash->add(hash->context, bytes, size);
    return run->caller->write_new(run->caller->context, bytes, size);
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size)
{
    struct run *run = context;

    if (run->unpacker != NULL)
        return run->caller->unpacking->write(run->unpacker, bytes, size);
    return write_image(run, bytes, size);
}

static enum dfota_error read_old(void *context, uint32_t offset, void *out,
                                 size_t size)
{
    const struct run *run = context;

    if (run->unpacker != NULL)
        return run->caller->unpacking->read(run->unpacker, offset, out, size);
    return run->caller->read_old(run->caller->context, offset, out, size);
}

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct run *run = context;

    return run->caller->read_delta(run->caller->context, offset, out, size);
}

/* Reads all records once, for the map of addresses. */
static enum dfota_error read_map(struct run *run, struct dfota_coder *coder,
                                 struct dfota_fault *fault)
{
    const struct dfota_prediction *prediction = &run->header->prediction;
    struct dfota_map *map = &run->predictor.map;
    uint32_t count = 0; /* copies for the map, whether it has room or not */

    dfota_walk_begin(&run->walk);
    while (run->walk.new_pos < run->walk.new_size) {
        struct dfota_record record = {0};
        uint32_t new_pos = run->walk.new_pos;
        enum dfota_error err = dfota_walk_record(&run->walk, &record, fault);

        if (err)
            return err;
        new_pos += record.insert;
        if (record.copy > 0 && record.copy >= prediction->map_length) {
            if (count < prediction->map_count)
                map->entries[count] = (struct dfota_map_entry){
                    record.old_pos, record.copy, new_pos - record.old_pos};
            count++;
        }
        run->walk.new_pos = new_pos + record.copy;
    }
    if (count != prediction->map_count)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, coder->position, "DLT-23");
    map->count = count;
    dfota_map_sort(map);
    return DFOTA_OK;
}

static bool predicts(const struct dfota_prediction *prediction)
{
    return prediction->dialect_count + prediction->base_count +
               prediction->range_count >
           0;
}

/* Deals out the caller's memory, as dfota_delta_memory() counted it. */
static enum dfota_error open_run(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_prediction *prediction = &run->header->prediction;
    struct dfota_predictor *predictor = &run->predictor;
    enum dfota_error err;

    *predictor =
        (struct dfota_predictor){.prediction = prediction,
                                 .old_size = dfota_delta_old_view(run->header)};
    predictor->map.entries = dfota_coding_take(
        &run->job, prediction->map_count * sizeof(*predictor->map.entries));
    predictor->learned.capacity = prediction->learned;
    predictor->learned.entries = dfota_coding_take(
        &run->job, prediction->learned * sizeof(*predictor->learned.entries));
    if (dfota_predict_open(predictor, run->caller->isas))
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, DFOTA_DELTA_FIXED,
                          "DLT-26");
    err = run->coding->open(&run->job, &run->walk.coder, fault);
    if (!err && predicts(prediction))
        err = read_map(run, run->walk.coder, fault);
    if (!err && predicts(prediction))
        err = run->coding->rewind(&run->job, run->walk.coder, fault);
    return err;
}

/* Makes the unpacked views of both images, where the delta is of these. */
static enum dfota_error open_views(struct run *run, struct dfota_fault *fault)
{
    run->unpacker = NULL;
    if (!dfota_delta_unpacks(run->header))
        return DFOTA_OK;
    if (run->caller->unpacking == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, DFOTA_DELTA_FIXED,
                          "DLT-46");
    return run->caller->unpacking->open(&run->job, run->caller, &run->unpacker,
                                        fault);
}

/* Lays out the run at the start of the caller's memory. */
static enum dfota_error begin(struct run *run,
                              const struct dfota_applier *applier,
                              const struct dfota_delta_header *header,
                              struct dfota_fault *fault)
{
    enum dfota_error err;
    unsigned i = 0;

    while (applier->codings[i] != NULL &&
           applier->codings[i]->id != header->coding)
        i++;
    if (applier->codings[i] == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 5, "DLT-5");
    run->caller = applier;
    run->applier = *applier;
    run->applier.context = run;
    run->applier.read_delta = read_delta;
    run->applier.read_old = read_old;
    run->applier.write_new = write_new;
    run->header = header;
    run->coding = applier->codings[i];
    run->job = (struct dfota_coding_job){
        .coding = run->coding,
        .applier = &run->applier,
        .header = header,
        .predictor = &run->predictor,
        .memory = (uint8_t *)applier->memory + (sizeof(*run) + 15) / 16 * 16,
    };
    run->walk.applier = &run->applier;
    run->walk.predictor = &run->predictor;
    run->walk.new_size = dfota_delta_new_view(header);
    run->crc32 = applier->crc32 != NULL ? applier->crc32 : dfota_crc32;
    run->new_crc32 = 0;
    err = open_views(run, fault);
    if (run->unpacker != NULL) {
        run->unpacker->write = write_image;
        run->unpacker->context = run;
    }
    return err ? err : open_run(run, fault);
}

/* Whether the SHA-256 in the making begins as `digest` does. */
static bool hash_is(const struct dfota_hash *hash,
                    const uint8_t digest[DFOTA_DELTA_DIGEST_SIZE])
{
    uint8_t sha256[DFOTA_SHA256_SIZE];

    if (hash == NULL)
        return true;
    hash->finish(hash->context, sha256);
    return dfota_bytes_equal(sha256, digest, DFOTA_DELTA_DIGEST_SIZE);
}

/* Refuses every old image but the one the delta was made from. */
static enum dfota_error check_old(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_applier *applier = run->caller;
    const struct dfota_delta_header *header = run->header;
    const struct dfota_hash *hash = applier->sha256;
    uint8_t *chunk = run->walk.window;
    uint32_t crc32 = 0;

    if (applier->old_size != header->old_size)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_DELTA_FIXED, "DLT-14");
    if (hash != NULL)
        hash->begin(hash->context);
    for (uint32_t pos = 0, size; pos < header->old_size; pos += size) {
        enum dfota_error err;

        size = header->old_size - pos < CHUNK ? header->old_size - pos : CHUNK;
        err = applier->read_old(applier->context, pos, chunk, size);
        if (err)
            return err;
        crc32 = run->crc32(crc32, chunk, size);
        if (hash != NULL)
            hash->add(hash->context, chunk, size);
    }
    if (crc32 != header->old_crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 7, "DLT-14");
    if (!hash_is(hash, header->old_digest))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 15, "DLT-14");
    return DFOTA_OK;
}

/* Tells the unpacker what a record copies. */
static enum dfota_error note(struct run *run, const struct dfota_record *record)
{
    const struct dfota_copy copy = {run->walk.new_pos + record->insert,
                                    record->old_pos, record->copy};

    if (run->unpacker == NULL)
        return DFOTA_OK;
    return run->caller->unpacking->record(run->unpacker, &copy);
}

static enum dfota_error make_new(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_hash *hash = run->caller->sha256;
    struct dfota_walk *walk = &run->walk;
    enum dfota_error err = DFOTA_OK;

    if (hash != NULL)
        hash->begin(hash->context);
    dfota_walk_begin(walk);
    while (!err && walk->new_pos < walk->new_size) {
        struct dfota_record record = {0};

        err = dfota_walk_record(walk, &record, fault);
        if (!err)
            err = note(run, &record);
        if (!err)
            err = dfota_walk_make(walk, &record, fault);
    }
    if (err)
        return err;
    walk->coder->end(walk->coder);
    err = dfota_walk_error(walk, fault);
    if (!err && run->unpacker != NULL)
        err = run->caller->unpacking->end(run->unpacker);
    return err;
}

static enum dfota_error check_new(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_hash *hash = run->caller->sha256;

    if (run->new_crc32 != run->header->new_crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 11, "DLT-21");
    if (!hash_is(hash, run->header->new_digest))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 31, "DLT-21");
    return DFOTA_OK;
}

enum dfota_error dfota_apply_delta(const struct dfota_applier *applier,
                                   struct dfota_fault *fault)
{
    struct dfota_delta_header header;
    struct run *run = applier->memory;
    enum dfota_error err = read_head(applier, &header, fault);

    if (!err)
        err = begin(run, applier, &header, fault);
    if (!err)
        err = check_old(run, fault);
    if (!err)
        err = make_new(run, fault);
    if (!err)
        err = check_new(run, fault);
    return err;
}
