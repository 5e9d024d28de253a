/* SPDX-License-Identifier: MIT */
/*
 * port.h - where a module's host is: a pseudo-terminal, standard input and
 * output, or a TCP client
 */
#ifndef DFOTA_MODULE_PORT_H
#define DFOTA_MODULE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"

#define MODULE_PORT_HELD 512 /* bytes that can be held back */

struct module_port {
    int in;           /* -1: nobody */
    int out;          /* -1: nobody */
    int listener;     /* of a TCP port, else -1 */
    int slave;        /* of a pseudo-terminal, kept open, else -1 */
    bool ended;       /* standard input has ended */
    bool stuck;       /* nobody took the last bytes: do not wait again */
    char name[128];   /* to tell the user: a path or HOST:PORT, else "" */
    const char *link; /* a symbolic link that was made, or NULL */
    char held[MODULE_PORT_HELD];
    size_t held_size;
};

/*
 * Opens what `where` says: "pty", "stdio" or "tcp:HOST:PORT" with a numeric
 * HOST, where port 0 is any free one.  A pseudo-terminal also gets the symbolic
 * link `link`, unless that is NULL; a link that is there is replaced.  `*port`
 * may be closed after a failure.  Errors: DFOTA_ERR_IO; DFOTA_ERR_USAGE.
 */
enum dfota_error module_port_open(struct module_port *port, const char *where,
                                  const char *link, struct dfota_fault *fault);
void module_port_close(struct module_port *port);

/* What to poll for input: the host, or who waits to be one. */
int module_port_fd(const struct module_port *port);

/*
 * Reads up to `size` bytes that are there; 0 when there are none.  At the end
 * of standard input `ended` is set; a TCP client that leaves makes room for
 * the next one.
 */
size_t module_port_read(struct module_port *port, uint8_t *out, size_t size);

/* Writes `size` bytes, behind those held.  What the host does not take within
 * some seconds is lost, as on a wire. */
void module_port_write(struct module_port *port, const void *bytes,
                       size_t size);

/* Keeps the bytes for the next write, or writes them if there is no room. */
void module_port_hold(struct module_port *port, const void *bytes, size_t size);

/* Writes what is held. */
void module_port_flush(struct module_port *port);

#endif
