/* SPDX-License-Identifier: MIT */
#include "lib/apply/difference.h"

enum dfota_error dfota_difference_read(struct dfota_difference_reader *reader,
                                       uint8_t *out, size_t size,
                                       struct dfota_fault *fault)
{
    for (size_t i = 0; i < size; i++) {
        enum dfota_error err = DFOTA_OK;

        if (reader->zeros > 0) {
            reader->zeros--;
            out[i] = 0;
            continue;
        }
        err = dfota_stream_read(&reader->stream, &out[i], 1, fault);
        if (!err && out[i] == 0)
            err = dfota_stream_varint(&reader->stream, &reader->zeros, fault);
        if (err)
            return err;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_difference_end(struct dfota_difference_reader *reader,
                                      struct dfota_fault *fault)
{
    if (reader->zeros > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(&reader->stream), "DLT-20");
    return dfota_stream_end(&reader->stream, fault);
}
