/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_rows.h"

#include "pjmedia_keys.h"
#include "pjmedia_spare.h"
#include "pjsip_numbers.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjsua-lib/pjsua.h>

#include <stdlib.h>
#include <string.h>

/* A stream's frame is what the far end's a=ptime asks for (RFC 8866 6.4): often a tick, but 10 or 30 ms as well.
 * Where it is a tick at 8 kHz, PJMEDIA reads and writes the row itself; else samples wait here until they fill the
 * other's size. Wideband streams (G.722, Opus) are brought to and from 8 kHz on the way. */
struct mx_leg {
    pjmedia_stream *stream;
    pjmedia_port *port;
    unsigned frame;      /* samples in a frame of the stream, counted at 8 kHz */
    unsigned times;      /* the stream's rate by 8 kHz */
    unsigned channels;   /* 2: each sample twice */
    mx_heard *far_end;   /* its state by its packets, NULL without a watch */
    mx_keys *keys;       /* that the far end sends, NULL without a watch */
    unsigned muted;      /* ticks for which its sound is silenced, as it presses a key */
    mx_numbers numbers;
    mx_keys_out out;     /* keys that it is sent */
    unsigned ts_per_ms;  /* units of its timestamp */
    unsigned codec_ms;   /* its codec's frame */
    unsigned held_ms;    /* held back by the jitter buffer for packets that were overtaken */
    unsigned left_ms;    /* that its jitter buffer held after the last tick */
    mx_spare spare;
    pj_pool_t *pool;     /* of the resamplers, NULL if there are none */
    pjmedia_resample *down, *up;
    int16_t *wide;       /* a frame at the stream's rate */
    unsigned got;        /* samples from the stream that wait for a row, at heard[0..got) */
    unsigned put;        /* samples from rows that wait for a frame, at said[0..put) */
    int16_t *heard;      /* room for a tick and a frame */
    int16_t *said;
};

/* A packet longer than this would not fit any network (1500 bytes of G.711 are 187 ms). */
#define LONGEST_FRAME (MX_TICK_SAMPLES * 10)

/* More in a packet is more delay than its saving is worth. Of Opus, PJMEDIA puts one frame into a packet. */
#define LONGEST_PACKET_MS 60

void mx_length_of_packets(const pjmedia_stream_info *stream)
{
    unsigned frame = stream->param ? stream->param->info.frm_ptime : 0, most = LONGEST_PACKET_MS;
    if (frame == 0)
        return;
    if (stream->tx_maxptime)
        most = PJ_MIN(most, stream->tx_maxptime);
    if (pj_stricmp2(&stream->fmt.encoding_name, "opus") == 0)
        most = frame;
    unsigned asked = stream->param->setting.frm_per_pkt;
    unsigned frames = PJ_MIN(asked ? asked : MX_TICK_SAMPLES / 8 / frame, most / frame); /* a number too large is 0 there */
    stream->param->setting.frm_per_pkt = (pj_uint8_t)PJ_MAX(frames, 1);
}

/* Samples that the resamplers take at a time, at 8 kHz: 10 ms, of which every frame of ours is a multiple. PJMEDIA
 * reckons their frames in whole ones a second: of 30 ms (33.3) it would make 242 samples in place of 240, past the end. */
#define STEP 80

static pjmedia_jbuf *jitter_buffer(const mx_leg *leg)
{
    return ((pjmedia_stream_common *)leg->stream)->jb;
}

/* Sound that waits in the jitter buffer. */
static unsigned waiting_ms(const mx_leg *leg)
{
    pjmedia_jb_state state;
    pjmedia_jbuf_get_state(jitter_buffer(leg), &state);
    return state.size * leg->codec_ms;
}

