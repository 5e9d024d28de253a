/* SPDX-License-Identifier: MIT */
/*
 * coder.h - what of new is not foreseen, whichever way it is coded
 *
 * Whoever makes new asks a coder for everything that old and prediction cannot
 * tell.  A coder that decodes fills in what it is asked for; one that encodes
 * is given it, and writes it down.  So new is made by the same code in both
 * directions.
 *
 * After an error a coder keeps quiet and gives anything: ask `error` before
 * using what it gave.
 */
#ifndef DFOTA_LIB_APPLY_CODER_H
#define DFOTA_LIB_APPLY_CODER_H

#include "lib/apply/predict.h"

/* Some of new: bytes of its own, then a copy. */
struct dfota_record {
    uint32_t insert;  /* bytes that old does not tell */
    uint32_t copy;    /* bytes that resemble those of old ... */
    uint32_t old_pos; /* ... from here on */
    uint8_t dialect;  /* what code both are; one more than the prediction has:
                         bytes without any order, which copy nothing */
};

/* A site of a copy, as it may have become. */
struct dfota_guess {
    const struct dfota_site *site;
    uint32_t key;                       /* as dfota_predict_key() */
    uint8_t source;                     /* enum dfota_shift_source */
    bool moved;                         /* `first` is not what old has */
    uint8_t count;                      /* of the others */
    uint8_t first[DFOTA_SITE_SIZE_MAX]; /* as foreseen: `site->size` bytes */
    uint8_t others[DFOTA_SHIFT_OTHERS][DFOTA_SITE_SIZE_MAX]; /* the next best,
                                                       no two of them equal */
};

/* Numbers that are told of stash and segments. */
enum dfota_order_number {
    DFOTA_ORDER_GAP,    /* bytes of old between two ranges of the stash */
    DFOTA_ORDER_LENGTH, /* of such a range */
    DFOTA_ORDER_PASSED, /* segments that are passed over */
    DFOTA_ORDER_CONTENT /* coded bytes of the content of a segment */
};

struct dfota_coder {
    bool encodes;
    enum dfota_error error;
    const char *rule;  /* that `error` breaks; NULL for a callback's error */
    uint32_t position; /* in the delta, of an error with a rule */
    uint32_t new_pos;  /* where in new the next record begins */

    /* The next record. */
    void (*record)(struct dfota_coder *coder, struct dfota_record *record);

    /* A number of how a delta is applied in place; NULL where that cannot be.
     */
    uint32_t (*number)(struct dfota_coder *coder, enum dfota_order_number what,
                       uint32_t number);

    /* Whether the next piece of a copy, of `size` bytes, is as foreseen. */
    bool (*clean)(struct dfota_coder *coder, uint32_t size, bool clean);

    /* Whether the next stride of a copy, of `size` bytes, is. */
    bool (*stride)(struct dfota_coder *coder, uint32_t size, bool clean);

    /* `size` bytes of a copy, at `old_pos` of old, which holds `foreseen`: a
     * whole row of steps, up to the next site or the end of the piece. */
    void (*bytes)(struct dfota_coder *coder, uint32_t old_pos,
                  const uint8_t *foreseen, uint8_t *actual, size_t size);

    /* A site of a copy. */
    void (*site)(struct dfota_coder *coder, const struct dfota_guess *guess,
                 uint8_t *actual);

    /* Inserted bytes, at `new_pos` of new, at most DFOTA_CODER_BLOCK. */
    void (*literal)(struct dfota_coder *coder, uint8_t dialect,
                    uint32_t new_pos, uint8_t *actual, size_t size);

    /* After the last record: all that was coded of records has been used, and
     * all else. */
    void (*end_records)(struct dfota_coder *coder);
    void (*end)(struct dfota_coder *coder);
};

/* Pieces that a stride has. */
#define DFOTA_CODER_STRIDE 16

/* Inserted bytes are asked for up to where their place in new is a multiple. */
#define DFOTA_CODER_BLOCK 256

#endif
