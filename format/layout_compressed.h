/* SPDX-License-Identifier: MIT */
/* layout_compressed.h - the part of a layout that lists compressed streams */
#ifndef DFOTA_FORMAT_LAYOUT_COMPRESSED_H
#define DFOTA_FORMAT_LAYOUT_COMPRESSED_H

#include "format/layout.h"
#include "lib/base/json.h"

/*
 * Reads the array `values` into `layout`, of which the rest is there; NULL
 * lists none.  Errors: LAY-3 and LAY-24 to LAY-27, as dfota_layout_read().
 */
enum dfota_error
dfota_layout_read_compressed(const struct dfota_json_value *values,
                             struct dfota_layout *layout,
                             struct dfota_fault *fault);

#endif
