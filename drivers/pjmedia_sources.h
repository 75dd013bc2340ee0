/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the sources that send RTP to a port is the far end (RFC 3550 A.1, RFC 4961, RFC 7362 4).
 *
 * Packets from the address agreed on (SDP) are taken, always. Any other source is on probation first: so many packets of
 * one SSRC, one after the other. How many depends on where it is: next to the address agreed on, on the host that
 * signalling comes from, or elsewhere. A source that is heard is left for a better one, or when it has fallen silent. */

#ifndef MXBOX_PJMEDIA_SOURCES_H
#define MXBOX_PJMEDIA_SOURCES_H

#include <stdint.h>

#define MX_CANDIDATES 4

typedef struct {
    uint8_t host[16];
    int octets;     /* of the host: 4, 16; 0: unknown */
    uint16_t port;
} mx_place;

/* The better the lower. */
typedef enum { MX_AGREED, MX_BESIDE, MX_SIGNALLING, MX_ELSEWHERE } mx_rank;

typedef struct {
    mx_place place;
    int rank;
    uint32_t ssrc;
    uint16_t seq;
    unsigned packets; /* in a row; 0: there is no such source */
    uint32_t last;    /* tick of the last one */
} mx_source;

typedef struct {
    mx_place agreed, sending;
    int elsewhere;    /* sources on other hosts than the one agreed on may be the far end: it may be behind a NAT */
    mx_source heard, candidates[MX_CANDIDATES];
    uint32_t now;     /* counted by the owner, in ticks of 20 ms */
    unsigned strange; /* packets that were not taken, but those of the far end on its probation */
} mx_sources;

/* An address was agreed on. If it is another than before, the sources of before count no more. */
void mx_sources_agree(mx_sources *sources, const mx_place *agreed, int elsewhere);

/* A packet came to the port of RTP: 1 if it is the far end's. `signalling`: the host of its SIP messages. */
int mx_sources_take(
    mx_sources *sources, const mx_place *from, const mx_place *signalling, const uint8_t *packet, int size);

/* A packet came to the port of RTCP: 1 if it may be the far end's. It shows that a source lives that sends no sound. */
int mx_sources_report(mx_sources *sources, const mx_place *from, const mx_place *signalling);

/* 1 if our packets should go to the source of this packet, which was taken, from now on. */
int mx_sources_follow(mx_sources *sources, const mx_place *from);

/* 1 if our packets go elsewhere than agreed. */
int mx_sources_found(const mx_sources *sources);

#endif
