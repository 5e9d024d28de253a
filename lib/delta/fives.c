/* SPDX-License-Identifier: MIT */
#include "lib/delta/fives.h"

#include "lib/delta/hash.h"

#define LENGTH DFOTA_FIVES_LENGTH
#define EACH   8 /* bytes of text for each word of the set */

enum dfota_error dfota_fives_make(struct dfota_view text,
                                  struct dfota_hash_set *out,
                                  struct dfota_fault *fault)
{
    enum dfota_error err =
        dfota_hash_set_make((uint32_t)(text.size / EACH) + 1, out, fault);

    if (err)
        return err;
    for (size_t i = 0; i + LENGTH <= text.size; i++)
        dfota_hash_set_add(out, dfota_hash_of(text.data + i, LENGTH));
    return DFOTA_OK;
}

uint64_t dfota_fives_which(const struct dfota_hash_set *fives,
                           struct dfota_view sought, unsigned count)
{
    size_t whole = sought.size < LENGTH ? 0 : sought.size - LENGTH + 1;
    uint64_t hashes[DFOTA_HASH_SET_MOST];
    unsigned asked = count < whole ? count : (unsigned)whole;

    if (fives->count == 0)
        return UINT64_MAX;
    for (unsigned i = 0; i < asked; i++)
        hashes[i] = dfota_hash_of(sought.data + i, LENGTH);
    return dfota_hash_set_which(fives, hashes, asked);
}
