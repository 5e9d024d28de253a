/* SPDX-License-Identifier: MIT */
/* codecs.h - the compression libraries that the host's jobs use */
#ifndef DFOTA_JOBS_CODECS_H
#define DFOTA_JOBS_CODECS_H

#include "dfota/apply.h"
#include "dfota/job.h"
#include "lib/base/encoder.h"

/* Every codec there is; ends with NULL. */
extern const struct dfota_codec *const dfota_codecs[];

/* The encoders that `choice` leaves to choose from; ends with NULL. */
const struct dfota_encoder *const *
dfota_encoders(enum dfota_codec_choice choice);

/* "stored", "zlib" or "lzma"; "unknown" for another number. */
const char *dfota_codec_name(uint8_t id);

/* The most demanding codec among a delta's streams, as one word for people. */
const char *dfota_delta_codec_name(const struct dfota_delta_header *header);

#endif
