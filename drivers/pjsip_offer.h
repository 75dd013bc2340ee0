/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of ours that PJSIP would make other than RFC 4568 has them. */

#ifndef MXBOX_PJSIP_OFFER_H
#define MXBOX_PJSIP_OFFER_H

/* After mx_shim_start, before libStart. Keys of SRTP stand in RTP/AVP of our offers only if `ask`; where the far end offers
 * them they are answered. */
void mx_offer_start(int ask);

#endif
