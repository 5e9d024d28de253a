/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "jobs/flash.h"
#include "jobs/verification.h"
#include "lib/apply/crc32.h"

/* --- VFY-1: the container ------------------------------------------------- */

static void describe_zip(struct dfota_verification *job)
{
    size_t count = dfota_manifest_delta_count(&job->package.zip->manifest);

    job->readable = true;
    dfota_verification_note(job, "VFY-1", DFOTA_CHECK_PASS,
                            "zip, manifest, %zu delta%s and all digests are "
                            "right",
                            count, count == 1 ? "" : "s");
}

/* Whether some module takes such a file, ours or another maker's. */
static bool is_package_of_others(const struct dfota_package *package)
{
    static const char *const names[] = {"android-payload",
                                        "android-recovery",
                                        "fota-all",
                                        "fota-fir",
                                        "fota-sec",
                                        "marvell-fbf",
                                        "pac",
                                        "redbend",
                                        "zip"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(package->name, names[i]) == 0)
            return true;
    return false;
}

/*
 * A package of others, as far as it is known; or what is none.  A bare patch,
 * such as BSDIFF40, is none either: it has no place for project and version.
 */
static void describe_foreign(struct dfota_verification *job)
{
    const struct dfota_package *package = &job->package;

    if (strcmp(package->name, "unknown") == 0)
        dfota_verification_fail(job, "VFY-1", DFOTA_MISMATCH_CONTAINER,
                                "neither a package of ours nor one that is "
                                "known");
    else if (is_package_of_others(package))
        dfota_verification_note(job, "VFY-1", DFOTA_CHECK_SKIP,
                                "%s: not ours, so that name, URL and size "
                                "alone can be checked",
                                package->description);
    else
        dfota_verification_fail(job, "VFY-1", DFOTA_MISMATCH_CONTAINER,
                                "%s, which no module takes by itself",
                                package->description);
}

/* The first 2,048 bytes of a .mini_1, all that the module has at first. */
static void check_mini_header(struct dfota_verification *job)
{
    struct dfota_fault cause = {0};

    if (dfota_mini_read_header(job->package.file.data, job->package.file.size,
                               &job->mini, &cause)) {
        dfota_verification_fault(job, "VFY-1", DFOTA_MISMATCH_CONTAINER,
                                 &cause);
        return;
    }
    job->readable = true;
    dfota_verification_note(job, "VFY-1", DFOTA_CHECK_PASS,
                            "the header of the .mini_1 is right");
}

static enum dfota_error check_container(struct dfota_verification *job,
                                        struct dfota_fault *fault)
{
    struct dfota_fault cause = {0};
    enum dfota_error err;

    if (job->package.kind == DFOTA_PACKAGE_MINI) {
        check_mini_header(job);
        return DFOTA_OK;
    }
    if (job->package.kind != DFOTA_PACKAGE_ZIP) {
        describe_foreign(job);
        return DFOTA_OK;
    }
    err = dfota_package_read(&job->package, &cause);
    if (dfota_verification_is_machine(err)) {
        *fault = cause;
        return err;
    }
    if (err)
        dfota_verification_fault(job, "VFY-1", DFOTA_MISMATCH_CONTAINER,
                                 &cause);
    else
        describe_zip(job);
    return DFOTA_OK;
}

/* --- VFY-2 to VFY-4: project, baseline, version --------------------------- */

/* What the package states of the firmware it is for, and of what it makes. */
struct stated {
    struct dfota_manifest_identity from;
    const char *to;
};

/* Says it as a manifest does. */
static void expand(const struct dfota_mini_identity *mini,
                   struct dfota_manifest_identity *out)
{
    *out = (struct dfota_manifest_identity){0};
    memcpy(out->version, mini->version, sizeof(out->version));
    memcpy(out->project, mini->version, mini->project_size);
    memcpy(out->baseline, mini->version + mini->project_size,
           mini->baseline_size);
}

