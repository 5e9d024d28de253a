/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "jobs/flash.h"
#include "jobs/verification.h"
#include "lib/base/digest.h"

/* --- comparing partitions of a zip ---------------------------------------- */

/* What is compared with what the manifest states, and under which rule. */
struct comparison {
    struct dfota_stored *stored;
    bool with_new; /* else with the old images */
    const char *rule;
    enum dfota_mismatch mismatch;
};

static void show_digests(const struct dfota_digests *digests, char *out,
                         size_t size)
{
    char md5[2 * DFOTA_MD5_SIZE + 1];

    dfota_hex(digests->md5, sizeof(digests->md5), md5);
    snprintf(out, size, "%llu bytes, MD5 %s", (unsigned long long)digests->size,
             md5);
}

/* Compares one partition; `detail` names what was found. */
static enum dfota_error
compare_one(const struct comparison *with,
            const struct dfota_manifest_partition *partition, bool *same,
            char detail[DFOTA_NOTE_SIZE], struct dfota_fault *fault)
{
    const struct dfota_digests *stated =
        with->with_new ? &partition->new_image : &partition->old_image;
    struct dfota_digests found;
    struct dfota_source part;
    char expected[80];
    char given[80];
    enum dfota_error err;

    *same = false;
    if (!dfota_stored_part(with->stored, partition, &part)) {
        snprintf(detail, DFOTA_NOTE_SIZE,
                 with->stored->is_folder ? "%s: there is no file of it"
                                         : "%s: the image ends before it",
                 partition->name);
        return DFOTA_OK;
    }
    err = dfota_source_digest(&part, &found, fault);
    if (err)
        return err;
    *same = dfota_digests_same(stated, &found);
    show_digests(stated, expected, sizeof(expected));
    show_digests(&found, given, sizeof(given));
    snprintf(detail, DFOTA_NOTE_SIZE, *same ? "%s: %s" : "%s: %s, not %s",
             partition->name, given, expected);
    return DFOTA_OK;
}

/* A file of a partition of which the package knows nothing. */
static void check_surplus(struct dfota_verification *job,
                          const struct comparison *with, bool *same)
{
    const char *odd;

    if (!*same || !with->stored->is_folder)
        return;
    odd = dfota_folder_odd_one(&with->stored->folder,
                               &job->package.zip->manifest);
    if (odd == NULL)
        return;
    *same = false;
    dfota_verification_fail(job, with->rule, with->mismatch,
                            "%s: the package does not list it", odd);
}

/* Compares all partitions: a line for each that differs, or one for all. */
static enum dfota_error compare_all(struct dfota_verification *job,
                                    const struct comparison *with, bool *same,
                                    struct dfota_fault *fault)
{
    const struct dfota_manifest *manifest = &job->package.zip->manifest;
    char detail[DFOTA_NOTE_SIZE] = "";

    *same = true;
    for (size_t i = 0; i < manifest->partition_count; i++) {
        bool one;
        enum dfota_error err =
            compare_one(with, &manifest->partitions[i], &one, detail, fault);

        if (err)
            return err;
        *same &= one;
        if (!one)
            dfota_verification_fail(job, with->rule, with->mismatch, "%s",
                                    detail);
    }
    check_surplus(job, with, same);
    if (!*same)
        return DFOTA_OK;
    if (manifest->partition_count > 1)
        snprintf(detail, sizeof(detail), "all %zu partitions",
                 manifest->partition_count);
    dfota_verification_note(job, with->rule, DFOTA_CHECK_PASS, "%s", detail);
    return DFOTA_OK;
}

/* --- VFY-5: the source ---------------------------------------------------- */

/* After a source that is not the one: perhaps there is nothing to be done. */
static void note_new_image(struct dfota_verification *job, bool is_new)
{
    if (!is_new)
        return;
    job->updated = true;
    dfota_verification_note(job, "VFY-5", DFOTA_CHECK_WARN,
                            "the image is already what the package makes");
}

