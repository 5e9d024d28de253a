/* SPDX-License-Identifier: MIT */
/*
 * spill.h - large memory that lies in files of ours
 *
 * Such memory is written piece by piece, mapped, and from then on only read.
 * What of it was read is resident, like any other memory; so whoever reads much
 * looks now and then, and a thread does every half millisecond, how much the
 * whole program has resident, and where that comes near the bound all pages of
 * such memory are let go.  They stay in the files, and come back when they are
 * read again.
 *
 * The files have no names: they go with the program, however that ends.  Nobody
 * else can make them shorter, so that reading them cannot fail as it would in a
 * mapped file of the user's.
 */
#ifndef DFOTA_LIB_BASE_SPILL_H
#define DFOTA_LIB_BASE_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/base/buffer.h"

/* All such memory of a job, and who watches it. */
struct dfota_spills;

/*
 * Begins to watch.  The files will lie in the folder of `path`, which faults
 * name and which must outlive `**out`.  `bound` (bytes) is what the program is
 * to have resident at most; of what other memory leaves of it, pages of the
 * files take up to a quarter, and the rest is for those that come between two
 * looks. Errors: DFOTA_ERR_MEMORY, DFOTA_ERR_IO.
 */
enum dfota_error dfota_spills_open(const char *path, uint64_t bound,
                                   struct dfota_spills **out,
                                   struct dfota_fault *fault);

/* Ends it, after all of its memory was freed.  NULL does nothing. */
void dfota_spills_close(struct dfota_spills *spills);

/* Memory in a file.  {0} is none, and freeing that does nothing. */
struct dfota_spill {
    struct dfota_spills *owner;
    int fd;
    void *bytes; /* NULL until it is mapped */
    size_t size;
    struct dfota_spill *next; /* of the owner's */
};

/* Makes a file.  Errors, which leave `*out` untouched: DFOTA_ERR_IO,
 * DFOTA_ERR_MEMORY. */
enum dfota_error dfota_spill_make(struct dfota_spills *spills,
                                  struct dfota_spill *out,
                                  struct dfota_fault *fault);

/* Writes bytes at `offset`.  From any thread.  Errors: DFOTA_ERR_IO. */
enum dfota_error dfota_spill_put(const struct dfota_spill *spill,
                                 uint64_t offset, const void *bytes,
                                 size_t size, struct dfota_fault *fault);

/*
 * Gives all of the file as memory, once its `size` bytes are written, until
 * `*spill`, which must stay where it is, is freed.
 * Errors: DFOTA_ERR_IO, also when there are fewer bytes; DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_spill_map(struct dfota_spill *spill, size_t size,
                                 struct dfota_view *out,
                                 struct dfota_fault *fault);

void dfota_spill_free(struct dfota_spill *spill);

/*
 * Looks at once, since the thread that watches may be kept waiting where others
 * want the processor: for whoever has read about DFOTA_SPILL_LOOK bytes of
 * memory that may be such.  What is resident is the whole program's, and so are
 * all such memories, of whatever job.  Cheap where there are none.
 */
void dfota_spills_look(void);

#define DFOTA_SPILL_LOOK ((uint64_t)1 << 18)

/* The same, only where bytes from `pos` to `pos + size` are the last ones
 * before a multiple of DFOTA_SPILL_LOOK: for whoever reads on and on. */
static inline void dfota_spills_look_at(uint64_t pos, uint64_t size)
{
    if (pos / DFOTA_SPILL_LOOK != (pos + size) / DFOTA_SPILL_LOOK)
        dfota_spills_look();
}

#endif