static void open_resamplers(mx_leg *leg)
{
    unsigned rate = leg->times * 8000, wide = STEP * leg->times;
    leg->pool = pjsua_pool_create("mx_leg", 4000, 4000);
    if (pjmedia_resample_create(leg->pool, PJ_TRUE, PJ_FALSE, 1, rate, 8000, wide, &leg->down) != PJ_SUCCESS ||
        pjmedia_resample_create(leg->pool, PJ_TRUE, PJ_FALSE, 1, 8000, rate, STEP, &leg->up) != PJ_SUCCESS) {
        pj_pool_release(leg->pool);
        leg->pool = NULL;
    }
}

static void watch_keys(mx_leg *leg, int row)
{
    leg->keys = mx_watch_keys(leg->stream, row);
    if (leg->keys)
        leg->keys->numbers = leg->numbers;
}

/* When a stream is asked for sound for the first time, PJMEDIA throws away what came until then: a sound device may have been
 * slow to begin. No tick of ours is, and the first packets are the tick in hand. So it is asked before any can be there. */
static void start_at_once(mx_leg *leg)
{
    for (int i = 0; i < PJMEDIA_STREAM_SOFT_START; i++) {
        pjmedia_frame frame = {.buf = leg->wide, .size = leg->frame * leg->times * leg->channels * sizeof(int16_t)};
        pjmedia_port_get_frame(leg->port, &frame);
    }
}

mx_leg *mx_leg_open(int call, void *stream, int row, int *status)
{
    pjmedia_port *port = NULL;
    pjmedia_stream_info info;
    *status = pjmedia_stream_get_port(stream, &port);
    if (*status == PJ_SUCCESS)
        *status = pjmedia_stream_get_info(stream, &info);
    if (*status != PJ_SUCCESS)
        return NULL;
    unsigned rate = PJMEDIA_PIA_SRATE(&port->info), channels = PJMEDIA_PIA_CCNT(&port->info), times = rate / 8000;
    unsigned frame = times && channels ? PJMEDIA_PIA_SPF(&port->info) / times / channels : 0;
    if (rate % 8000 || times > 6 || channels > 2 || frame == 0 || frame % STEP || frame > LONGEST_FRAME) {
        *status = PJMEDIA_EINVALIDPT;
        return NULL;
    }
    size_t room = MX_TICK_SAMPLES + frame, wide = (size_t)frame * times * channels;
    mx_leg *leg = calloc(1, sizeof *leg + (2 * room + wide) * sizeof(int16_t));
    if (!leg) {
        *status = PJ_ENOMEM;
        return NULL;
    }
    leg->stream = stream;
    leg->port = port;
    pjmedia_jbuf_set_discard(jitter_buffer(leg), PJMEDIA_JB_DISCARD_NONE); /* leave_out does it */
    leg->frame = frame;
    leg->times = times;
    leg->channels = channels;
    leg->codec_ms = info.param ? info.param->info.frm_ptime : MX_TICK_SAMPLES / 8;
    leg->ts_per_ms = pj_stricmp2(&info.fmt.encoding_name, "opus") ? 8 : 48; /* G.722: 8 as well (RFC 3551 4.5.2) */
    leg->heard = (int16_t *)(leg + 1);
    leg->said = leg->heard + room;
    leg->wide = leg->said + room;
    leg->numbers.rate = leg->ts_per_ms * 1000;
    mx_numbers_of(call, stream, &leg->numbers);
    leg->far_end = mx_watch(stream, leg->numbers.sound, leg->numbers.also);
    watch_keys(leg, row);
    if (leg->ts_per_ms != 48) /* an Opus decoder that conceals before it heard anything loses sound later (test_packet_lengths) */
        start_at_once(leg);
    if (times > 1)
        open_resamplers(leg);
    if (times > 1 && !leg->pool) {
        *status = PJ_ENOMEM;
        free(leg);
        return NULL;
    }
    return leg;
}

void mx_leg_close(mx_leg *leg)
{
    if (leg && leg->pool) {
        pjmedia_resample_destroy(leg->down);
        pjmedia_resample_destroy(leg->up);
        pj_pool_release(leg->pool);
    }
    free(leg);
}

