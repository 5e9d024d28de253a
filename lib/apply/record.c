/* SPDX-License-Identifier: MIT */
#include "lib/apply/record.h"

/* Where a copy begins: `seek` is a signed distance, its sign in the last bit.
 */
static int64_t seek_from(uint32_t old_pos, uint32_t seek)
{
    int64_t distance = seek & 1 ? -(int64_t)(seek / 2) - 1 : seek / 2;

    return old_pos + distance;
}

enum dfota_error dfota_record_read(struct dfota_stream_reader *control,
                                   struct dfota_record_limits *limits,
                                   struct dfota_record *out,
                                   struct dfota_fault *fault)
{
    uint32_t at = dfota_stream_position(control);
    struct dfota_record record;
    uint32_t seek = 0;
    int64_t old_pos;
    enum dfota_error err;

    err = dfota_stream_varint(control, &record.copy, fault);
    if (!err)
        err = dfota_stream_varint(control, &record.insert, fault);
    if (!err && record.copy > 0)
        err = dfota_stream_varint(control, &seek, fault);
    if (err)
        return err;

    if (record.copy == 0 && record.insert == 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-17");
    if (record.copy > limits->new_left ||
        record.insert > limits->new_left - record.copy)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-18");
    old_pos = seek_from(limits->old_pos, seek);
    if (old_pos < 0 || old_pos > limits->old_size ||
        record.copy > limits->old_size - old_pos)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-19");

    record.old_pos = (uint32_t)old_pos;
    limits->old_pos = record.old_pos + record.copy;
    limits->new_left -= record.copy + record.insert;
    *out = record;
    return DFOTA_OK;
}
