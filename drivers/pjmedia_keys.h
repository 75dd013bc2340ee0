/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys as telephone-events (RFC 4733), past PJMEDIA: it listens to one payload type, its own, and takes equal short
 * presses for one. Packets are reported one by one; `drivers/sip_keys.py` makes presses of it. */

#ifndef MXBOX_PJMEDIA_KEYS_H
#define MXBOX_PJMEDIA_KEYS_H

#include <stdint.h>

#define MX_TYPES 128

/* Use of a payload type. */
enum mx_use { MX_UNKNOWN, MX_OTHER, MX_EVENTS };

/* The numbers of one stream. */
typedef struct {
    uint8_t use[MX_TYPES];     /* mx_use, of received packets */
    unsigned clock[MX_TYPES];  /* Hz of those that are events */
    int send;                  /* the far end's number for events, -1: it has none */
    unsigned send_clock;
    unsigned rate;             /* Hz of the stream's time stamps */
    int sound;                 /* under which the stream takes sound */
    int also;                  /* the far end's number for the same codec, -1: that is no other */
} mx_numbers;

/* Watch on a stream's keys. `on` 0: there is none. */
typedef struct {
    int on;
    int row;                   /* goes with each report */
    int fresh;                 /* a report came; its reader resets it */
    mx_numbers numbers;
} mx_keys;

/* A telephone-event packet. */
typedef struct {
    int row;
    uint32_t source;           /* SSRC */
    uint16_t sequence;
    uint32_t timestamp;
    int marked;
    int event;                 /* 0 to 15 (RFC 4733 3.2) */
    int ended;
    unsigned duration;         /* by `clock` */
    unsigned clock;            /* Hz */
    unsigned rate;             /* Hz of the time stamp */
} mx_key_report;

/* An RTP packet came, decrypted: reported if it is a telephone-event; sound under `also` is made sound under `sound`. */
void mx_keys_note(mx_keys *keys, void *packet, int size);

/* Take up to `room` reports, in order; return how many. */
int mx_keys_take(mx_key_report *reports, int room);

/* --- sending --- */

#define MX_KEYS_WAITING 32

/* Keys that wait to be sent, and how far the first has come. */
typedef struct {
    struct { uint8_t event; uint16_t duration_ms; } waiting[MX_KEYS_WAITING];
    int first, many;
    unsigned frames, ends, pause_ms;
} mx_keys_out;

/* Queue a key; 0: too many wait. */
int mx_keys_out_add(mx_keys_out *out, int event, unsigned duration_ms);

/* Once for each frame of a pjmedia_stream, instead of its sound: 1 if it was used for a key. */
int mx_keys_out_frame(mx_keys_out *out, const mx_numbers *numbers, void *stream, unsigned frame_ms);

#endif
