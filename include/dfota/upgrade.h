/* SPDX-License-Identifier: MIT */
/*
 * upgrade.h - upgrades on flash that no power cut can break
 *
 * For firmware: a bootloader, or a system that is upgraded while it runs.  An
 * upgrade is a state machine whose state is in a journal in flash.  After each
 * start the caller opens it and is told what mode to be in; in that mode it
 * runs the present step, as often as it takes, and restarts when the mode
 * changes.  Power may go at any time.
 *
 * Freestanding C11.  Nothing is allocated, nothing is static, and nothing is
 * used that the caller did not give.
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash.
 */
#ifndef DFOTA_UPGRADE_H
#define DFOTA_UPGRADE_H

#include "dfota/apply.h"
#include "dfota/flash.h"
#include "dfota/journal.h"
#include "dfota/mini.h"

/* What every upgrade works with; all of it outlives the upgrade. */
struct dfota_platform {
    const struct dfota_flash *flash;
    struct dfota_area journal;
    /* As in struct dfota_applier. */
    const struct dfota_coding *const *codings;
    const struct dfota_isa *const *isas;
    const struct dfota_codec *const *codecs;
    const struct dfota_hash *sha256; /* or NULL */
    uint32_t (*crc32)(uint32_t crc, const uint8_t *bytes, size_t size);
    void *memory; /* aligned to 16 bytes */
    /* As much as packages may ask for, and at least DFOTA_UPGRADE_MEMORY. */
    size_t memory_size;
};

#define DFOTA_UPGRADE_MEMORY 4096

/* What the module is to run. */
enum dfota_upgrade_mode {
    DFOTA_MODE_NORMAL,   /* the big system: nothing is to be done */
    DFOTA_MODE_DOWNLOAD, /* the Mini system, which reaches the network */
    DFOTA_MODE_UPGRADE   /* neither: the bootloader, which alone is whole */
};

/* --- MiniFOTA ------------------------------------------------------------- */

/* What is to be done next.  Only ever append: journals hold these numbers. */
enum dfota_mini_step {
    DFOTA_MINI_STEP_IDLE,    /* nothing; no upgrade, or one that was refused */
    DFOTA_MINI_STEP_HEADER,  /* fetch the header of .mini_1, check the flash */
    DFOTA_MINI_STEP_PACKAGE, /* erase, fetch .mini_1, back the Mini system up */
    DFOTA_MINI_STEP_PATCH,   /* patch the Mini system */
    DFOTA_MINI_STEP_RESTORE, /* put it back, for that did not come out right */
    DFOTA_MINI_STEP_SECOND,  /* fetch .mini_2 and write the big system */
    DFOTA_MINI_STEP_DONE     /* nothing; the flash holds the new version */
};

#define DFOTA_MINI_STEP_COUNT 7

struct dfota_mini_upgrade {
    const struct dfota_platform *platform;
    /* Areas inside the big system, apart from each other: of the size of the
     * largest delta, and of the Mini region. */
    struct dfota_area storage;
    struct dfota_area backup;
    void *context; /* handed to the callbacks */
    /*
     * Gives `size` bytes of .mini_1 or .mini_2 from `offset` on.  Offsets rise
     * without a gap from 0 on, but for the frames that are written already.
     * Any error ends the step, which is begun again some time.
     */
    enum dfota_error (*read_first)(void *context, uint32_t offset, void *out,
                                   size_t size);
    enum dfota_error (*read_second)(void *context, uint32_t offset, void *out,
                                    size_t size);
    /* Whether the module runs this version; NULL: whatever it runs. */
    bool (*is_mine)(void *context, const struct dfota_mini_identity *from);

    /* What follows is the upgrade's own. */
    struct dfota_journal journal;
    struct dfota_mini_header header; /* from the step PATCH on */
    struct dfota_mini_reader reader;
};

/*
 * Finds out where the upgrade stands; to be called after every start, before
 * anything else.  The caller has filled in what is above.
 *
 * Cost: reads the journal and at most once programs a record in it.
 *
 * Errors: those of the flash, and
 *   DFOTA_ERR_USAGE        FLASH-1  the flash is impossible
 *   DFOTA_ERR_USAGE        FLASH-2  an area is not whole sectors of it
 *   DFOTA_ERR_USAGE        FLASH-3  areas overlap
 *   DFOTA_ERR_USAGE        JRN-1    the journal is not two halves
 *   DFOTA_ERR_LIMIT        JRN-2    the journal is too small
 *   DFOTA_ERR_UNSUPPORTED  JRN-4    it is of another kind of upgrade
 */
DFOTA_API enum dfota_error
dfota_mini_upgrade_open(struct dfota_mini_upgrade *upgrade,
                        struct dfota_fault *fault);

/* What is to be done next. */
DFOTA_API enum dfota_mini_step
dfota_mini_upgrade_step(const struct dfota_mini_upgrade *upgrade);

/* In which mode. */
DFOTA_API enum dfota_upgrade_mode
dfota_mini_upgrade_mode(const struct dfota_mini_upgrade *upgrade);

/*
 * Begins an upgrade, as AT+QFOTADL does.  In the midst of one, a package is
 * on offer that may be another one: in the step SECOND its header is fetched,
 * and where the Mini system is its new one, its .mini_2 is written from the
 * first frame on; where it is its old one, all begins anew.
 *
 * Errors: those of the flash and of `read_first`, and
 *   those of dfota_mini_upgrade_run() for a package that does not fit, which
 *   is then left alone
 */
