/* SPDX-License-Identifier: MIT */
/* image_pair.h - an old image and a new one made from it.  After cmocka.h. */
#ifndef DFOTA_TESTS_SUPPORT_IMAGE_PAIR_H
#define DFOTA_TESTS_SUPPORT_IMAGE_PAIR_H

#include <stdlib.h>
#include <string.h>

#include "lib/base/buffer.h"
#include "tests/support/random.h"

struct image_pair {
    struct dfota_buffer old;
    struct dfota_buffer new;
};

static inline void image_pair_free(struct image_pair *pair)
{
    dfota_buffer_free(&pair->old);
    dfota_buffer_free(&pair->new);
}

/* Appends `size` random bytes below `alphabet`. */
static inline void image_add_random(struct dfota_buffer *image, uint32_t *seed,
                                    size_t size, uint32_t alphabet)
{
    for (size_t i = 0; i < size; i++)
        dfota_buffer_add_le(image, random_below(seed, alphabet), 1);
}

/* Appends words that look like code: few kinds, and addresses among them. */
static inline void image_add_code(struct dfota_buffer *image, uint32_t *seed,
                                  size_t words)
{
    for (size_t i = 0; i < words; i++) {
        uint32_t kind = random_below(seed, 8);
        uint32_t word = 0xe1a00000 + kind * 0x01010101;

        if (kind == 0)
            word = 0x08000000 + random_below(seed, 4096) * 4;
        dfota_buffer_add_le(image, word, 4);
    }
}

/* Appends `old` to `new`, with `edits` places where something was done to it.
 */
static inline void image_add_edited(struct dfota_buffer *new, uint32_t *seed,
                                    struct dfota_view old, unsigned edits)
{
    size_t at = 0;

    for (unsigned i = 0; i < edits && at < old.size; i++) {
        size_t left = old.size - at;
        size_t most = 2 * left / (edits - i);
        size_t keep =
            random_below(seed, (uint32_t)(most < left ? most : left) + 1);

        dfota_buffer_add(new, old.data + at, keep);
        at += keep;
        switch (random_below(seed, 4)) {
        case 0: /* insert */
            image_add_random(new, seed, random_below(seed, 50), 256);
            break;
        case 1: /* delete */
            left = old.size - at;
            at += left < 40 ? left : 40;
            break;
        case 2: /* replace */
            if (at < old.size)
                dfota_buffer_add_le(new, old.data[at++] ^ 0x55u, 1);
            break;
        default: /* repeat something from before */
            dfota_buffer_add(new, old.data + at / 2,
                             at / 2 < 100 ? at / 2 : 100);
        }
    }
    if (at < old.size)
        dfota_buffer_add(new, old.data + at, old.size - at);
}

enum image_kind {
    BOTH_EMPTY,
    OLD_EMPTY,
    NEW_EMPTY,
    ONE_BYTE,
    IDENTICAL,
    UNRELATED,
    EDITED_NOISE,
    EDITED_CODE,
    SHIFTED_ADDRESSES,
    TWO_LETTERS,
    OLD_MUCH_LARGER,
    NEW_MUCH_LARGER,
    SWAPPED_HALVES,
    IMAGE_KINDS
};

/* Moves all addresses by one distance, whatever that carries. */
static inline void image_shift_addresses(struct dfota_buffer *image)
{
    for (size_t i = 0; i + 4 <= image->size; i += 4) {
        unsigned low = image->data[i] | (unsigned)image->data[i + 1] << 8;

        if (image->data[i + 3] != 0x08 || image->data[i + 2] != 0)
            continue;
        low += 0x1f6c;
        image->data[i] = (uint8_t)low;
        image->data[i + 1] = (uint8_t)(low >> 8);
    }
}

/* Two images of that kind; image_pair_free() ends them. */
static inline struct image_pair image_pair_make(enum image_kind kind,
                                                uint32_t seed)
{
    struct image_pair pair = {{0}, {0}};
    struct dfota_buffer *old = &pair.old;
    struct dfota_buffer *new = &pair.new;

    switch (kind) {
    case BOTH_EMPTY:
    case IMAGE_KINDS:
        break;
    case OLD_EMPTY:
        image_add_random(new, &seed, 1000, 256);
        break;
    case NEW_EMPTY:
        image_add_random(old, &seed, 1000, 256);
        break;
    case ONE_BYTE:
        image_add_random(old, &seed, 1, 256);
        image_add_random(new, &seed, 1, 256);
        break;
    case IDENTICAL:
        image_add_random(old, &seed, 30000, 256);
        dfota_buffer_add(new, old->data, old->size);
        break;
    case UNRELATED:
        image_add_random(old, &seed, 5000, 256);
        image_add_random(new, &seed, 6001, 256);
        break;
    case EDITED_NOISE:
        image_add_random(old, &seed, 20000, 256);
        image_add_edited(new, &seed, dfota_buffer_view(old), 60);
        break;
    case EDITED_CODE:
        image_add_code(old, &seed, 8000);
        image_add_edited(new, &seed, dfota_buffer_view(old), 40);
        break;
    case SHIFTED_ADDRESSES:
        image_add_code(old, &seed, 8000);
        dfota_buffer_add(new, old->data, old->size);
        image_shift_addresses(new);
        break;
    case TWO_LETTERS:
        image_add_random(old, &seed, 3000, 2);
        image_add_random(new, &seed, 3000, 2);
        break;
    case OLD_MUCH_LARGER:
        image_add_code(old, &seed, 40000);
        dfota_buffer_add(new, old->data + 70001, 333);
        break;
    case NEW_MUCH_LARGER:
        image_add_code(old, &seed, 50);
        for (int i = 0; i < 300; i++)
            image_add_edited(new, &seed, dfota_buffer_view(old), 2);
        break;
    case SWAPPED_HALVES:
        image_add_random(old, &seed, 20001, 256);
        dfota_buffer_add(new, old->data + 10000, 10001);
        dfota_buffer_add(new, old->data, 10000);
        break;
    }
    assert_int_equal(dfota_buffer_check(old, NULL), DFOTA_OK);
    assert_int_equal(dfota_buffer_check(new, NULL), DFOTA_OK);
    return pair;
}

#endif