/* MiniFOTA is about one image, which is held in memory. */
static enum dfota_error load_flash(struct dfota_stored *stored,
                                   struct dfota_buffer *out, bool *loaded,
                                   struct dfota_fault *fault)
{
    *loaded = !stored->is_folder;
    return *loaded ? dfota_input_load(&stored->file, out, fault) : DFOTA_OK;
}

static enum dfota_error check_mini_source(struct dfota_verification *job,
                                          struct dfota_fault *fault)
{
    struct dfota_view flash;
    struct dfota_fault cause = {0};
    bool loaded;
    enum dfota_error err = load_flash(&job->image, &job->flash, &loaded, fault);

    if (err)
        return err;
    if (!loaded) {
        dfota_verification_fail(job, "VFY-5", DFOTA_MISMATCH_SOURCE,
                                "a folder, not one image of the flash");
        return DFOTA_OK;
    }
    flash = dfota_buffer_view(&job->flash);
    if (!dfota_flash_check_mini(&job->mini, DFOTA_MINI_OLD_ALL, flash,
                                &cause)) {
        job->source_fits = true;
        dfota_verification_note(job, "VFY-5", DFOTA_CHECK_PASS,
                                "the CRC32 of all %u regions",
                                (unsigned)job->mini.region_count);
        return DFOTA_OK;
    }
    dfota_verification_fault(job, "VFY-5", DFOTA_MISMATCH_SOURCE, &cause);
    note_new_image(job, !dfota_flash_check_mini(&job->mini, DFOTA_MINI_NEW_ALL,
                                                flash, NULL));
    return DFOTA_OK;
}

static enum dfota_error check_zip_source(struct dfota_verification *job,
                                         struct dfota_fault *fault)
{
    const struct dfota_manifest *manifest = &job->package.zip->manifest;
    const struct comparison old = {&job->image, false, "VFY-5",
                                   DFOTA_MISMATCH_SOURCE};
    const struct comparison new = {&job->image, true, NULL,
                                   DFOTA_MISMATCH_NONE};
    bool is_new = true;
    enum dfota_error err = compare_all(job, &old, &job->source_fits, fault);

    if (err || job->source_fits)
        return err;
    for (size_t i = 0; i < manifest->partition_count && is_new && !err; i++) {
        char unused[DFOTA_NOTE_SIZE];

        err =
            compare_one(&new, &manifest->partitions[i], &is_new, unused, fault);
    }
    if (!err)
        note_new_image(job, is_new);
    return err;
}

enum dfota_error dfota_verify_source(struct dfota_verification *job,
                                     struct dfota_fault *fault)
{
    if (job->request->image == NULL)
        dfota_verification_note(job, "VFY-5", DFOTA_CHECK_SKIP,
                                "pass --image FILE, what is flashed now");
    else if (job->package.kind == DFOTA_PACKAGE_MINI)
        return check_mini_source(job, fault);
    else
        return check_zip_source(job, fault);
    return DFOTA_OK;
}

/* --- VFY-9: a trial ------------------------------------------------------- */

static enum dfota_error append(void *context, const void *bytes, size_t size,
                               struct dfota_fault *fault)
{
    dfota_buffer_add(context, bytes, size);
    return dfota_buffer_check(context, fault);
}

/* Applies a pair to the flash in memory; what comes of it goes to `made`. */
static enum dfota_error try_mini(struct dfota_verification *job,
                                 struct dfota_buffer *made,
                                 struct dfota_fault *fault)
{
    const struct dfota_view flash = dfota_buffer_view(&job->flash);
    const struct dfota_source old = dfota_source_of_view(&flash);
    const struct dfota_sink new = {append, made};

    return dfota_flash_update(&job->package, &old, &new, NULL, fault);
}

/* Applies each delta, and compares with digests that it does not repeat. */
static enum dfota_error try_zip(struct dfota_verification *job, bool *right,
                                struct dfota_fault *fault)
{
    const struct dfota_manifest *manifest = &job->package.zip->manifest;

