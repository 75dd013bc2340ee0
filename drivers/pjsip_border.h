/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PJSIP takes for granted and a stranger need not obey is looked at here, before PJSIP does. */

#ifndef MXBOX_PJSIP_BORDER_H
#define MXBOX_PJSIP_BORDER_H

#include <pjsip.h>
#include <pjsip_ua.h>

/* Whether PJSIP may see a message; if not, a request was answered by 400 and a response is to be forgotten. The body is
 * cut to its length, and a session description that must not be negotiated is made one that will be refused. */
pj_bool_t mx_may_pass(pjsip_endpoint *endpoint, pjsip_rx_data *rdata);

#endif
