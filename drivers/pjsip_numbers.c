/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_numbers.h"

#include "pjmedia_rows.h"
#include "pjmedia_tap.h"
#include "pjsip_off.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <stdio.h>
#include <string.h>

#define FIRST_DYNAMIC 96

/* The n-th attribute of a description, if it is an rtpmap that can be read; its number in *type. */
static int mapped(const pjmedia_sdp_media *media, unsigned n, pjmedia_sdp_rtpmap *map, unsigned *type)
{
    const pjmedia_sdp_attr *attribute = media->attr[n];
    if (pj_strcmp2(&attribute->name, "rtpmap") || pjmedia_sdp_attr_get_rtpmap(attribute, map) != PJ_SUCCESS)
        return 0;
    *type = pj_strtoul(&map->pt);
    return *type < MX_TYPES;
}

static int is_events(const pjmedia_sdp_rtpmap *map)
{
    return pj_stricmp2(&map->enc_name, "telephone-event") == 0;
}

static const pjmedia_sdp_media *media_of(const pjsua_call *call, const void *stream, int remote)
{
    const pjmedia_sdp_session *described = NULL;
    const pjmedia_sdp_neg *neg = call->inv ? call->inv->neg : NULL;
    pj_status_t status = PJ_ENOTFOUND;
    if (neg)
        status = remote ? pjmedia_sdp_neg_get_active_remote((pjmedia_sdp_neg *)neg, &described)
                        : pjmedia_sdp_neg_get_active_local((pjmedia_sdp_neg *)neg, &described);
    for (unsigned i = 0; status == PJ_SUCCESS && i < call->med_cnt && i < described->media_count; i++)
        if (call->media[i].type == PJMEDIA_TYPE_AUDIO && (void *)call->media[i].strm.a.stream == stream)
            return described->media[i];
    return NULL;
}

static void note(mx_numbers *numbers, const pjmedia_sdp_media *media, int events)
{
    pjmedia_sdp_rtpmap map;
    unsigned type;
    for (unsigned i = 0; media && i < media->attr_count; i++) {
        if (!mapped(media, i, &map, &type) || is_events(&map) != events)
            continue;
        numbers->use[type] = events ? MX_EVENTS : MX_OTHER;
        numbers->clock[type] = events ? map.clock_rate : 0;
    }
}

/* The far end's number for what we send: that whose clock is the sound's (RFC 4733 2.1), else its first. */
static void choose(mx_numbers *numbers, const pjmedia_sdp_media *media)
{
    pjmedia_sdp_rtpmap map;
    unsigned type;
    numbers->send = -1;
    for (unsigned i = 0; media && i < media->attr_count; i++) {
        if (!mapped(media, i, &map, &type) || !is_events(&map) || map.clock_rate < 1000)
            continue;
        if (numbers->send >= 0 && map.clock_rate != numbers->rate)
            continue;
        if (numbers->send >= 0 && numbers->send_clock == numbers->rate)
            return;
        numbers->send = type;
        numbers->send_clock = map.clock_rate;
    }
}

/* What comes is under the numbers that we announced (RFC 3264 5.1), but there are phones that send their own all the
 * same: theirs are taken as well, where they mean nothing else to the stream. */
void mx_numbers_of(int call, void *stream, mx_numbers *numbers)
{
    const pjsua_call *of = &pjsua_get_var()->calls[call];
    const pjmedia_sdp_media *local = media_of(of, stream, 0), *remote = media_of(of, stream, 1);
    unsigned sound = ((pjmedia_stream_common *)stream)->dec->pt;
    note(numbers, remote, 0);
    note(numbers, local, 0);
    note(numbers, remote, 1);
    note(numbers, local, 1);
    if (sound < MX_TYPES)
        numbers->use[sound] = MX_OTHER;
    choose(numbers, remote);
}

/* --- codecs with static numbers under other ones ------------------------------------------------------------------ */

static const struct {
    unsigned type;
    const char *name;
} statics[] = {{0, "PCMU"}, {8, "PCMA"}, {9, "G722"}}; /* RFC 3551 6; all at 8000 */

static int described(const pjmedia_sdp_media *media, unsigned type)
{
    for (unsigned i = 0; i < media->desc.fmt_count; i++)
        if (pj_strtoul(&media->desc.fmt[i]) == type)
            return 1;
    return 0;
}

static int is_static(const pjmedia_sdp_rtpmap *map, unsigned type)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(statics); i++)
        if (statics[i].type == type && pj_stricmp2(&map->enc_name, statics[i].name))
            return 0;
    return 1;
}

