/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of RTP, in pairs with that of RTCP: one after the other through the range, and at rest for a while after a call.
 *
 * Late packets of the last call's phone, or of a stranger with the port, must not reach the next call. */

#ifndef MXBOX_PJMEDIA_PORTS_H
#define MXBOX_PJMEDIA_PORTS_H

#include <stdint.h>

#define MX_PAIRS 32768

typedef struct {
    uint16_t first;
    unsigned pairs, next;
    uint16_t users[MX_PAIRS]; /* of each pair */
    uint32_t left[MX_PAIRS];  /* ms + 1 when its last user left it; 0: it was never used */
} mx_ports;

/* Begin with a range, of which all are free; milliseconds count from any moment on. */
void mx_ports_open(mx_ports *ports, uint16_t first, uint16_t last);

/* The port of RTP to be used next: the first that is free and has rested, else the free one that has rested longest. */
uint16_t mx_ports_next(const mx_ports *ports, uint32_t now_ms);

/* A port is used now, or no longer. One that is not of the range is ignored. */
void mx_ports_take(mx_ports *ports, uint16_t port);
void mx_ports_leave(mx_ports *ports, uint16_t port, uint32_t now_ms);

#endif
