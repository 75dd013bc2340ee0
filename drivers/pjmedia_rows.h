/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound between a row of 160 samples (a tick, 20 ms at 8 kHz) and a stream of PJMEDIA. */

#ifndef MXBOX_PJMEDIA_ROWS_H
#define MXBOX_PJMEDIA_ROWS_H

#include "pjmedia_guard.h"

#include <stdint.h>

#define MX_TICK_SAMPLES 160

typedef struct mx_leg mx_leg;

/* A leg on an open stream (pjmedia_stream *) of the library's call, at 8 kHz or a multiple of it; its keys are reported
 * for `row`. NULL with *status set if it is no such. */
mx_leg *mx_leg_open(int call, void *stream, int row, int *status);
void mx_leg_close(mx_leg *leg);

/* A tick of its sound, from it and to it. */
void mx_leg_get(mx_leg *leg, int16_t *row);
void mx_leg_put(mx_leg *leg, const int16_t *row);

/* What is known of its far end from its packets, NULL without a watch. */
mx_heard *mx_leg_far_end(const mx_leg *leg);

/* What the packets of a stream so far tell. `received`, `lost`, `late` (came, too late to be heard) and `sent` count packets;
 * far_lost, far_jitter_us and round_trip_us are by the far end's reports, -1 without one. */
typedef struct {
    char codec[16];
    unsigned received, lost, late, sent;
    unsigned jitter_us, jitter_max_us;
    unsigned held_ms; /* by the jitter buffer */
    int far_lost, far_jitter_us, round_trip_us;
} mx_quality;

/* Into `quality`; 0 if there is no stream. */
int mx_leg_quality(const mx_leg *leg, mx_quality *quality);

/* Ticks since a packet of RTP or RTCP last came from a leg's far end; the most there are if none did. */
unsigned mx_leg_quiet(const mx_leg *leg);

/* Of a stream that is to be opened: packets as long as the far end asks for (a=ptime, a=maxptime; RFC 8866 6.4), within
 * reason. */
struct pjmedia_stream_info;
void mx_length_of_packets(const struct pjmedia_stream_info *stream);

/* Send a key (RFC 4733 3.2) by telephone-events. 0: the far end announced none, or too many wait. */
int mx_leg_takes_keys(const mx_leg *leg);
int mx_leg_send_key(mx_leg *leg, int event, unsigned duration_ms);

/* How many calls the loaded library was built for; only after pjsua has been initialised. */
unsigned mx_max_calls(void);

/* Calls the library still keeps: those that are up, and those whose last transaction is not over. */
unsigned mx_calls(void);

/* No log on standard output; before the library starts it would go there. */
void mx_quiet(void);

/* The kept build this was compiled for; calling into another one's objects would end the process. */
const char *mx_pjsip_folder(void);

#endif
