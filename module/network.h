/* SPDX-License-Identifier: MIT */
/*
 * network.h - when the network goes and comes back: --network-loss
 *
 * It goes after so many bytes have been fetched since the process began, which
 * no server's speed changes, and comes back after some time.  Nothing reaches
 * the module meanwhile and nothing tells it that the connection is dead.
 */
#ifndef DFOTA_MODULE_NETWORK_H
#define DFOTA_MODULE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct module;

#define NETWORK_LOSSES_MAX 16

struct module_network {
    struct module_loss {
        uint64_t at; /* bytes fetched */
        unsigned seconds;
    } losses[NETWORK_LOSSES_MAX]; /* in the order of `at` */
    unsigned count;
    unsigned next;
    uint64_t fetched; /* bytes since the process began */
    uint64_t back;    /* module_clock() when a loss ends; 0: there is none */
};

/*
 * Reads "BYTES:SECONDS", or "FROM-TO:SECONDS" for a random place, with commas
 * between; NULL for none.  False for anything else.
 */
bool network_parse(struct module *module, const char *list);

/* Whether the network is gone; notes when a loss begins or ends. */
bool network_is_lost(struct module *module);

/* Bytes that can be fetched until it goes. */
uint64_t network_left(const struct module *module);

/* `size` bytes have been fetched. */
void network_count(struct module *module, uint64_t size);

#endif
