/* SPDX-License-Identifier: MIT */
#include "lib/apply/image_job.h"

#include "lib/apply/platform.h"
#include "lib/apply/zip_local.h"

#define CENTRAL_SIGNATURE 0x02014b50U
#define LOCAL_MAX         (DFOTA_ZIP_LOCAL_SIZE + DFOTA_ZIP_NAME_MAX)

/* Reads the local header at `at` in the package; `local->name` is in `bytes`.
 * Where the entries have come to their end, `local->name_size` is 0. */
static enum dfota_error read_local(const struct dfota_image_upgrade *up,
                                   uint32_t at, uint8_t bytes[LOCAL_MAX],
                                   struct dfota_zip_local *local,
                                   struct dfota_fault *fault)
{
    const struct dfota_flash *flash = up->platform->flash;
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
                                   const char *entry,
                                   struct dfota_image_job *job,
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
static enum dfota_error check_delta(struct dfota_image_job *job,
                                    struct dfota_fault *fault)
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
                                  const struct dfota_image_job *job,
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
    const struct dfota_image_job *job = context;

    return job->flash->read(job->flash->context, job->delta.address + offset,
                            out, size);
}

static enum dfota_error read_image(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_image_job *job = context;

    return job->flash->read(job->flash->context, job->image.address + offset,
                            out, size);
}

static enum dfota_error read_stash(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_image_job *job = context;

    return job->flash->read(job->flash->context, job->stash + offset, out,
                            size);
}

static enum dfota_error write_segment(void *context, const void *bytes,
                                      size_t size)
{
    struct dfota_image_job *job = context;

    return dfota_flash_writer_add(&job->writer, bytes, size);
}

enum dfota_error dfota_image_job_open(const struct dfota_image_upgrade *up,
                                      unsigned part,
                                      struct dfota_image_job *job,
                                      struct dfota_fault *fault)
{
    enum dfota_error err;

    job->in_place = NULL;
    job->flash = up->platform->flash;
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
