/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload types in session descriptions, looked at before PJSIP does.
 *
 * PJMEDIA's negotiation compares payload types now as numbers, now as texts, and uses them as indices. A description in
 * which the two differ ("8P", "08", twice the same, 200) makes it read and write beyond its arrays. */

#ifndef MXBOX_PJSIP_SDP_H
#define MXBOX_PJSIP_SDP_H

/* Whether every payload type of a description is a number of 0 to 127 as RFC 8866 writes it, each once in its place. */
int mx_sdp_sound(const char *text, int length);

#endif
