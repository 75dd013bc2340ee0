/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message that ends a call for its far end, to be sent by the next process should this one die (RFC 3261 9.1, 13.2,
 * 15.1.1). */

#ifndef MXBOX_PJSIP_FAREWELL_H
#define MXBOX_PJSIP_FAREWELL_H

#define MX_PLACE 64

/* Write the message that ends the library's call number `call` as it stands: BYE where it was answered, else CANCEL or
 * the final response 503. `place` (MX_PLACE bytes) gets the address it goes to, host:port. Returns its length; 0 if
 * there is none or it is longer than `size`. */
int mx_farewell(int call, char *text, int size, char *place);

/* Send a datagram from the port of SIP. `place` is an IPv4 address and a port. Returns a PJSIP status. */
int mx_say(const char *text, int length, const char *place);

#endif
