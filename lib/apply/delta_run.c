/* SPDX-License-Identifier: MIT */
#include "lib/apply/delta_run.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/delta_header.h"

#define CHUNK                                                                  \
    DFOTA_WALK_WINDOW /* bytes of an image read at once for digests            \
                       */

_Static_assert(sizeof(struct dfota_run) + 16 <=
                   DFOTA_APPLY_MEMORY - DFOTA_CODER_MEMORY,
               "the applier's buffers are what SPEC states");

enum dfota_error dfota_run_read_head(const struct dfota_applier *applier,
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
    struct dfota_run *run = context;
    const struct dfota_hash *hash = run->caller->sha256;

    run->new_crc32 = run->crc32(run->new_crc32, bytes, size);
    if (hash != NULL)
        hash->add(hash->context, bytes, size);
    return run->caller->write_new(run->caller->context, bytes, size);
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size)
{
    struct dfota_run *run = context;

    if (run->unpacker != NULL)
        return run->caller->unpacking->write(run->unpacker, bytes, size);
    return write_image(run, bytes, size);
}

static enum dfota_error read_old(void *context, uint32_t offset, void *out,
                                 size_t size)
{
    const struct dfota_run *run = context;

    if (run->unpacker != NULL)
        return run->caller->unpacking->read(run->unpacker, offset, out, size);
    return run->caller->read_old(run->caller->context, offset, out, size);
}

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_run *run = context;

    return run->caller->read_delta(run->caller->context, offset, out, size);
}

enum dfota_error dfota_run_read_records(struct dfota_run *run,
                                        struct dfota_fault *fault)
{
    const struct dfota_prediction *prediction = &run->header->prediction;
    struct dfota_map_entry *entries = run->predictor.map.entries;
    struct dfota_walk *walk = &run->walk;

    while (walk->new_pos < walk->new_end) {
        struct dfota_record record = {0};
        uint32_t new_pos = walk->new_pos;
        enum dfota_error err = dfota_walk_record(walk, &record, fault);

        if (err)
            return err;
        new_pos += record.insert;
        if (record.copy > 0 && record.copy >= prediction->map_length) {
            if (run->copies < prediction->map_count)
                entries[run->copies] = (struct dfota_map_entry){
                    record.old_pos, record.copy, new_pos - record.old_pos};
            run->copies++;
        }
        walk->new_pos = new_pos + record.copy;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_run_end_map(struct dfota_run *run,
                                   struct dfota_fault *fault)
{
    if (run->copies != run->header->prediction.map_count)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, run->walk.coder->position,
                          "DLT-23");
    run->predictor.map.count = run->copies;
    dfota_map_sort(&run->predictor.map);
    return DFOTA_OK;
}

bool dfota_run_predicts(const struct dfota_run *run)
{
    const struct dfota_prediction *prediction = &run->header->prediction;

    return prediction->dialect_count + prediction->base_count +
               prediction->range_count >
           0;
}

/* Deals out the caller's memory, as dfota_delta_memory() counted it. */
enum dfota_error dfota_run_open(struct dfota_run *run,
                                struct dfota_fault *fault)
{
    const struct dfota_prediction *prediction = &run->header->prediction;
    struct dfota_predictor *predictor = &run->predictor;

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
    return run->coding->open(&run->job, &run->walk.coder, fault);
}

/* Makes the unpacked views of both images, where the delta is of these. */
static enum dfota_error open_views(struct dfota_run *run,
                                   struct dfota_fault *fault)
{
    enum dfota_error err;

    run->unpacker = NULL;
    if (!dfota_delta_unpacks(run->header))
        return DFOTA_OK;
    if (run->caller->unpacking == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, DFOTA_DELTA_FIXED,
                          "DLT-46");
    err = run->caller->unpacking->open(&run->job, run->caller, &run->unpacker,
                                       fault);
    if (!err) {
        run->unpacker->job.write = write_image;
        run->unpacker->job.context = run;
    }
    return err;
}

enum dfota_error dfota_run_begin(struct dfota_run *run,
                                 const struct dfota_applier *applier,
                                 const struct dfota_delta_header *header,
                                 void *memory, struct dfota_fault *fault)
{
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
        .memory = memory,
    };
    run->walk.applier = &run->applier;
    run->walk.predictor = &run->predictor;
    run->walk.places = NULL;
    run->crc32 = applier->crc32 != NULL ? applier->crc32 : dfota_crc32;
    run->new_crc32 = 0;
    run->copies = 0;
    return open_views(run, fault);
}

/* Tells the unpacker what a record copies. */
static void note(struct dfota_run *run, const struct dfota_record *record)
{
    const struct dfota_copy copy = {run->walk.new_pos + record->insert,
                                    record->old_pos, record->copy};

    if (run->unpacker != NULL)
        run->caller->unpacking->record(run->unpacker, &copy);
}

enum dfota_error dfota_run_make(struct dfota_run *run,
                                struct dfota_fault *fault)
{
    struct dfota_walk *walk = &run->walk;
    enum dfota_error err = DFOTA_OK;

    while (!err && walk->new_pos < walk->new_end) {
        struct dfota_record record = {0};

        err = dfota_walk_record(walk, &record, fault);
        if (err)
            break;
        note(run, &record);
        err = dfota_walk_make(walk, &record, fault);
    }
    return err;
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

enum dfota_error dfota_run_check_digest(const struct dfota_run *run,
                                        enum dfota_run_image image,
                                        uint32_t crc32,
                                        struct dfota_fault *fault)
{
    const struct dfota_delta_header *header = run->header;
    bool old = image == DFOTA_RUN_OLD;
    const char *rule = old ? "DLT-14" : "DLT-21";

    if (crc32 != (old ? header->old_crc32 : header->new_crc32))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, old ? 7 : 11, rule);
    if (!hash_is(run->caller->sha256,
                 old ? header->old_digest : header->new_digest))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, old ? 15 : 31, rule);
    return DFOTA_OK;
}

enum dfota_error dfota_run_check_image(struct dfota_run *run,
                                       enum dfota_run_image image,
                                       struct dfota_fault *fault)
{
    const struct dfota_applier *applier = run->caller;
    const struct dfota_hash *hash = applier->sha256;
    uint8_t *chunk = run->walk.window;
    uint32_t end =
        image == DFOTA_RUN_OLD ? run->header->old_size : run->header->new_size;
    uint32_t crc32 = 0;

    if (image == DFOTA_RUN_OLD && applier->old_size != end)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_DELTA_FIXED, "DLT-14");
    if (hash != NULL)
        hash->begin(hash->context);
    for (uint32_t pos = 0, size; pos < end; pos += size) {
        enum dfota_error err;

        size = end - pos < CHUNK ? end - pos : CHUNK;
        err = applier->read_old(applier->context, pos, chunk, size);
        if (err)
            return err;
        crc32 = run->crc32(crc32, chunk, size);
        if (hash != NULL)
            hash->add(hash->context, chunk, size);
    }
    return dfota_run_check_digest(run, image, crc32, fault);
}
