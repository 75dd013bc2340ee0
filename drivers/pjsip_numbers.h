/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload types by what the descriptions map them to (RFC 8866 6.6), not by their number. */

#ifndef MXBOX_PJSIP_NUMBERS_H
#define MXBOX_PJSIP_NUMBERS_H

#include "pjmedia_keys.h"

#include <pjsip.h>

/* What each number of a call's stream means, as both sides announced it; valid once the stream is there. What is sent goes
 * under the far end's from then on. */
void mx_numbers_of(int call, void *stream, mx_numbers *numbers);

/* For a message that answers our offer: take a codec that we offered by its static number also under another. */
void mx_numbers_taken(pjsip_rx_data *rdata);

/* After libInit, before libStart: answer codecs with static numbers also where the offer has them under others, and
 * watch the keys of encrypted streams. */
void mx_numbers_start(void);

#endif
