/* SPDX-License-Identifier: MIT */
/* prediction.h - says in words what a delta foresees */
#ifndef DFOTA_JOBS_PREDICTION_H
#define DFOTA_JOBS_PREDICTION_H

#include "dfota/apply.h"
#include "dfota/job_explain.h"

/* What the header of a delta says; architectures and classes that nobody knows
 * are "unknown". */
void dfota_prediction_explain(const struct dfota_prediction *prediction,
                              struct dfota_explained_prediction *out);

#endif