/* False where the package states no version. */
static bool read_stated(const struct dfota_verification *job,
                        struct stated *out)
{
    if (job->package.kind == DFOTA_PACKAGE_MINI) {
        expand(&job->mini.from, &out->from);
        out->to = job->mini.to.version;
        return true;
    }
    if (!job->package.zip->manifest.has_identity)
        return false;
    out->from = job->package.zip->manifest.from;
    out->to = job->package.zip->manifest.to.version;
    return true;
}

/* One of the parts of a version. */
struct part {
    const char *rule;
    enum dfota_mismatch mismatch;
    const char *module;
    const char *package;
    bool differs;
};

static void check_part(struct dfota_verification *job, const struct part *part)
{
    if (part->differs)
        dfota_verification_fail(job, part->rule, part->mismatch,
                                "the module has %s, the package needs %s",
                                part->module, part->package);
    else
        dfota_verification_note(job, part->rule, DFOTA_CHECK_PASS, "%s",
                                part->package);
}

static void compare_versions(struct dfota_verification *job,
                             const struct dfota_manifest_identity *stated,
                             const struct dfota_version *from)
{
    const struct dfota_version *module = &job->module;
    const unsigned differs = dfota_version_compare(module, from) &
                             (DFOTA_VERSION_VERSION | DFOTA_VERSION_FLASH);
    const struct part parts[] = {
        {"VFY-2", DFOTA_MISMATCH_PROJECT, module->project, stated->project,
         strcmp(module->project, stated->project) != 0},
        {"VFY-3", DFOTA_MISMATCH_BASELINE, module->baseline, stated->baseline,
         strcmp(module->baseline, stated->baseline) != 0},
        {"VFY-4", DFOTA_MISMATCH_VERSION, module->text, from->text,
         differs != 0},
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        check_part(job, &parts[i]);
}

static void check_identity(struct dfota_verification *job)
{
    struct dfota_version from_version;
    struct dfota_version to_version;
    struct stated stated;
    const char *from;

    if (!read_stated(job, &stated)) {
        dfota_verification_note(job, "VFY-2", DFOTA_CHECK_SKIP,
                                "the package states no version");
        return;
    }
    job->has_identity = true;
    from = stated.from.version;
    if (!job->has_module) {
        dfota_verification_note(job, "VFY-2", DFOTA_CHECK_SKIP,
                                "pass --module VERSION; the package is for %s",
                                from);
        return;
    }
    if (dfota_version_parse(from, strlen(from), &from_version, NULL) ||
        dfota_version_parse(stated.to, strlen(stated.to), &to_version, NULL)) {
        dfota_verification_fail(job, "VFY-4", DFOTA_MISMATCH_VERSION,
                                "%s or %s is no version", from, stated.to);
        return;
    }
    job->updated = dfota_version_compare(&job->module, &to_version) == 0 &&
                   dfota_version_compare(&job->module, &from_version) != 0;
    if (job->updated)
        dfota_verification_fail(job, "VFY-4", DFOTA_MISMATCH_NONE,
                                "the module already has %s", stated.to);
    else
        compare_versions(job, &stated.from, &from_version);
}

/* --- VFY-6, VFY-7: the rest of a MiniFOTA package ------------------------- */

/* More memory than any frame made here needs: one holds 64 KiB at most. */
#define FRAME_RAM ((uint32_t)1 << 20) /* bytes */

/* Whether the app regions of `flash` are what the .mini_1 states. */
static bool has_new_apps(const struct dfota_mini_header *header,
                         const struct dfota_buffer *flash)
{
    for (unsigned i = 1; i < header->region_count; i++) {
        const struct dfota_mini_region *region = &header->regions[i];

        if (dfota_crc32(0, flash->data + region->address, region->length) !=
            region->new_crc32)
            return false;
    }
    return true;
}

/*
 * Whether the .mini_2, which is not the one that the .mini_1 states, is sound
 * in itself and fills the flash with something else: then it is of another
 * run, and not damaged.
 */
static enum dfota_error is_of_other_run(const struct dfota_verification *job,
                                        bool *out, struct dfota_fault *fault)
{
    struct dfota_view second = dfota_buffer_view(&job->package.second.file);
    struct dfota_mini_header header = job->mini;
    struct dfota_buffer flash = {0};
    struct dfota_fault cause = {0};
    enum dfota_error err;

    header.second_size = (uint32_t)second.size;
    header.ram = FRAME_RAM;
    if (dfota_buffer_reserve(&flash, header.flash_size) == NULL)
        return dfota_buffer_check(&flash, fault);
    memset(flash.data, 0, header.flash_size);
    flash.size = header.flash_size;
    err = dfota_flash_write_second(&header, second, &flash, &cause);
    *out = !err && !has_new_apps(&header, &flash);
    dfota_buffer_free(&flash);
    if (!dfota_verification_is_machine(err))
        return DFOTA_OK;
    *fault = cause;
    return err;
}

/* The same, for a package that cannot be read because of `cause`. */
static enum dfota_error is_stranger(const struct dfota_verification *job,
                                    const struct dfota_fault *cause, bool *out,
                                    struct dfota_fault *fault)
{
    *out = false;
    if (cause->rule == NULL)
        return DFOTA_OK;
    *out = strcmp(cause->rule, "MIN-24") == 0;
    if (strcmp(cause->rule, "MIN-19") != 0 &&
        strcmp(cause->rule, "MIN-25") != 0)
        return DFOTA_OK;
    return is_of_other_run(job, out, fault);
}

static enum dfota_error check_rest(struct dfota_verification *job,
                                   struct dfota_fault *fault)
{
    struct dfota_fault cause = {0};
    bool stranger = false;
    enum dfota_error err;

    if (job->package.kind != DFOTA_PACKAGE_MINI)
        return DFOTA_OK;
    err = dfota_package_read(&job->package, &cause);
    if (dfota_verification_is_machine(err)) {
        *fault = cause;
        return err;
    }
    if (!job->package.second.present) {
        job->readable = false;
        dfota_verification_note(job, "VFY-7", DFOTA_CHECK_SKIP,
                                "there is no second file");
        return DFOTA_OK;
    }
    job->readable = !err;
    if (err && is_stranger(job, &cause, &stranger, fault))
        return fault->error;
    if (stranger) {
        dfota_verification_fail(job, "VFY-6", DFOTA_MISMATCH_NONE,
                                "the .mini_2 was made for another .mini_1");
    } else if (err) {
        dfota_verification_fault(job, "VFY-7", DFOTA_MISMATCH_CONTAINER,
                                 &cause);
    } else {
        dfota_verification_note(job, "VFY-6", DFOTA_CHECK_PASS,
                                "both files are of one run");
        dfota_verification_note(job, "VFY-7", DFOTA_CHECK_PASS,
                                "all digests are right");
    }
    return DFOTA_OK;
}

/* VFY-8: room for package and backup in the erased big system. */
static void check_room(struct dfota_verification *job)
{
    const struct dfota_mini_header *header = &job->mini;
    uint64_t need = job->package.file.size + header->regions[0].length;
    uint64_t room = 0;

    if (job->package.kind != DFOTA_PACKAGE_MINI)
        return;
    for (unsigned i = 1; i < header->region_count; i++)
        room += header->regions[i].length;
    if (need > room)
        dfota_verification_fail(job, "VFY-8", DFOTA_MISMATCH_SPACE,
                                "package and backup of the Mini system need "
                                "%llu bytes, the big system has %llu",
                                (unsigned long long)need,
                                (unsigned long long)room);
    else
        dfota_verification_note(job, "VFY-8", DFOTA_CHECK_PASS,
                                "%llu of %llu bytes", (unsigned long long)need,
                                (unsigned long long)room);
}

enum dfota_error dfota_verify_inside(struct dfota_verification *job,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = check_container(job, fault);

    if (err || !job->readable)
        return err;
    check_identity(job);
    err = dfota_verify_source(job, fault);
    if (!err)
        err = check_rest(job, fault);
    if (err)
        return err;
    check_room(job);
    return dfota_verify_result(job, fault);
}
