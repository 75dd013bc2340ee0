/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of a UDP media transport straight from and to its sockets, when it is asked. PJSIP's queue of sockets, which takes
 * each as it comes, changes the kernel's list of them four times for it. */

#ifndef MXBOX_PJMEDIA_WIRE_H
#define MXBOX_PJMEDIA_WIRE_H

#include <pjmedia.h>

typedef struct mx_wire mx_wire;

/* Put one on a UDP transport, whose end is its own. NULL: it is left as it is. */
mx_wire *mx_wire_put(pjmedia_transport *udp);

/* Hand over a packet of sound, if one is there. */
void mx_wire_take(mx_wire *wire);

/* Look which have more than that was, or reports. 0: none. */
int mx_wires_look(void);

/* Hand over what the look told of, but no more than a tick can bear. */
void mx_wire_take_rest(mx_wire *wire);

/* The report that was handed over is believed: ours go where three in a row came from. */
void mx_wire_reported(mx_wire *wire);

#endif
