/* SPDX-License-Identifier: MIT */
/*
 * turn.h - calls that hold their target instead of a distance
 *
 * Calls tell little by their distance and much by where they lead.  While they
 * are coded, they are turned.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Literals".
 */
#ifndef DFOTA_LIB_APPLY_TURN_H
#define DFOTA_LIB_APPLY_TURN_H

#include <stddef.h>
#include <stdint.h>

/*
 * Turns the calls among `size` bytes of code at `pos`: `to` is +1 to give them
 * targets, and -1 to make distances again.  Whatever the bits, the one undoes
 * the other.  `isa` is an enum dfota_isa_id; those without calls to turn are
 * left alone.
 */
void dfota_turn_calls(uint8_t isa, uint8_t *bytes, size_t size, uint32_t pos,
                      int to);

#endif
