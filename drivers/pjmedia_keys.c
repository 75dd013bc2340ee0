/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_keys.h"

#include <pjlib.h>
#include <pjmedia.h>

#include <string.h>

#define RTP_HEADER 12
#define EVENT_OCTETS 4
#define LAST_KEY 15
#define FIRST_DYNAMIC 96
#define REPORTS 4096

static mx_key_report reports[REPORTS];
static unsigned reports_first, reports_many;

static uint32_t number(const uint8_t *at, int octets)
{
    uint32_t value = 0;
    while (octets--)
        value = value << 8 | *at++;
    return value;
}

/* Where the payload begins (RFC 3550 5.1, 5.3.1), its length without padding in *length; NULL: the packet is too short. */
static const uint8_t *payload_of(const uint8_t *packet, int size, int *length)
{
    int at = RTP_HEADER + 4 * (packet[0] & 0x0f);
    if (packet[0] & 0x10)
        at += at + 4 <= size ? 4 + 4 * (int)number(packet + at + 2, 2) : size;
    if (packet[0] & 0x20)
        size -= packet[size - 1];
    *length = size - at;
    return at < size ? packet + at : NULL;
}

/* Phones with a fixed number send it against any agreement. Four octets that fit a key, under a number that was
 * announced for nothing, can be nothing else. */
static int is_event(const mx_numbers *numbers, int type, const uint8_t *payload, int length)
{
    if (!payload || length < EVENT_OCTETS || payload[0] > LAST_KEY)
        return 0;
    if (numbers->use[type] == MX_UNKNOWN)
        return type >= FIRST_DYNAMIC && length == EVENT_OCTETS;
    return numbers->use[type] == MX_EVENTS;
}

static void report(const mx_keys *keys, const uint8_t *octets, const uint8_t *payload)
{
    int type = octets[1] & 0x7f;
    if (reports_many == REPORTS)
        return;
    reports[(reports_first + reports_many++) % REPORTS] = (mx_key_report){
        .row = keys->row,
        .source = number(octets + 8, 4),
        .sequence = number(octets + 2, 2),
        .timestamp = number(octets + 4, 4),
        .marked = octets[1] >> 7,
        .event = payload[0],
        .ended = payload[1] >> 7,
        .duration = number(payload + 2, 2),
        .clock = keys->numbers.clock[type] ? keys->numbers.clock[type] : keys->numbers.rate,
        .rate = keys->numbers.rate,
    };
}

void mx_keys_note(mx_keys *keys, void *packet, int size)
{
    uint8_t *octets = packet;
    int length = 0;
    if (!keys->on || size < RTP_HEADER + EVENT_OCTETS || (octets[0] & 0xc0) != 0x80)
        return;
    int type = octets[1] & 0x7f;
    const uint8_t *payload = payload_of(octets, size, &length);
    if (is_event(&keys->numbers, type, payload, length)) {
        keys->fresh = 1;
        report(keys, octets, payload);
    } else if (type == keys->numbers.also) {
        octets[1] = (octets[1] & 0x80) | keys->numbers.sound; /* the only one that PJMEDIA takes */
    }
}

int mx_keys_take(mx_key_report *taken, int room)
{
    int many = 0;
    for (; many < room && reports_many; many++, reports_many--)
        taken[many] = reports[reports_first++ % REPORTS];
    reports_first %= REPORTS;
    return many;
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

#define LAST_PACKETS 3     /* RFC 4733 2.5.1.4 */
#define PAUSE_MS 80        /* between two keys: receivers want 70 at the most (ITU-T Q.24) */
#define VOLUME 8           /* -8 dBm0 */
#define LONGEST 0xffffu    /* a press of one segment (2.5.1.3) */

int mx_keys_out_add(mx_keys_out *out, int event, unsigned duration_ms)
{
    if (out->many == MX_KEYS_WAITING)
        return 0;
    int place = (out->first + out->many++) % MX_KEYS_WAITING;
    out->waiting[place].event = event;
    out->waiting[place].duration_ms = duration_ms;
    return 1;
}

static void send_packet(pjmedia_stream_common *stream, int type, int marked, unsigned later, const uint8_t *payload)
{
    uint8_t packet[sizeof(pjmedia_rtp_hdr) + EVENT_OCTETS];
    const void *header;
    int length;
    if (pjmedia_rtp_encode_rtp(&stream->enc->rtp, type, marked, EVENT_OCTETS, later, &header, &length) != PJ_SUCCESS)
        return;
    memcpy(packet, header, length);
    memcpy(packet + length, payload, EVENT_OCTETS);
    pjmedia_transport_send_rtp(stream->transport, packet, length + EVENT_OCTETS);
    pjmedia_rtcp_tx_rtp(&stream->rtcp, EVENT_OCTETS);
}

/* All packets of a press carry the time stamp of its beginning (2.2); sound goes on where it would be without them. */
int mx_keys_out_frame(mx_keys_out *out, const mx_numbers *numbers, void *of, unsigned frame_ms)
{
    pjmedia_stream_common *stream = of;
    if (stream->enc->paused)
        out->many = out->frames = out->ends = 0;
    if (out->pause_ms) {
        out->pause_ms -= PJ_MIN(frame_ms, out->pause_ms);
        return 0;
    }
    if (!out->many)
        return 0;
    unsigned whole = PJ_MIN(out->waiting[out->first].duration_ms * (numbers->send_clock / 1000), LONGEST);
    unsigned later = frame_ms * (numbers->rate / 1000);
    out->frames++;
    unsigned lasted = PJ_MIN(out->frames * frame_ms * (numbers->send_clock / 1000), whole);
    int over = lasted == whole;
    uint8_t payload[EVENT_OCTETS] = {out->waiting[out->first].event, over << 7 | VOLUME, lasted >> 8, lasted & 0xff};
    send_packet(stream, numbers->send, out->frames == 1, out->frames == 1 ? later : 0, payload);
    if (over && ++out->ends == LAST_PACKETS) {
        pjmedia_rtp_encode_rtp(&stream->enc->rtp, 0, 0, 0, (out->frames - 1) * later, NULL, NULL);
        out->first = (out->first + 1) % MX_KEYS_WAITING;
        out->many--;
        out->frames = out->ends = 0;
        out->pause_ms = PAUSE_MS;
    }
    return 1;
}
