/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of ours in a call that stands: the party for its phone's display, and the session's refresh where the far end
 * refuses it. */

#ifndef MXBOX_PJSIP_REFRESH_H
#define MXBOX_PJSIP_REFRESH_H

#include <pjsip.h>

/* Send an UPDATE that carries one header and no description: it leaves the sound alone (RFC 3311 5.1). Returns a PJSIP
 * status. */
int mx_show(int call, const char *identity, const char *privacy);

/* Answer challenges in this call with these credentials, of any realm. Returns a PJSIP status. */
int mx_prove(int call, const char *user, const char *password);

/* Whether an INFO or NOTIFY of ours in this call waits for its answer. */
int mx_asks(int call);

/* After libInit, before libStart: keep calls whose far end refuses a refresh, as the refusal shows that it lives. */
void mx_refresh_start(void);

/* The call is over. */
void mx_refresh_forget(int call);

/* Before PJSIP sees a response: it would end a call for 502 and wait for 503, to which 500 is as good (RFC 3261 8.1.3.2). */
void mx_refresh_soften(pjsip_rx_data *rdata);

#endif
