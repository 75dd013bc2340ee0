/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_order.h"

#include <string.h>

#define RTP_HEADER 12
#define BLOCK_PACKETS 64        /* 1.3 s of packets of 20 ms; 8 such blocks are remembered */
#define WINDOW 64
#define FAR_JUMP 48000u         /* a second at 48 kHz: the stream began anew */
#define QUIET_TICKS 5           /* a phone that sends no silence: packets held back shall come out */

static uint32_t number(const uint8_t *at, int octets)
{
    uint32_t value = 0;
    while (octets--)
        value = value << 8 | *at++;
    return value;
}

static void begin(mx_order *order, uint16_t seq, uint32_t ts)
{
    memset(order, 0, sizeof *order);
    order->started = 1;
    order->newest_seq = seq;
    order->newest_ts = ts;
    order->seen = 1;
    order->began = 1;
}

/* The first few of a block's worst may fall behind as far as they like: they are not worth the delay of all others. */
static void count(mx_order *order, uint32_t behind)
{
    for (int i = 0; i <= MX_ORDER_LEFT; i++) {
        if (behind > order->worst[i]) {
            uint32_t next = order->worst[i];
            order->worst[i] = behind;
            behind = next;
        }
    }
    if (++order->packets < BLOCK_PACKETS)
        return;
    order->blocks[order->block++ % MX_ORDER_BLOCKS] = order->worst[MX_ORDER_LEFT];
    order->packets = 0;
    memset(order->worst, 0, sizeof order->worst);
}

void mx_order_note(mx_order *order, const uint8_t *packet, int size)
{
    if (size < RTP_HEADER)
        return;
    uint16_t seq = number(packet + 2, 2);
    uint32_t ts = number(packet + 4, 4);
    int16_t ahead = seq - order->newest_seq;
    int32_t later = ts - order->newest_ts;
    if (order->quiet > QUIET_TICKS)
        order->began = 1;
    order->quiet = 0;
    if (!order->started || ahead <= -WINDOW || later < -(int32_t)FAR_JUMP) {
        begin(order, seq, ts);
    } else if (ahead > 0) {
        order->seen = ahead < WINDOW ? order->seen << ahead | 1 : 1;
        order->newest_seq = seq;
        order->newest_ts = ts;
        count(order, 0);
    } else if (!(order->seen >> -ahead & 1)) {
        order->seen |= (uint64_t)1 << -ahead;
        count(order, order->newest_ts - ts);
    }
}

uint32_t mx_order_tick(mx_order *order)
{
    if (!order->started || ++order->quiet > QUIET_TICKS)
        return 0;
    uint32_t most = order->worst[MX_ORDER_LEFT];
    for (int i = 0; i < MX_ORDER_BLOCKS; i++)
        if (order->blocks[i] > most)
            most = order->blocks[i];
    return most;
}
