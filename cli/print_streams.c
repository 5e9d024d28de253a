/* SPDX-License-Identifier: MIT */
/* The part of print.h that is about compressed streams. */
#include <inttypes.h>

#include "cli/print.h"

#define LINES_MOST 32

const char *dfota_print_fate(enum dfota_packed_fate fate)
{
    static const char *const texts[DFOTA_PACKED_FATES] = {
        [DFOTA_PACKED_UNPACKED] = "unpacked",
        [DFOTA_PACKED_SAME] = "in old as well",
        [DFOTA_PACKED_UNSOUND] = "not made again exactly",
        [DFOTA_PACKED_NO_ROOM] = "too large for the memory",
        [DFOTA_PACKED_NO_USE] = "with nothing in common with old",
        [DFOTA_PACKED_NO_GAIN] = "without gain",
        [DFOTA_PACKED_IN_PLACE] = "in a delta in place",
        [DFOTA_PACKED_OTHER] = "of another kind",
    };

    return texts[fate];
}

static void print_stream(const struct dfota_made_stream *stream)
{
    printf("0x%08" PRIx64, stream->offset);
    if (stream->size > 0)
        printf("  %10" PRIu64 "  %10" PRIu64, stream->size, stream->contents);
    else
        printf("  %10s  %10s", "-", "-");
    printf("  %-7s  %s\n", stream->codec, dfota_print_fate(stream->fate));
}

void dfota_print_left_packed(const char *label, int indent,
                             const struct dfota_made_stream *streams,
                             size_t count)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        if (streams[i].fate == DFOTA_PACKED_UNPACKED ||
            streams[i].fate == DFOTA_PACKED_SAME)
            continue;
        if (left == 0)
            printf("%-*s%-10s  %10s  %10s  %-7s  why\n", indent, label,
                   "offset", "size", "contents", "codec");
        if (left < LINES_MOST) {
            printf("%-*s", indent, "");
            print_stream(&streams[i]);
        }
        left++;
    }
    if (left > LINES_MOST)
        printf("%-*sand %zu more\n", indent, "", left - LINES_MOST);
}

void dfota_print_json_streams(struct dfota_json_writer *json,
                              const struct dfota_made_stream *streams,
                              size_t count)
{
    dfota_json_begin_array(json, "compressed");
    for (size_t i = 0; i < count; i++) {
        dfota_json_begin_object(json, NULL);
        dfota_json_number(json, "offset", streams[i].offset);
        dfota_json_number(json, "size", streams[i].size);
        dfota_json_number(json, "contents", streams[i].contents);
        dfota_json_string(json, "codec", streams[i].codec);
        dfota_json_string(json, "fate",
                          dfota_packed_fate_name(streams[i].fate));
        dfota_json_end(json);
    }
    dfota_json_end(json);
}