    for (size_t i = 0; i < manifest->partition_count && *right; i++) {
        const struct dfota_manifest_partition *partition =
            &manifest->partitions[i];
        struct dfota_flash_update update = {.new = dfota_sink_nowhere};
        enum dfota_error err;

        if (partition->unchanged)
            continue;
        dfota_stored_part(&job->image, partition, &update.old);
        err = dfota_flash_update_part(&job->package, i, &update, fault);
        if (err)
            return err;
        *right = dfota_digests_same(&update.made, &partition->new_image);
        if (!*right)
            dfota_verification_fail(job, "VFY-9", DFOTA_MISMATCH_APPLY,
                                    "%s: what is made has other digests",
                                    partition->name);
    }
    return DFOTA_OK;
}

static enum dfota_error check_trial(struct dfota_verification *job,
                                    struct dfota_buffer *made,
                                    struct dfota_fault *fault)
{
    struct dfota_fault cause = {0};
    bool right = true;
    enum dfota_error err;

    if (!job->source_fits || !job->readable) {
        dfota_verification_note(job, "VFY-9", DFOTA_CHECK_SKIP,
                                "needs the whole package and the right source");
        return DFOTA_OK;
    }
    if (job->package.kind == DFOTA_PACKAGE_MINI)
        err = try_mini(job, made, &cause);
    else
        err = try_zip(job, &right, &cause);
    if (dfota_verification_is_machine(err)) {
        *fault = cause;
        return err;
    }
    if (err)
        dfota_verification_fault(job, "VFY-9", DFOTA_MISMATCH_APPLY, &cause);
    else if (right)
        dfota_verification_note(job, "VFY-9", DFOTA_CHECK_PASS,
                                "the applier makes the new image in the memory "
                                "stated");
    return DFOTA_OK;
}

/* --- VFY-10: the target --------------------------------------------------- */

/* Whether `flash` is, where the package writes, what `wanted` is. */
static bool same_where_written(const struct dfota_mini_header *header,
                               const struct dfota_buffer *flash,
                               const struct dfota_buffer *wanted)
{
    if (flash->size != wanted->size)
        return false;
    for (unsigned i = 0; i < header->region_count; i++)
        if (memcmp(flash->data + header->regions[i].address,
                   wanted->data + header->regions[i].address,
                   header->regions[i].length) != 0)
            return false;
    return true;
}

static enum dfota_error check_mini_target(struct dfota_verification *job,
                                          const struct dfota_buffer *made,
                                          struct dfota_fault *fault)
{
    struct dfota_buffer wanted = {0};
    struct dfota_fault cause = {0};
    bool loaded;
    enum dfota_error err = load_flash(&job->target, &wanted, &loaded, fault);

    if (err)
        return err;
    if (!loaded)
        dfota_verification_fail(job, "VFY-10", DFOTA_MISMATCH_NONE,
                                "a folder, not one image of the flash");
    else if (dfota_flash_check_mini(&job->mini, DFOTA_MINI_NEW_ALL,
                                    dfota_buffer_view(&wanted), &cause))
        dfota_verification_fault(job, "VFY-10", DFOTA_MISMATCH_NONE, &cause);
    else if (made->size > 0 && !same_where_written(&job->mini, made, &wanted))
        dfota_verification_fail(job, "VFY-10", DFOTA_MISMATCH_NONE,
                                "the package makes another image");
    else
        dfota_verification_note(job, "VFY-10", DFOTA_CHECK_PASS,
                                "the package makes the image given");
    dfota_buffer_free(&wanted);
    return DFOTA_OK;
}

static enum dfota_error check_target(struct dfota_verification *job,
                                     const struct dfota_buffer *made,
                                     struct dfota_fault *fault)
{
    const struct comparison new = {&job->target, true, "VFY-10",
                                   DFOTA_MISMATCH_NONE};
    bool same;

    if (job->request->target == NULL) {
        dfota_verification_note(job, "VFY-10", DFOTA_CHECK_SKIP,
                                "pass --target FILE, what it must become");
        return DFOTA_OK;
    }
    if (job->package.kind == DFOTA_PACKAGE_MINI)
        return check_mini_target(job, made, fault);
    return compare_all(job, &new, &same, fault);
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
