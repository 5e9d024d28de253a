/* SPDX-License-Identifier: MIT */
#include "tests/support/failing_memory.h"

#include <errno.h>
#include <stdatomic.h>

static atomic_uint left; /* allocations until the one that fails, 0: none */
static atomic_bool failed;

void failing_memory(unsigned which)
{
    failed = false;
    left = which;
}

bool failing_memory_has_failed(void)
{
    return failed;
}

bool failing_memory_turn(void)
{
    if (left == 0 || --left > 0)
        return false;
    failed = true;
    errno = ENOMEM;
    return true;
}
