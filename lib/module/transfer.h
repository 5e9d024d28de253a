/* SPDX-License-Identifier: MIT */
/*
 * transfer.h - what a failed download is called: <FTP_err> and <HTTP_err>
 *
 * Source: LTE Standard(A) DFOTA guide 6.1, 6.2; RG50xQ & RM5xxQ DFOTA note 5.
 *         Which failure has which number is our reading of the descriptions.
 */
#ifndef DFOTA_LIB_MODULE_TRANSFER_H
#define DFOTA_LIB_MODULE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/module/rules.h"

enum dfota_transfer {
    DFOTA_TRANSFER_DONE,
    DFOTA_TRANSFER_UNKNOWN,
    DFOTA_TRANSFER_URL,           /* no URL that can be fetched */
    DFOTA_TRANSFER_PATH,          /* FTP: not in the root directory */
    DFOTA_TRANSFER_NO_NETWORK,    /* the context is not active */
    DFOTA_TRANSFER_DNS,           /* the host's name is not known */
    DFOTA_TRANSFER_CONNECT,       /* nobody listens, or the host is not there */
    DFOTA_TRANSFER_CONNECT_TIME,  /* no connection in time */
    DFOTA_TRANSFER_TLS,           /* no agreement, or the wrong certificate */
    DFOTA_TRANSFER_RESPONSE_TIME, /* connected, and no answer in time */
    DFOTA_TRANSFER_RESPONSE,      /* an answer that is a refusal */
    DFOTA_TRANSFER_CODING,        /* chunked or compressed: not for a module */
    DFOTA_TRANSFER_DATA_TIME,     /* the file stops coming */
    DFOTA_TRANSFER_CLOSED,        /* the connection ends before the file */
    DFOTA_TRANSFER_DATA_CLOSED,   /* FTP: the same of the data connection */
    DFOTA_TRANSFER_DATA_CONNECT,  /* FTP: there is no data connection */
    DFOTA_TRANSFER_READ,          /* reading failed */
    DFOTA_TRANSFER_WRITE,         /* sending failed */
    DFOTA_TRANSFER_ROOM,          /* the file does not fit */
    DFOTA_TRANSFER_COUNT
};

/*
 * The number that a module of `rules` reports; 0 for DFOTA_TRANSFER_DONE.
 * `reply` is the server's last FTP reply, or 0; where the server refused or
 * left, and the document has a number for the reply, that is it.  What the
 * document does not list is its unknown error.
 */
unsigned dfota_transfer_code(const struct dfota_rules *rules, bool ftp,
                             enum dfota_transfer failure, unsigned reply);

/* Whether the connection is at fault, so that another one may go on where it
 * broke off. */
bool dfota_transfer_breaks_off(enum dfota_transfer failure);

/* Whether a header line of HTTP, `size` bytes, says that contents are chunked
 * or compressed. */
bool dfota_transfer_is_coded(const char *line, size_t size);

/* A few words without full stop, such as "the file stops coming". */
const char *dfota_transfer_text(enum dfota_transfer failure);

#endif
