/* SPDX-License-Identifier: MIT */
#include "module/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/size.h"
#include "module/module.h"

#define ITEM_SIZE    64 /* bytes of one loss in the list */
#define SECONDS_MAX  86400
#define BYTES_MAX    ((uint64_t)1 << 30)
#define FAST_DIVISOR 30 /* as between the timeouts of download.c */

/* Reads "BYTES" or "FROM-TO", and chooses. */
static bool parse_place(struct module *module, char *text, uint64_t *at)
{
    char *hyphen = strchr(text, '-');
    uint64_t from;
    uint64_t to;

    if (hyphen != NULL)
        *hyphen = '\0';
    if (!dfota_size_parse(text, &from) || from > BYTES_MAX)
        return false;
    to = from;
    if (hyphen != NULL &&
        (!dfota_size_parse(hyphen + 1, &to) || to < from || to > BYTES_MAX))
        return false;
    *at = from;
    if (to > from)
        *at += module_random(module, (unsigned)(to - from) + 1);
    return true;
}

static bool parse_loss(struct module *module, char *text,
                       struct module_loss *out)
{
    char *colon = strchr(text, ':');
    uint64_t seconds;

    if (colon == NULL)
        return false;
    *colon = '\0';
    if (!dfota_size_parse(colon + 1, &seconds) || seconds == 0 ||
        seconds > SECONDS_MAX)
        return false;
    out->seconds = (unsigned)seconds;
    return parse_place(module, text, &out->at);
}

static int by_place(const void *a, const void *b)
{
    const struct module_loss *left = a;
    const struct module_loss *right = b;

    return (left->at > right->at) - (left->at < right->at);
}

bool network_parse(struct module *module, const char *list)
{
    struct module_network *network = &module->network;
    char item[ITEM_SIZE];

    while (list != NULL) {
        size_t size = strcspn(list, ",");

        if (size >= sizeof(item) || network->count == NETWORK_LOSSES_MAX)
            return false;
        memcpy(item, list, size);
        item[size] = '\0';
        if (!parse_loss(module, item, &network->losses[network->count++]))
            return false;
        list = list[size] == ',' ? list + size + 1 : NULL;
    }
    qsort(network->losses, network->count, sizeof(network->losses[0]),
          by_place);
    return true;
}

static void lose(struct module *module)
{
    struct module_network *network = &module->network;
    unsigned seconds = network->losses[network->next++].seconds;
    uint64_t ms = (uint64_t)seconds * 1000;

    network->back =
        module_clock() + (module->options->fast ? ms / FAST_DIVISOR : ms);
    module_trace_add(&module->trace, "network",
                     "lost for %u s after %" PRIu64 " bytes", seconds,
                     network->fetched);
}

bool network_is_lost(struct module *module)
{
    struct module_network *network = &module->network;

    if (network->back != 0 && module_clock() >= network->back) {
        network->back = 0;
        module_trace_add(&module->trace, "network", "back");
    }
    if (network->back == 0 && network_left(module) == 0)
        lose(module);
    return network->back != 0;
}

uint64_t network_left(const struct module *module)
{
    const struct module_network *network = &module->network;

    if (network->next == network->count)
        return UINT64_MAX;
    return network->losses[network->next].at > network->fetched
               ? network->losses[network->next].at - network->fetched
               : 0;
}

void network_count(struct module *module, uint64_t size)
{
    module->network.fetched += size;
}
