/* SPDX-License-Identifier: MIT */
/*
 * words.h - the words of copies that may have changed as their likes did
 *
 * A word that changed as no other word did cannot be foreseen by any of them.
 * So of all words only those are collected that are near in value to several
 * which did not change alone.
 */
#ifndef DFOTA_LIB_DELTA_WORDS_H
#define DFOTA_LIB_DELTA_WORDS_H

#include "lib/apply/predict.h"
#include "lib/delta/pairing.h"
#include "lib/delta/sites.h"

/* Values are near where they are of one granule, 2^14 of them. */
#define DFOTA_WORDS_GRANULE_BITS 14

/* So many words of a granule must have changed as some other word did. */
#define DFOTA_WORDS_CHANGES 4

/* Pairs of what a word was and what it is, sorted; see pairs.h.  Owns them.
 * {0} is none. */
struct dfota_words {
    uint64_t *pairs;
    size_t count;
};

/*
 * Collects, of the copies of `plan`, the words that no instruction and no
 * pointer has a part of; `predictor` knows these, and `regions` are those of
 * old.  Where `plan->most` bounds them, they are of the granules in which most
 * words changed.  On failure `*out` is untouched.
 *
 * Cost: linear in the copies' bytes; 8 bytes a word, a bit for each word of
 * new, and 7 MiB.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_words_collect(const struct dfota_pairing *plan,
                                     const struct dfota_predictor *predictor,
                                     const struct dfota_regions *regions,
                                     struct dfota_words *out,
                                     struct dfota_fault *fault);

void dfota_words_free(struct dfota_words *words);

#endif
