/* SPDX-License-Identifier: MIT */
/*
 * blocks.h - long runs that old and new have in common, wherever they are
 *
 * A few bytes of every block of old are hashed.  New is compared with old as
 * far as both go on alike, and looked up byte by byte only where they do not.
 */
#ifndef DFOTA_LIB_DELTA_BLOCKS_H
#define DFOTA_LIB_DELTA_BLOCKS_H

#include "lib/base/buffer.h"

/*
 * Appends runs that are the same in both to `copies`, as an array of struct
 * dfota_copy sorted by `new_pos`: nearly all of 2 KiB and more, and some
 * shorter ones.  `threads` as dfota_parallel() has it.
 * Cost: linear, where images are alike at the speed of comparing; 8 bytes for
 * each KiB of old.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_blocks_find(struct dfota_view old, struct dfota_view new,
                                   unsigned threads,
                                   struct dfota_buffer *copies,
                                   struct dfota_fault *fault);

#endif
