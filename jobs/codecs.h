/* SPDX-License-Identifier: MIT */
/* codecs.h - the compression libraries that the host's jobs use */
#ifndef DFOTA_JOBS_CODECS_H
#define DFOTA_JOBS_CODECS_H

#include "dfota/apply.h"
#include "dfota/job_make.h"
#include "lib/base/encoder.h"

/* Every codec there is; ends with NULL. */
extern const struct dfota_codec *const dfota_codecs[];

/* Every way to code a delta that there is; ends with NULL. */
extern const struct dfota_coding *const dfota_codings[];

/* Every architecture that there is; ends with NULL. */
extern const struct dfota_isa *const dfota_all_isas[];

/* The encoders of a delta's streams that `choice` leaves to choose from; ends
 * with NULL. */
const struct dfota_encoder *const *
dfota_encoders(enum dfota_codec_choice choice);

/* The same for the frames of a .mini_2; unless a library is asked for by its
 * name, none of them has a part in these. */
const struct dfota_encoder *const *
dfota_frame_encoders(enum dfota_codec_choice choice);

/* "stored", "zlib", "lzma" or "mixed"; "unknown" for another number. */
const char *dfota_codec_name(uint8_t id);

/* The way a delta is coded, or the most demanding codec among its streams, as
 * one word for people. */
const char *dfota_delta_codec_name(const struct dfota_delta_header *header);

#endif
