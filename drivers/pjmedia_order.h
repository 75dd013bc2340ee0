/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far packets of a stream fall behind those that overtook them.
 *
 * PJMEDIA's jitter buffer learns from bursts and from running empty. Packets that are overtaken cause neither: they are
 * just too late, again and again. This is how much the buffer has to hold back for them to come in time. */

#ifndef MXBOX_PJMEDIA_ORDER_H
#define MXBOX_PJMEDIA_ORDER_H

#include <stdint.h>

#define MX_ORDER_BLOCKS 8
#define MX_ORDER_LEFT 2 /* of a block of 64 may come too late */

typedef struct {
    int started;
    uint16_t newest_seq;
    uint32_t newest_ts;
    uint64_t seen;      /* bit n: sequence number newest_seq - n has come; a packet that comes twice is not late */
    unsigned packets;   /* in the block that is being counted */
    uint32_t worst[MX_ORDER_LEFT + 1]; /* the greatest first */
    uint32_t blocks[MX_ORDER_BLOCKS]; /* of past blocks, in units of the timestamp */
    unsigned block;
    unsigned quiet;     /* ticks without a packet */
    int began;          /* the first packet, or the first after a pause, came; its reader resets it */
} mx_order;

/* Take a packet of RTP; those of telephone-events, whose timestamps stand still, are left out. */
void mx_order_note(mx_order *order, const uint8_t *packet, int size);

/* Once a tick: how much the jitter buffer should hold at least when it is asked, in units of the timestamp; 0 while packets
 * come in order, or none come. */
uint32_t mx_order_tick(mx_order *order);

#endif
