/* SPDX-License-Identifier: MIT */
/* findings.h - what became of the packed streams of two images in a delta */
#ifndef DFOTA_LIB_DELTA_FINDINGS_H
#define DFOTA_LIB_DELTA_FINDINGS_H

#include "dfota/job.h"
#include "lib/base/buffer.h"

/* {0} is nothing yet. */
struct dfota_findings {
    struct dfota_buffer streams; /* of struct dfota_made_stream: those of new,
                                    by their offsets.  The caller's to free */
    uint64_t held; /* which of the places hold a stream in either image, as in
                      struct dfota_search */
};

#endif
