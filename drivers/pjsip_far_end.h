/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The far end of a call, as its SIP messages show it: the host it speaks from, and whether it is still there. */

#ifndef MXBOX_PJSIP_FAR_END_H
#define MXBOX_PJSIP_FAR_END_H

#include "pjmedia_sources.h"

#include <stdint.h>

/* After mx_shim_start, before libStart. `edge`: messages come through a proxy of ours, which names their source in
 * X-MXBox-Source; one without it is the proxy's own. */
void mx_far_end_start(int edge);

mx_place mx_place_of(const void *socket_address); /* a pj_sockaddr */

/* The host that the messages of a call come from; none if it is not known. */
const mx_place *mx_signalling(int call);

/* Ask the far end of an answered call whether it is there (OPTIONS in the dialog, RFC 3261 11), unless it is being asked.
 * The answer changes nothing but `mx_answers`: a call whose far end does not answer goes on. */
void mx_ask(int call);

/* How often the far end of each call has answered `mx_ask`, into count[calls]; number -1 counts 0. */
void mx_answers(const int32_t *numbers, int calls, uint32_t *count);

#endif
