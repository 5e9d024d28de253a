/* SPDX-License-Identifier: MIT */
/* delta_print.h - tells what is known of one delta, as text and in JSON */
#ifndef DFOTA_INFO_DELTA_PRINT_H
#define DFOTA_INFO_DELTA_PRINT_H

#include <stdbool.h>

#include "cli/print.h"
#include "dfota/job_explain.h"

#define DFOTA_INFO_LABEL 11 /* columns */

void dfota_info_line(const char *label, const char *text);
void dfota_info_bytes(const char *label, uint64_t count);

/* Prints the delta, and where `explain` how it is coded, to standard output. */
void dfota_info_print_delta(const struct dfota_explained_delta *delta,
                            bool explain);

/* Writes the delta as an object in the array that is open. */
void dfota_info_write_delta(struct dfota_json_writer *json,
                            const struct dfota_explained_delta *delta);

/* Whether a package states the digests. */
bool dfota_info_is_stated(const struct dfota_digests *digests);

#endif