/* Whether the codec of a map is one of ours with a static number. */
static int is_ours(const pjmedia_sdp_media *local, const pjmedia_sdp_rtpmap *map)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(statics); i++)
        if (pj_stricmp2(&map->enc_name, statics[i].name) == 0 && map->clock_rate == 8000)
            return described(local, statics[i].type);
    return 0;
}

/* Ours under a number that the offer uses for another codec: numbers of an answer are the offer's anyway. */
static void renumber(pj_pool_t *pool, pjmedia_sdp_media *local, unsigned from, unsigned to)
{
    char text[256];
    for (unsigned i = 0; i < local->desc.fmt_count; i++)
        if (pj_strtoul(&local->desc.fmt[i]) == from) {
            snprintf(text, sizeof text, "%u", to);
            pj_strdup2(pool, &local->desc.fmt[i], text);
        }
    for (unsigned i = 0; i < local->attr_count; i++) {
        pjmedia_sdp_attr *each = local->attr[i];
        const char *rest = pj_strchr(&each->value, ' ');
        if (!rest || (pj_strcmp2(&each->name, "rtpmap") && pj_strcmp2(&each->name, "fmtp")) ||
            pj_strtoul(&each->value) != from)
            continue;
        snprintf(text, sizeof text, "%u%.*s", to, (int)(each->value.ptr + each->value.slen - rest), rest);
        pj_strdup2_with_null(pool, &each->value, text);
    }
}

static void make_room(pj_pool_t *pool, pjmedia_sdp_media *local, const pjmedia_sdp_media *remote, unsigned type)
{
    for (unsigned free = FIRST_DYNAMIC; described(local, type) && free < MX_TYPES; free++)
        if (!described(local, free) && !described(remote, free))
            renumber(pool, local, type, free);
}

static void append(pj_pool_t *pool, pjmedia_sdp_media *local, const pjmedia_sdp_rtpmap *map)
{
    pjmedia_sdp_attr *attribute;
    if (local->desc.fmt_count == PJMEDIA_MAX_SDP_FMT || local->attr_count == PJMEDIA_MAX_SDP_ATTR)
        return;
    pjmedia_sdp_rtpmap_to_attr(pool, map, &attribute);
    pj_strdup(pool, &local->desc.fmt[local->desc.fmt_count++], &map->pt);
    pjmedia_sdp_media_add_attr(local, attribute);
}

/* A static number that the offer maps to something else must not meet ours: PJMEDIA looks at the number alone. */
static void take_off(pjmedia_sdp_media *local, unsigned type)
{
    for (unsigned i = 0; local->desc.fmt_count > 1 && i < local->desc.fmt_count; i++)
        if (pj_strtoul(&local->desc.fmt[i]) == type) {
            pj_array_erase(local->desc.fmt, sizeof local->desc.fmt[0], local->desc.fmt_count--, i);
            return;
        }
}

static void follow(pj_pool_t *pool, pjmedia_sdp_media *local, const pjmedia_sdp_media *remote)
{
    pjmedia_sdp_rtpmap map;
    unsigned type;
    for (unsigned i = 0; i < remote->attr_count; i++)
        if (mapped(remote, i, &map, &type) && described(remote, type) && type >= FIRST_DYNAMIC && is_ours(local, &map)) {
            make_room(pool, local, remote, type);
            append(pool, local, &map);
        }
    for (unsigned i = 0; i < remote->attr_count; i++)
        if (mapped(remote, i, &map, &type) && !is_static(&map, type))
            take_off(local, type);
}

static void on_sdp(pjsua_call_id call, pjmedia_sdp_session *local, pj_pool_t *pool, const pjmedia_sdp_session *remote)
{
    PJ_UNUSED_ARG(call);
    for (unsigned i = 0; remote && i < remote->media_count && i < local->media_count; i++) {
        if (local->media[i]->desc.port && pj_stricmp2(&local->media[i]->desc.media, "audio") == 0)
            follow(pool, local->media[i], remote->media[i]);
        mx_off_described(pool, local->media[i], remote->media[i]);
    }
}

static void on_stream(pjsua_call_id call, pjsua_on_stream_precreate_param *stream)
{
    pjmedia_transport *transport = pjsua_get_var()->calls[call].media[stream->stream_idx].tp;
    if (transport && transport->type == PJMEDIA_TRANSPORT_TYPE_SRTP)
        mx_tap(transport);
    if (stream->stream_info.type == PJMEDIA_TYPE_AUDIO)
        mx_length_of_packets(&stream->stream_info.info.aud);
}

void mx_numbers_start(void)
{
    pjsua_callback *callbacks = &pjsua_get_var()->ua_cfg.cb;
    callbacks->on_call_sdp_created = &on_sdp;
    callbacks->on_stream_precreate = &on_stream;
}
