/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts that a switch needs of PJSIP and its Python module lacks: a memory of all messages, and one way to start our
 * parts. */

#ifndef MXBOX_PJSIP_SHIM_H
#define MXBOX_PJSIP_SHIM_H

#include "pjsip_requests.h"

#include <stdint.h>

/* After libInit, before libStart: take part. `behind_nat`: see mx_guard_start. Returns a PJSIP status. */
int mx_shim_start(mx_asked asked, int behind_nat);

/* Incoming call: answer with the first of our codecs that the caller has, not the first of the caller's that we have. */
int mx_prefer_own_codecs(int call);

/* Before libDestroy: calls that were hung up have no media any more, even if PJSIP's provisional copy of it has some. After
 * a re-INVITE without an offer that was never acknowledged, that copy names a stream which is destroyed. */
void mx_forget_media(void);

/* --- the ring: the last messages, sent and received, oldest first --- */

typedef struct {
    uint64_t number;     /* of all messages since the start; 0: none */
    uint64_t time_us;    /* since 1970 */
    int sent;            /* 1: by us, 0: to us */
    char peer[64];       /* host:port */
    const char *text;    /* valid until the next poll */
    int length;
} mx_note;

/* The first message numbered `from` or more with this Call-ID; number 0 if there is none. */
void mx_ring_find(const char *call_id, uint64_t from, mx_note *note);

/* Forget all. */
void mx_ring_clear(void);

#endif