DFOTA_API enum dfota_error
dfota_mini_upgrade_begin(struct dfota_mini_upgrade *upgrade,
                         struct dfota_fault *fault);

/*
 * Gives up, which can be done up to the step HEADER: with no network, say.
 *
 * Errors: those of the flash, and
 *   DFOTA_ERR_REFUSED  UPG-1  something has been erased already
 */
DFOTA_API enum dfota_error
dfota_mini_upgrade_abandon(struct dfota_mini_upgrade *upgrade,
                           struct dfota_fault *fault);

/*
 * Does the present step.  After DFOTA_OK there is another one, or nothing left
 * to do; after an error the step is as it was, but for these:
 *   a package that is refused in HEADER leads to IDLE
 *   a Mini system that did not come out right leads to RESTORE
 *
 * Cost: the platform's memory, and less than 2 KiB of stack.
 *
 * Errors: those of the callbacks, of dfota_mini_read_header(),
 * dfota_mini_check_flash(), dfota_apply_delta() and dfota_mini_feed(), and
 *   DFOTA_ERR_REFUSED  UPG-2   the package is for another version
 *   DFOTA_ERR_REFUSED  UPG-3   a region is not whole sectors of the flash
 *   DFOTA_ERR_REFUSED  UPG-4   storage or backup is too small for it, or not
 *                              in the big system
 *   DFOTA_ERR_LIMIT    UPG-5   it needs more memory than there is
 *   DFOTA_ERR_CORRUPT  MIN-17  the delta is not between the Mini regions
 */
DFOTA_API enum dfota_error
dfota_mini_upgrade_run(struct dfota_mini_upgrade *upgrade,
                       struct dfota_fault *fault);

/* --- images, in place ----------------------------------------------------- */

/* What is to be done next.  Only ever append: journals hold these numbers. */
enum dfota_image_step {
    DFOTA_IMAGE_STEP_IDLE,  /* nothing; no upgrade, or one that was refused */
    DFOTA_IMAGE_STEP_CHECK, /* package and images, before the first erase */
    DFOTA_IMAGE_STEP_STASH, /* save what will be overwritten too early */
    DFOTA_IMAGE_STEP_MAKE,  /* make a segment in the scratch area */
    DFOTA_IMAGE_STEP_COPY,  /* and write it to its place */
    DFOTA_IMAGE_STEP_DONE   /* nothing; all images are the new ones */
};

#define DFOTA_IMAGE_STEP_COUNT 6

/* An image that a package may change, or one of several. */
struct dfota_image_part {
    const char *entry; /* its delta in the package, as "image.delta" */
    struct dfota_area area;
};

/*
 * An upgrade of DFOTA: a zip that lies in flash, with a delta in place for each
 * image that changes.  With `retries` it is that of RG and RM modules: a mark
 * is set while there is something to do, an error makes for another try after a
 * restart, so many times, and a power cut does not count.
 */
struct dfota_image_upgrade {
    const struct dfota_platform *platform;
    const struct dfota_image_part *parts;
    uint8_t part_count;
    uint8_t retries;           /* 0: as often as it takes; RG and RM: 5 */
    struct dfota_area package; /* where the zip is */
    uint32_t package_size;     /* bytes of it */
    /* For the largest segment, in whole sectors, and behind it the stash; both
     * together are what the package was made for. */
    struct dfota_area scratch;

    /* What follows is the upgrade's own. */
    struct dfota_journal journal;
};

/* As dfota_mini_upgrade_open(). */
DFOTA_API enum dfota_error
dfota_image_upgrade_open(struct dfota_image_upgrade *upgrade,
                         struct dfota_fault *fault);

/* What is to be done next. */
DFOTA_API enum dfota_image_step
dfota_image_upgrade_step(const struct dfota_image_upgrade *upgrade);

/* In which mode: DFOTA_MODE_UPGRADE or DFOTA_MODE_NORMAL. */
DFOTA_API enum dfota_upgrade_mode
dfota_image_upgrade_mode(const struct dfota_image_upgrade *upgrade);

/*
 * Begins an upgrade, with what is in the package's area then.  In the midst of
 * one it does nothing: a corrected package is taken without being told.
 * Errors: those of the flash.
 */
DFOTA_API enum dfota_error
dfota_image_upgrade_begin(struct dfota_image_upgrade *upgrade,
                          struct dfota_fault *fault);

/*
 * Does the present step, and those that follow on it without a restart.  After
 * DFOTA_OK there is another one, or nothing left to do.  After an error the
 * step is as it was, but for these, which lead to IDLE:
 *   a package that is refused before anything has been overwritten
 *   the last of the retries
 * When something has been overwritten, the package may be replaced by a whole
 * one of the same, or by one whose delta needs no old image.
 *
 * Cost: the platform's memory, and less than 2.5 KiB of stack.
 *
 * Errors: those of the flash, of dfota_zip_local_read() and of dfota_in_place_*
 * in dfota/in_place.h, and
 *   DFOTA_ERR_DIGEST   ZIP-16  a delta differs from the CRC32 of its entry
 *   DFOTA_ERR_REFUSED  UPG-6   a delta does not fit: it is not in place, or
 *                              for other sectors, scratch, or size
 *   DFOTA_ERR_REFUSED  UPG-7   another delta than the one that was begun with
 *   DFOTA_ERR_REFUSED  UPG-8   no delta for any of the images
 */
DFOTA_API enum dfota_error
dfota_image_upgrade_run(struct dfota_image_upgrade *upgrade,
                        struct dfota_fault *fault);

#endif
