/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound that the far end switches off in a talk (port 0), which is one way to hold a call. */

#ifndef MXBOX_PJSIP_OFF_H
#define MXBOX_PJSIP_OFF_H

#include <pjmedia.h>
#include <pjsip.h>

/* For a message in a talk with a description of which nothing is on: make PJSIP take it as a hold. */
void mx_off_taken(pjsip_rx_data *rdata);

/* For our description of a medium, before it is sent: media that they switched off are off on our side, too. */
void mx_off_described(pj_pool_t *pool, pjmedia_sdp_media *ours, const pjmedia_sdp_media *theirs);

/* For a message that is about to be sent: write port 0 of media that are off. */
void mx_off_told(pjsip_tx_data *message);

#endif
