/* SPDX-License-Identifier: MIT */
/*
 * flash.h - what a flash holds after a package has been applied to it
 *
 * A package for one image turns a file into another.  A package for partitions
 * changes these in an image of the whole flash, and nothing else.  Images come
 * from a source and go to a sink, piece by piece; only for MiniFOTA and for
 * patches of BSDIFF40 both are in memory.
 */
#ifndef DFOTA_JOBS_FLASH_H
#define DFOTA_JOBS_FLASH_H

#include "jobs/package.h"
#include "jobs/trial.h"

/*
 * Applies `package` to `old` with the module's applier and gives the whole new
 * image to `new`, and its digests, unless that is NULL, to `*made`.
 *
 * Errors, ascribed to the package and at their offset in it: those of
 * dfota_apply_delta(), dfota_bsdiff40_apply(), dfota_package_read() and
 * dfota_flash_update_part(), and
 *   DFOTA_ERR_FORMAT   APPLY-2  not a package that can be applied
 *   DFOTA_ERR_REFUSED  APPLY-3  a partition lies beyond the end of `old`, on
 *                               another, or changes its size
 *   those of source and sink
 */
enum dfota_error dfota_flash_update(struct dfota_package *package,
                                    const struct dfota_source *old,
                                    const struct dfota_sink *new,
                                    struct dfota_digests *made,
                                    struct dfota_fault *fault);

/* One image on its way through the applier. */
struct dfota_flash_update {
    struct dfota_source old;
    struct dfota_sink new;
    struct dfota_digests made; /* of what went to `new`, afterwards */
};

/*
 * Makes the new image of one partition of a zip that was read from its old
 * image.
 *
 * Errors, as before: those of dfota_apply_delta(), source and sink, and
 *   DFOTA_ERR_DIGEST  APPLY-4  the old image is not what the partition keeps
 */
enum dfota_error dfota_flash_update_part(const struct dfota_package *package,
                                         size_t index,
                                         struct dfota_flash_update *update,
                                         struct dfota_fault *fault);

/*
 * The part of an image that a partition of a zip is about: all of it for the
 * partition "image", else what lies at its address.  False, and `*part`
 * untouched, when the image does not reach so far.
 */
bool dfota_flash_part(const struct dfota_manifest_partition *partition,
                      const struct dfota_source *image,
                      struct dfota_source *part);

/*
 * Compares a flash image with the CRC32s that a .mini_1 states, as the module
 * does.  Errors: those of dfota_mini_check_flash(), and MIN-13 for an image of
 * another size than the flash.
 */
enum dfota_error dfota_flash_check_mini(const struct dfota_mini_header *header,
                                        enum dfota_mini_state state,
                                        struct dfota_view flash,
                                        struct dfota_fault *fault);

/*
 * Writes the frames of a whole .mini_2 into `flash`, of the header's size.
 * Errors: those of dfota_mini_feed() and dfota_mini_finish().
 */
enum dfota_error
dfota_flash_write_second(const struct dfota_mini_header *header,
                         struct dfota_view second, struct dfota_buffer *flash,
                         struct dfota_fault *fault);

/* The MiniFOTA case of dfota_flash_update(), for a package that was read. */
enum dfota_error dfota_flash_update_mini(const struct dfota_package *package,
                                         struct dfota_view old,
                                         struct dfota_buffer *new,
                                         struct dfota_fault *fault);

#endif
