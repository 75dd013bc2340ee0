/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound that the far end switches off in a talk (port 0), which is one way to hold a call. */

#ifndef MXBOX_PJSIP_OFF_H
#define MXBOX_PJSIP_OFF_H

#include <pjmedia.h>
#include <pjsip.h>

/* For a message that in a talk brings a description of which nothing is on: let PJSIP take it for a hold. */
void mx_off_taken(pjsip_rx_data *rdata);

/* For our description of a medium, before it is sent: what they switched off is off on our side, too. */
void mx_off_described(pj_pool_t *pool, pjmedia_sdp_media *ours, const pjmedia_sdp_media *theirs);

/* For a message that is about to be sent: say port 0 of what is off. */
void mx_off_told(pjsip_tx_data *message);

#endif
