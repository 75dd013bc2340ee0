/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_rows.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjsua-lib/pjsua.h>

#include <stdlib.h>
#include <string.h>

/* A stream's frame is what the far end's a=ptime asks for (RFC 8866 6.4): often a tick, but 10 or 30 ms as well.
 * Where it is a tick, PJMEDIA reads and writes the row itself; else samples wait here until they fill the other's size. */
struct mx_leg {
    pjmedia_port *port;
    unsigned frame;      /* samples in a frame of the stream */
    unsigned got;        /* samples from the stream that wait for a row, at heard[0..got) */
    unsigned put;        /* samples from rows that wait for a frame, at said[0..put) */
    int16_t *heard;      /* room for a tick and a frame */
    int16_t *said;
};

/* A packet longer than this would not fit any network (1500 bytes of G.711 are 187 ms). */
#define LONGEST_FRAME (MX_TICK_SAMPLES * 10)

mx_leg *mx_leg_open(void *stream, int *status)
{
    pjmedia_port *port = NULL;
    *status = pjmedia_stream_get_port(stream, &port);
    if (*status != PJ_SUCCESS)
        return NULL;
    unsigned frame = PJMEDIA_PIA_SPF(&port->info);
    if (PJMEDIA_PIA_SRATE(&port->info) != 8000 || PJMEDIA_PIA_CCNT(&port->info) != 1 || frame == 0 || frame > LONGEST_FRAME) {
        *status = PJMEDIA_EINVALIDPT;
        return NULL;
    }
    size_t room = (MX_TICK_SAMPLES + frame) * sizeof(int16_t);
    mx_leg *leg = calloc(1, sizeof *leg + 2 * room);
    if (!leg) {
        *status = PJ_ENOMEM;
        return NULL;
    }
    leg->port = port;
    leg->frame = frame;
    leg->heard = (int16_t *)(leg + 1);
    leg->said = leg->heard + MX_TICK_SAMPLES + frame;
    return leg;
}

void mx_leg_close(mx_leg *leg)
{
    free(leg);
}

/* One frame from the stream: decoded, out of the jitter buffer, losses concealed; silence while there is nothing. */
static void take_frame(mx_leg *leg, int16_t *samples)
{
    pjmedia_frame frame = {0};
    frame.buf = samples;
    frame.size = leg->frame * sizeof(int16_t);
    if (pjmedia_port_get_frame(leg->port, &frame) != PJ_SUCCESS || frame.type != PJMEDIA_FRAME_TYPE_AUDIO)
        memset(samples, 0, leg->frame * sizeof(int16_t));
}

static void give_frame(mx_leg *leg, const int16_t *samples)
{
    pjmedia_frame frame = {0};
    frame.type = PJMEDIA_FRAME_TYPE_AUDIO;
    frame.buf = (void *)samples; /* PJMEDIA only reads it */
    frame.size = leg->frame * sizeof(int16_t);
    pjmedia_port_put_frame(leg->port, &frame);
}

static void get_row(mx_leg *leg, int16_t *row)
{
    if (leg->frame == MX_TICK_SAMPLES) {
        take_frame(leg, row);
        return;
    }
    while (leg->got < MX_TICK_SAMPLES) {
        take_frame(leg, leg->heard + leg->got);
        leg->got += leg->frame;
    }
    memcpy(row, leg->heard, MX_TICK_SAMPLES * sizeof(int16_t));
    leg->got -= MX_TICK_SAMPLES;
    memmove(leg->heard, leg->heard + MX_TICK_SAMPLES, leg->got * sizeof(int16_t));
}

static void put_row(mx_leg *leg, const int16_t *row)
{
    if (leg->frame == MX_TICK_SAMPLES) {
        give_frame(leg, row);
        return;
    }
    memcpy(leg->said + leg->put, row, MX_TICK_SAMPLES * sizeof(int16_t));
    leg->put += MX_TICK_SAMPLES;
    while (leg->put >= leg->frame) {
        give_frame(leg, leg->said);
        leg->put -= leg->frame;
        memmove(leg->said, leg->said + leg->frame, leg->put * sizeof(int16_t));
    }
}

void mx_rows_get(mx_leg **legs, int rows, int16_t *sound)
{
    for (int row = 0; row < rows; row++, sound += MX_TICK_SAMPLES) {
        if (legs[row])
            get_row(legs[row], sound);
        else
            memset(sound, 0, MX_TICK_SAMPLES * sizeof(int16_t));
    }
}

void mx_rows_put(mx_leg **legs, int rows, const int16_t *sound)
{
    for (int row = 0; row < rows; row++, sound += MX_TICK_SAMPLES)
        if (legs[row])
            put_row(legs[row], sound);
}

unsigned mx_max_calls(void)
{
    return pjsua_call_get_max_count();
}

unsigned mx_calls(void)
{
    return pjsua_call_get_count();
}

void mx_quiet(void)
{
    pj_log_set_level(0);
}

const char *mx_pjsip_folder(void)
{
    return MX_PJSIP_FOLDER;
}
