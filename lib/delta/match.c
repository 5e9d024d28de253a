/* SPDX-License-Identifier: MIT */
#include "lib/delta/match.h"

#include <stdbool.h>

#include "lib/delta/suffix.h"

/* A new alignment must agree in so many bytes more to be worth its record. */
#define GAIN_MIN 8

/*
 * A match this long is followed instead of searched again one byte further on:
 * it saves the time that long matches would take, and what it could miss is a
 * match longer still.
 */
#define FOLLOW_MIN  32

#define REPORT_STEP ((size_t)1 << 18) /* bytes of new between two reports */

struct scan {
    const struct dfota_suffixes *suffixes;
    struct dfota_view old;
    struct dfota_view new;
    int64_t shift;            /* the alignment: old position less new */
    struct dfota_match match; /* what new has at `position` */
    size_t position;          /* in new */
    size_t counted;           /* `agree` covers new from position to here */
    size_t agree;             /* bytes on which the alignment is right */
};

/* Whether the alignment is right about the byte of new at `position`. */
static bool aligned(const struct scan *scan, size_t position)
{
    int64_t old_pos = (int64_t)position + scan->shift;

    return old_pos >= 0 && (uint64_t)old_pos < scan->old.size &&
           scan->old.data[old_pos] == scan->new.data[position];
}

static void find(struct scan *scan)
{
    struct dfota_view rest = {scan->new.data + scan->position,
                              scan->new.size - scan->position};

    if (scan->match.length > FOLLOW_MIN) {
        scan->match.position++;
        scan->match.length--;
        return;
    }
    scan->match = dfota_suffixes_search(scan->suffixes, rest);
}

/* Moves on to the next byte of new; what it leaves is no longer counted. */
static void step(struct scan *scan)
{
    if (scan->counted == scan->position)
        scan->counted++;
    else if (aligned(scan, scan->position))
        scan->agree--;
    scan->position++;
}

/* Jumps over the match; the alignment is counted afresh from its end. */
static void skip_match(struct scan *scan)
{
    scan->position += scan->match.length;
    scan->counted = scan->position;
    scan->agree = 0;
    scan->match.length = 0;
}

/* Moves to the next place where a better alignment begins; false at the end. */
static bool next_seed(struct scan *scan)
{
    while (scan->position < scan->new.size) {
        size_t end;

        find(scan);
        end = scan->position + scan->match.length;
        for (; scan->counted < end; scan->counted++)
            scan->agree += aligned(scan, scan->counted);
        if (scan->match.length > 0 && scan->match.length == scan->agree)
            skip_match(scan);
        else if (scan->match.length > scan->agree + GAIN_MIN)
            return true;
        else
            step(scan);
    }
    return false;
}

static void report(const struct dfota_progress *progress, size_t done,
                   size_t total)
{
    if (progress->report != NULL)
        progress->report(progress->context, "matching", done, total);
}

enum dfota_error dfota_match_images(struct dfota_view old,
                                    struct dfota_view new,
                                    const struct dfota_progress *progress,
                                    struct dfota_buffer *seeds,
                                    struct dfota_fault *fault)
{
    struct dfota_suffixes suffixes = {0};
    struct dfota_seed seed = {0, 0};
    struct scan scan = {.suffixes = &suffixes, .old = old, .new = new};
    size_t reported = 0;
    enum dfota_error err = dfota_suffixes_make(old, &suffixes, fault);

    if (err)
        return err;
    dfota_buffer_add(seeds, &seed, sizeof(seed));
    while (next_seed(&scan)) {
        seed.new_pos = (uint32_t)scan.position;
        seed.old_pos = scan.match.position;
        scan.shift = (int64_t)seed.old_pos - seed.new_pos;
        dfota_buffer_add(seeds, &seed, sizeof(seed));
        skip_match(&scan);
        if (scan.position - reported > REPORT_STEP) {
            reported = scan.position;
            report(progress, reported, new.size);
        }
    }
    dfota_suffixes_free(&suffixes);
    return dfota_buffer_check(seeds, fault);
}
