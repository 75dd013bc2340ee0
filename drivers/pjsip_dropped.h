/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that PJSIP drops because it cannot read them. */

#ifndef MXBOX_PJSIP_DROPPED_H
#define MXBOX_PJSIP_DROPPED_H

/* Told of a message as it came, from `host` and `port`. `header` of `header_length` octets is the name of the one that
 * cannot be read, none where one is missing or it is the first line. All is valid until it returns. */
typedef void (*mx_unread)(const char *message, int length, const char *host, int port, const char *header, int header_length);

/* After libInit: tell of such messages, MX_UNREAD_PER_S in a second at the most. */
void mx_dropped_start(mx_unread unread);

#define MX_UNREAD_PER_S 200

#endif
