/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "jobs/flash.h"
#include "jobs/verification.h"
#include "lib/base/digest.h"

/* --- VFY-5: the source ---------------------------------------------------- */

static bool same_digests(const struct dfota_digests *a,
                         const struct dfota_digests *b)
{
    return a->size == b->size && a->crc32 == b->crc32 &&
           memcmp(a->md5, b->md5, sizeof(a->md5)) == 0 &&
           memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

static void show_digests(const struct dfota_digests *digests, char *out,
                         size_t size)
{
    char md5[2 * DFOTA_MD5_SIZE + 1];

    dfota_hex(digests->md5, sizeof(digests->md5), md5);
    snprintf(out, size, "%llu bytes, MD5 %s", (unsigned long long)digests->size,
             md5);
}

enum which { OLD_IMAGE, NEW_IMAGE };

/*
 * Compares the partitions in `image` with what the manifest states of them.
 * The detail of the first that differs, or of the last, goes to `detail`.
 */
static enum dfota_error
compare_partitions(const struct dfota_manifest *manifest,
                   struct dfota_view image, enum which which, bool *same,
                   char detail[DFOTA_NOTE_SIZE])
{
    *same = true;
    for (size_t i = 0; i < manifest->partition_count && *same; i++) {
        const struct dfota_manifest_partition *partition =
            &manifest->partitions[i];
        const struct dfota_digests *stated =
            which == OLD_IMAGE ? &partition->old_image : &partition->new_image;
        struct dfota_digests found;
        struct dfota_view part;
        char expected[80];
        char given[80];
        enum dfota_error err;

        if (!dfota_flash_part(partition, image, &part)) {
            *same = false;
            snprintf(detail, DFOTA_NOTE_SIZE, "%s: the image ends before it",
                     partition->name);
            return DFOTA_OK;
        }
        err = dfota_digest(part.data, part.size, &found, NULL);
        if (err)
            return err;
        *same = same_digests(stated, &found);
        show_digests(stated, expected, sizeof(expected));
        show_digests(&found, given, sizeof(given));
        snprintf(detail, DFOTA_NOTE_SIZE, *same ? "%s: %s" : "%s: %s, not %s",
                 partition->name, given, expected);
    }
    return DFOTA_OK;
}

/* After a source that is not the one: perhaps there is nothing to be done. */
static void note_new_image(struct dfota_verification *job, bool is_new)
{
    if (!is_new)
        return;
    job->updated = true;
    dfota_verification_note(job, "VFY-5", DFOTA_CHECK_WARN,
                            "the image is already what the package makes");
}

static void check_mini_source(struct dfota_verification *job)
{
    struct dfota_view image = dfota_buffer_view(&job->image);
    struct dfota_fault cause = {0};

    if (!dfota_flash_check_mini(&job->mini, DFOTA_MINI_OLD_ALL, image,
                                &cause)) {
        job->source_fits = true;
        dfota_verification_note(job, "VFY-5", DFOTA_CHECK_PASS,
                                "the CRC32 of all %u regions",
                                (unsigned)job->mini.region_count);
        return;
    }
    dfota_verification_fault(job, "VFY-5", DFOTA_MISMATCH_SOURCE, &cause);
    note_new_image(job, !dfota_flash_check_mini(&job->mini, DFOTA_MINI_NEW_ALL,
                                                image, NULL));
}

static enum dfota_error check_zip_source(struct dfota_verification *job,
                                         struct dfota_fault *fault)
{
    const struct dfota_manifest *manifest = &job->package.zip->manifest;
    struct dfota_view image = dfota_buffer_view(&job->image);
    char detail[DFOTA_NOTE_SIZE] = "";
    char unused[DFOTA_NOTE_SIZE];
    bool is_new;
    enum dfota_error err;

    err = compare_partitions(manifest, image, OLD_IMAGE, &job->source_fits,
                             detail);
    if (err)
        return dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    if (job->source_fits) {
        dfota_verification_note(job, "VFY-5", DFOTA_CHECK_PASS, "%s", detail);
        return DFOTA_OK;
    }
    dfota_verification_fail(job, "VFY-5", DFOTA_MISMATCH_SOURCE, "%s", detail);
    err = compare_partitions(manifest, image, NEW_IMAGE, &is_new, unused);
    if (err)
        return dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    note_new_image(job, is_new);
    return DFOTA_OK;
}

enum dfota_error dfota_verify_source(struct dfota_verification *job,
                                     struct dfota_fault *fault)
{
    if (job->request->image == NULL)
        dfota_verification_note(job, "VFY-5", DFOTA_CHECK_SKIP,
                                "pass --image FILE, what is flashed now");
    else if (job->package.kind == DFOTA_PACKAGE_MINI)
        check_mini_source(job);
    else
        return check_zip_source(job, fault);
    return DFOTA_OK;
}

/* --- VFY-9, VFY-10: trial and target -------------------------------------- */

/* Whether `flash` is, where the package writes, what `wanted` is. */
static bool same_where_written(const struct dfota_verification *job,
                               const struct dfota_buffer *flash,
                               const struct dfota_buffer *wanted)
{
    const struct dfota_mini_header *header = &job->mini;

    if (flash->size != wanted->size)
        return false;
    if (job->package.kind != DFOTA_PACKAGE_MINI)
        return memcmp(flash->data, wanted->data, flash->size) == 0;
    for (unsigned i = 0; i < header->region_count; i++)
        if (memcmp(flash->data + header->regions[i].address,
                   wanted->data + header->regions[i].address,
                   header->regions[i].length) != 0)
            return false;
    return true;
}

static enum dfota_error check_zip_target(struct dfota_verification *job,
                                         struct dfota_fault *fault)
{
    char detail[DFOTA_NOTE_SIZE] = "";
    bool same;
    enum dfota_error err;

    err = compare_partitions(&job->package.zip->manifest,
                             dfota_buffer_view(&job->target), NEW_IMAGE, &same,
                             detail);
    if (err)
        return dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    if (same)
        dfota_verification_note(job, "VFY-10", DFOTA_CHECK_PASS, "%s", detail);
    else
        dfota_verification_fail(job, "VFY-10", DFOTA_MISMATCH_NONE, "%s",
                                detail);
    return DFOTA_OK;
}

static enum dfota_error check_target(struct dfota_verification *job,
                                     const struct dfota_buffer *made,
                                     struct dfota_fault *fault)
{
    struct dfota_fault cause = {0};

    if (job->request->target == NULL) {
        dfota_verification_note(job, "VFY-10", DFOTA_CHECK_SKIP,
                                "pass --target FILE, what it must become");
        return DFOTA_OK;
    }
    if (job->package.kind != DFOTA_PACKAGE_MINI)
        return check_zip_target(job, fault);
    if (dfota_flash_check_mini(&job->mini, DFOTA_MINI_NEW_ALL,
                               dfota_buffer_view(&job->target), &cause))
        dfota_verification_fault(job, "VFY-10", DFOTA_MISMATCH_NONE, &cause);
    else if (made->size > 0 && !same_where_written(job, made, &job->target))
        dfota_verification_fail(job, "VFY-10", DFOTA_MISMATCH_NONE,
                                "the package makes another image");
    else
        dfota_verification_note(job, "VFY-10", DFOTA_CHECK_PASS,
                                "the package makes the image given");
    return DFOTA_OK;
}

/* What the applier made, against digests that its delta does not repeat. */
static enum dfota_error check_made(struct dfota_verification *job,
                                   const struct dfota_buffer *made,
                                   struct dfota_fault *fault)
{
    char detail[DFOTA_NOTE_SIZE] = "";
    bool same = true;
    enum dfota_error err = DFOTA_OK;

    if (job->package.kind != DFOTA_PACKAGE_MINI)
        err = compare_partitions(&job->package.zip->manifest,
                                 dfota_buffer_view(made), NEW_IMAGE, &same,
                                 detail);
    if (err)
        return dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    if (same)
        dfota_verification_note(job, "VFY-9", DFOTA_CHECK_PASS,
                                "the applier makes the new image in the memory "
                                "stated");
    else
        dfota_verification_fail(job, "VFY-9", DFOTA_MISMATCH_APPLY, "%s",
                                detail);
    return DFOTA_OK;
}

static enum dfota_error check_trial(struct dfota_verification *job,
                                    struct dfota_buffer *made,
                                    struct dfota_fault *fault)
{
    struct dfota_fault cause = {0};
    enum dfota_error err;

    if (!job->source_fits || !job->readable) {
        dfota_verification_note(job, "VFY-9", DFOTA_CHECK_SKIP,
                                "needs the whole package and the right source");
        return DFOTA_OK;
    }
    err = dfota_flash_update(&job->package, dfota_buffer_view(&job->image),
                             made, &cause);
    if (dfota_verification_is_machine(err)) {
        *fault = cause;
        return err;
    }
    if (!err)
        return check_made(job, made, fault);
    dfota_verification_fault(job, "VFY-9", DFOTA_MISMATCH_APPLY, &cause);
    return DFOTA_OK;
}

enum dfota_error dfota_verify_result(struct dfota_verification *job,
                                     struct dfota_fault *fault)
{
    struct dfota_buffer made = {0};
    enum dfota_error err = check_trial(job, &made, fault);

    if (!err)
        err = check_target(job, &made, fault);
    dfota_buffer_free(&made);
    return err;
}
