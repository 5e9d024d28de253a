/* SPDX-License-Identifier: MIT */
#include "lib/delta/wanted.h"

#include "lib/apply/copy.h"
#include "lib/base/spill.h"
#include "lib/delta/hash.h"

#define SHARE 2 /* part of new that may be beside its runs: 1/2 */
#define WORD  8 /* bytes of one of the set's */
#define EACH  4 /* pieces for each word: few others pass by chance */

static size_t bytes_beside(struct dfota_view new, struct dfota_view runs)
{
    const struct dfota_copy *run = (const void *)runs.data;
    size_t beside = new.size;

    for (size_t i = 0; i < runs.size / sizeof(*run); i++)
        beside -= run[i].length;
    return beside;
}

/* Adds all pieces that begin from `begin` to `end`. */
static void add_pieces(struct dfota_view new, size_t begin, size_t end,
                       const struct dfota_hash_set *out)
{
    begin -= begin < DFOTA_WANTED_LENGTH ? begin : DFOTA_WANTED_LENGTH;
    dfota_spills_look_at(begin, end - begin);
    for (; begin < end && new.size - begin >= DFOTA_WANTED_LENGTH; begin++)
        dfota_hash_set_add(
            out, dfota_hash_of(new.data + begin, DFOTA_WANTED_LENGTH));
}

enum dfota_error dfota_wanted_make(struct dfota_view new,
                                   struct dfota_view runs, uint64_t most,
                                   struct dfota_hash_set *out,
                                   struct dfota_fault *fault)
{
    const struct dfota_copy *run = (const void *)runs.data;
    size_t beside = bytes_beside(new, runs);
    uint64_t count = beside / EACH + 1;
    size_t done = 0;
    enum dfota_error err;

    if (beside > new.size / SHARE)
        return DFOTA_OK;
    if (count > most / WORD)
        count = most / WORD + (most < WORD);
    err = dfota_hash_set_make((uint32_t)count, out, fault);
    for (size_t i = 0; i < runs.size / sizeof(*run) && !err; i++) {
        add_pieces(new, done, run[i].new_pos, out);
        done = (size_t)run[i].new_pos + run[i].length;
    }
    if (!err)
        add_pieces(new, done, new.size, out);
    return err;
}
