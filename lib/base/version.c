/* SPDX-License-Identifier: MIT */
#include "dfota/version.h"

/* The build files read the version from this line. */
#define VERSION "0.1.0"

const char *dfota_version(void)
{
    return VERSION;
}
