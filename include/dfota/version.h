/* SPDX-License-Identifier: MIT */
/* version.h - the version of the library in use */
#ifndef DFOTA_VERSION_H
#define DFOTA_VERSION_H

#include "dfota/error.h"

/* The library's version, such as "0.1.0": static, and never NULL. */
DFOTA_API const char *dfota_version(void);

#endif