int mx_leg_takes_keys(const mx_leg *leg)
{
    return leg && leg->numbers.send >= 0;
}

int mx_leg_send_key(mx_leg *leg, int event, unsigned duration_ms)
{
    return mx_leg_takes_keys(leg) && mx_keys_out_add(&leg->out, event, duration_ms);
}

/* One frame from the stream: decoded, out of the jitter buffer, losses concealed; silence while there is nothing. */
static void take_frame(mx_leg *leg, int16_t *samples)
{
    unsigned many = leg->frame * leg->times;
    int16_t *wide = leg->times > 1 || leg->channels > 1 ? leg->wide : samples;
    pjmedia_frame frame = {0};
    frame.buf = wide;
    frame.size = many * leg->channels * sizeof(int16_t);
    if (pjmedia_port_get_frame(leg->port, &frame) != PJ_SUCCESS || frame.type != PJMEDIA_FRAME_TYPE_AUDIO)
        memset(wide, 0, many * leg->channels * sizeof(int16_t));
    if (leg->channels == 2)
        for (unsigned i = 0; i < many; i++)
            wide[i] = (wide[2 * i] + wide[2 * i + 1]) / 2;
    if (leg->times > 1)
        for (unsigned at = 0; at < leg->frame; at += STEP)
            pjmedia_resample_run(leg->down, wide + at * leg->times, samples + at);
    else if (wide != samples)
        memcpy(samples, wide, many * sizeof(int16_t));
}

static void give_frame(mx_leg *leg, const int16_t *samples)
{
    if (mx_keys_out_frame(&leg->out, &leg->numbers, leg->stream, leg->frame / 8))
        return;
    unsigned many = leg->frame * leg->times;
    const int16_t *wide = samples;
    if (leg->times > 1) {
        for (unsigned at = 0; at < leg->frame; at += STEP)
            pjmedia_resample_run(leg->up, samples + at, leg->wide + at * leg->times);
        wide = leg->wide;
    }
    if (leg->channels == 2) {
        for (unsigned i = many; i-- > 0;)
            leg->wide[2 * i] = leg->wide[2 * i + 1] = wide[i];
        wide = leg->wide;
    }
    pjmedia_frame frame = {0};
    frame.type = PJMEDIA_FRAME_TYPE_AUDIO;
    frame.buf = (void *)wide; /* PJMEDIA only reads it */
    frame.size = many * leg->channels * sizeof(int16_t);
    pjmedia_port_put_frame(leg->port, &frame);
}

/* Held back besides what overtakes: the frame that is asked for. Each change costs a frame that is made up or left out,
 * so the amount held back follows upwards at once, downwards only when it is more than a tick too much. */
static void hold_back(mx_leg *leg)
{
    unsigned behind = mx_order_tick(&leg->far_end->order);
    unsigned wanted_ms = behind ? behind / leg->ts_per_ms + leg->codec_ms : 0;
    if (wanted_ms <= leg->held_ms && wanted_ms && leg->held_ms - wanted_ms <= MX_TICK_SAMPLES / 8)
        return;
    if (wanted_ms == leg->held_ms)
        return;
    leg->held_ms = wanted_ms;
    pjmedia_jbuf_set_min_delay(jitter_buffer(leg), wanted_ms);
}

/* Updates of a press come every 50 ms or faster. */
#define KEY_TICKS 3

/* Sound beside telephone-events is the same press once more (RFC 4733 2.5.1.1 has events in place of it): it would
 * be heard as a second one. It comes out of the jitter buffer after them. */
static void look_for_keys(mx_leg *leg)
{
    if (!leg->keys->fresh)
        return;
    leg->keys->fresh = 0;
    leg->muted = KEY_TICKS + waiting_ms(leg) / (MX_TICK_SAMPLES / 8);
}

static void get_sound(mx_leg *leg, int16_t *row)
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

