/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP from none but the far end, on ports that have rested. */

#ifndef MXBOX_PJMEDIA_GUARD_H
#define MXBOX_PJMEDIA_GUARD_H

#include "pjmedia_keys.h"
#include "pjmedia_order.h"
#include "pjmedia_sources.h"

#include <stdint.h>

/* What is known of the far end of a stream from its packets. */
typedef struct {
    mx_order order;
    mx_sources sources;
    uint32_t signs; /* of life: packets of RTP and RTCP */
} mx_heard;

/* After libInit, before libStart. `behind_nat`: the far end may be elsewhere than its description says. */
void mx_guard_start(int behind_nat);

/* Ports of RTP are those of this range, one after the other, each at rest for a while after a call. */
void mx_use_ports(int first, int last);

/* Begin to watch the order of a stream's packets of one payload type, and of another that means the same (-1: there is none);
 * valid as long as the stream. NULL: it cannot be. */
mx_heard *mx_watch(void *stream, int payload_type, int also);

/* Take a packet that came for a stream that is watched; after the look at all (mx_wires_look) the others, and reports. */
void mx_receive(mx_heard *heard);
void mx_receive_rest(mx_heard *heard);

/* Begin to watch a stream's keys; `row` goes with what is reported. Valid as long as the stream. NULL: it cannot be. */
mx_keys *mx_watch_keys(void *stream, int row);

/* RTP packets thrown away because somebody else than the far end sent them. */
unsigned mx_strangers(void);

#endif
