/* SPDX-License-Identifier: MIT */
/*
 * frame_mix.h - the bytes of a frame as decisions, mixed from what is known
 *
 * Four contexts that remember what followed them, and two pointers to where
 * the newest bytes stood before.  The frame that has been coded so far is all
 * the history there is.
 *
 * Spec: docs/SPEC.md, chapter MiniFOTA, "Mixed frames".
 */
#ifndef DFOTA_LIB_APPLY_FRAME_MIX_H
#define DFOTA_LIB_APPLY_FRAME_MIX_H

#include <stddef.h>

#include "dfota/codec.h"
#include "lib/apply/mix.h"

#define DFOTA_FRAME_CONTEXTS 4 /* three by hash, and the byte so far */
#define DFOTA_FRAME_POINTERS 2
#define DFOTA_FRAME_INPUTS   (DFOTA_FRAME_CONTEXTS + DFOTA_FRAME_POINTERS)
#define DFOTA_FRAME_LOGITS   (2 * DFOTA_MIX_LOGITS)
#define DFOTA_FRAME_LENGTHS  29 /* classes of a pointer's length */

/* What a frame's bytes are, as its parameter says; from 1 on as the numbers of
 * the architectures. */
enum dfota_frame_kind {
    DFOTA_FRAME_BYTES = 0,
    DFOTA_FRAME_T32 = 1,
    DFOTA_FRAME_A32 = 2,
    DFOTA_FRAME_A64 = 3
};

#define DFOTA_FRAME_KINDS      4
#define DFOTA_FRAME_SIZE_MAX   65536 /* bytes of a frame */
#define DFOTA_FRAME_SLOTS_MAX  65536
#define DFOTA_FRAME_CODEC_SIZE 512 /* bytes that a codec adds to the model */

/* A place before which the newest bytes stood as well. */
struct dfota_frame_pointer {
    uint32_t at;     /* in the frame */
    uint32_t length; /* so many bytes, at least; 0: no such place */
    uint16_t *table; /* by a hash of bytes: where they were followed last */
    unsigned bytes;  /* of which the hash is made */
};

struct dfota_frame_mix {
    struct dfota_range range;
    uint8_t kind;   /* enum dfota_frame_kind */
    uint8_t *frame; /* what has been coded: `at` bytes of `size` */
    uint32_t at;
    uint32_t size;
    uint64_t tail;   /* the last bytes of that, the newest lowest */
    uint8_t *slots;  /* in groups of 16: how often 0 came, and 1 */
    uint32_t groups; /* as many as each pointer's table has entries */
    struct dfota_frame_pointer pointers[DFOTA_FRAME_POINTERS];
    int16_t logits[DFOTA_FRAME_LOGITS]; /* of probabilities of 12 bits */
    uint16_t states[DFOTA_FRAME_CONTEXTS][256]; /* what a slot is worth */
    uint8_t counted[2][256];                    /* what a slot becomes */
    uint16_t hits[DFOTA_FRAME_POINTERS][DFOTA_FRAME_LENGTHS];
    uint16_t runs[DFOTA_FRAME_LENGTHS];
    uint8_t so_far[4 * 32 * 8]; /* slots, by place and bits of the byte */
    int32_t by_match[256][DFOTA_FRAME_INPUTS]; /* weights */
    int32_t by_node[128][DFOTA_FRAME_INPUTS];  /* weights */
};

/*
 * Bytes of memory for a frame that is coded as `stream` says, that of a codec
 * among them; UINT32_MAX when its parameters or its size are not valid.
 */
uint32_t dfota_frame_memory(const struct dfota_stream *stream);

/*
 * Makes a model that knows nothing, for a frame coded as `stream` says, in its
 * `memory`, aligned to 16 bytes: as many as dfota_frame_memory() says, less
 * those of a codec.  All but its range is ready.
 */
struct dfota_frame_mix *dfota_frame_open(const struct dfota_stream *stream,
                                         void *memory);

/* Codes the frame's next byte, which is `byte` where it is the caller's. */
void dfota_frame_byte(struct dfota_frame_mix *mix, uint8_t byte);

/*
 * Brings code into the order in which it is coded, `to` being +1, or back with
 * -1: calls hold their targets, and each unit's last byte comes first.
 */
void dfota_frame_turn(uint8_t kind, uint8_t *bytes, uint32_t size, int to);

#endif
