/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "dfota/error.h"

enum dfota_error dfota_fail(struct dfota_fault *fault, enum dfota_error error,
                            uint64_t offset, const char *rule)
{
    if (fault == NULL)
        return error;
    fault->error = error;
    fault->offset = offset;
    fault->rule = rule;
    fault->os_error = 0;
    fault->detail[0] = '\0';
    return error;
}
