/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the keys of an encrypted stream are watched: above SRTP, which is the first to see what packets say. Those of a
 * plain one are watched by the guard (pjmedia_guard.h). */

#ifndef MXBOX_PJMEDIA_TAP_H
#define MXBOX_PJMEDIA_TAP_H

#include "pjmedia_keys.h"

#include <pjmedia.h>

/* Before a stream attaches to an SRTP transport; again for each stream. */
void mx_tap(pjmedia_transport *srtp);

/* The watch of a transport that was tapped; NULL: it was not. */
mx_keys *mx_tap_keys(pjmedia_transport *transport);

#endif
