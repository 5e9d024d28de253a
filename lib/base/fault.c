/* SPDX-License-Identifier: MIT */
#include "lib/base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum dfota_error dfota_fail_detail(struct dfota_fault *fault,
                                   enum dfota_error error, uint64_t offset,
                                   const char *rule, const char *format, ...)
{
    va_list args;

    if (fault == NULL)
        return error;
    dfota_fail(fault, error, offset, rule);
    va_start(args, format);
    vsnprintf(fault->detail, sizeof(fault->detail), format, args);
    va_end(args);
    for (char *c = fault->detail; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return error;
}

enum dfota_error dfota_fail_os(struct dfota_fault *fault, const char *path)
{
    int os_error = errno;

    if (fault == NULL)
        return DFOTA_ERR_IO;
    dfota_fail(fault, DFOTA_ERR_IO, DFOTA_NO_OFFSET, NULL);
    fault->input = path;
    fault->os_error = os_error;
    return DFOTA_ERR_IO;
}

enum dfota_error dfota_fail_memory(struct dfota_fault *fault)
{
    return dfota_fail(fault, DFOTA_ERR_MEMORY, DFOTA_NO_OFFSET, NULL);
}

void dfota_fault_in(struct dfota_fault *fault, const char *path)
{
    if (fault != NULL && fault->input == NULL)
        fault->input = path;
}

const char *dfota_error_text(enum dfota_error error)
{
    switch (error) {
    case DFOTA_OK:
        return "success";
    case DFOTA_ERR_IO:
        return "the system refused";
    case DFOTA_ERR_MEMORY:
        return "not enough memory";
    case DFOTA_ERR_FORMAT:
        return "not this kind of file";
    case DFOTA_ERR_UNSUPPORTED:
        return "newer than this program reads";
    case DFOTA_ERR_TRUNCATED:
        return "file ends too early";
    case DFOTA_ERR_CORRUPT:
        return "file is broken";
    case DFOTA_ERR_LIMIT:
        return "larger than allowed";
    case DFOTA_ERR_DIGEST:
        return "contents differ from their digest";
    case DFOTA_ERR_REFUSED:
        return "refused";
    case DFOTA_ERR_USAGE:
        return "wrong usage";
    }
    return "unknown error";
}
