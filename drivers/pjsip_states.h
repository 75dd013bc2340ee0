/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's states, reported with the parts of the message behind them that call control needs, and of PJSIP's
 * callbacks only those in use: its Python module makes Python objects of every transaction otherwise. */

#ifndef MXBOX_PJSIP_STATES_H
#define MXBOX_PJSIP_STATES_H

typedef struct {
    int call;            /* the library's number of the call */
    int state;           /* pjsip_inv_state */
    int code;            /* last status, of either side */
    const char *reason;  /* its phrase */
    int reason_length;
    const char *message; /* that brought the state; NULL: none did */
    int length;
} mx_state;

/* The state that is being reported; valid until onCallState returns. */
const mx_state *mx_state_told(void);

/* Call-ID of a call, `length` characters of it; NULL: it has none (any more). */
const char *mx_call_id(int call, int *length);

/* After libInit, before libStart. */
void mx_states_start(void);

#endif