/* Mean of a row without voice on a line without noise: -46 dBm0. */
#define SILENT (72 * MX_TICK_SAMPLES)

static int is_silent(const int16_t *row)
{
    int sum = 0;
    for (int i = 0; i < MX_TICK_SAMPLES; i++)
        sum += abs(row[i]);
    return sum < SILENT;
}

/* PJMEDIA gives back what it holds too much after half a second, and runs empty at the next packet that is as late: each
 * time it is heard. So how much is too much is judged here, and when it is the time to give it back. */
static void leave_out(mx_leg *leg, const int16_t *row)
{
    unsigned kept_ms = PJ_MAX(leg->held_ms, leg->codec_ms);
    leg->left_ms = waiting_ms(leg);
    mx_spare_note(&leg->spare, leg->left_ms);
    if (mx_spare_too_much(&leg->spare, kept_ms, 0) || (mx_spare_too_much(&leg->spare, kept_ms, 1) && is_silent(row))) {
        pjmedia_jbuf_remove_frame(jitter_buffer(leg), 1);
        mx_spare_left_out(&leg->spare, leg->codec_ms);
    }
}

/* Sound that begins is taken a tick later than it could be: by so much may the next packets be late. */
static int begins(mx_leg *leg)
{
    int began = leg->far_end && leg->far_end->order.began;
    if (began)
        leg->far_end->order.began = 0;
    return began && !leg->left_ms;
}

void mx_leg_get(mx_leg *leg, int16_t *row)
{
    if (leg->far_end) {
        leg->far_end->sources.now++;
        hold_back(leg);
    }
    if (leg->keys)
        look_for_keys(leg);
    if (begins(leg)) {
        memset(row, 0, MX_TICK_SAMPLES * sizeof(int16_t));
        return;
    }
    get_sound(leg, row);
    leave_out(leg, row);
    if (!leg->muted)
        return;
    leg->muted--;
    memset(row, 0, MX_TICK_SAMPLES * sizeof(int16_t));
}

void mx_leg_put(mx_leg *leg, const int16_t *row)
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

mx_heard *mx_leg_far_end(const mx_leg *leg)
{
    return leg->far_end;
}

int mx_leg_quality(const mx_leg *leg, mx_quality *quality)
{
    pjmedia_rtcp_stat said;
    pjmedia_jb_state jitter;
    pjmedia_stream_info info;
    memset(quality, 0, sizeof *quality);
    if (!leg || pjmedia_stream_get_stat(leg->stream, &said) != PJ_SUCCESS ||
        pjmedia_stream_get_info(leg->stream, &info) != PJ_SUCCESS ||
        pjmedia_jbuf_get_state(((pjmedia_stream_common *)leg->stream)->jb, &jitter) != PJ_SUCCESS)
        return 0;
    pj_size_t length = PJ_MIN((pj_size_t)info.fmt.encoding_name.slen, sizeof quality->codec - 1);
    memcpy(quality->codec, info.fmt.encoding_name.ptr, length);
    quality->received = said.rx.pkt;
    quality->lost = said.rx.loss;
    quality->late = said.rx.discard;
    quality->sent = said.tx.pkt;
    quality->jitter_us = said.rx.jitter.mean;
    quality->jitter_max_us = said.rx.jitter.max;
    quality->held_ms = jitter.avg_delay;
    quality->far_lost = said.tx.update_cnt ? (int)said.tx.loss : -1;
    quality->far_jitter_us = said.tx.update_cnt ? (int)said.tx.jitter.mean : -1;
    quality->round_trip_us = said.rtt.n ? said.rtt.mean : -1;
    return 1;
}

unsigned mx_leg_quiet(const mx_leg *leg)
{
    const mx_sources *sources = leg && leg->far_end ? &leg->far_end->sources : NULL;
    return sources && sources->heard.packets ? sources->now - sources->heard.last : UINT32_MAX;
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
