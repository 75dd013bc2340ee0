/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests inside calls that PJSIP has no use for, each with the answer of its RFC. */

#ifndef MXBOX_PJSIP_REQUESTS_H
#define MXBOX_PJSIP_REQUESTS_H

#include <pjsip.h>

/* Asked for each REFER and INFO inside a call of the library's number `call`: the status to answer with, 0 if it is of no
 * concern. Called also for re-INVITE and UPDATE that name their sender, which PJSIP answers. `message` is valid until it
 * returns. */
typedef int (*mx_asked)(int call, const char *message, int length);

/* After libInit, before libStart: take part. Returns a PJSIP status. */
int mx_requests_start(pjsip_endpoint *endpoint, mx_asked asked);

/* The library's number of the call whose dialog this is (as RFC 3891 names it, seen from our side); -1 if none. */
int mx_find_call(const char *call_id, const char *local_tag, const char *remote_tag);

#endif
