/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound that the far end switches off in a talk (port 0), which is one way to hold a call. */

#ifndef MXBOX_PJSIP_OFF_H
#define MXBOX_PJSIP_OFF_H

#include <pjsip.h>

/* For a request that in a talk offers no sound but such as is switched off: let PJSIP take it for a hold. */
void mx_off_taken(pjsip_rx_data *rdata);

/* For the answer to it: what was switched off is off on our side, too. */
void mx_off_answered(pjsip_tx_data *response);

#endif
