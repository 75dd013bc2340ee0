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

/* In the far end's description as PJMEDIA has it, "ours theirs": the number that it gave a codec in its answer to us. */
#define THEIRS "x-mxbox-type"

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

static int described(const pjmedia_sdp_media *media, unsigned type)
{
    for (unsigned i = 0; i < media->desc.fmt_count; i++)
        if (pj_strtoul(&media->desc.fmt[i]) == type)
            return 1;
    return 0;
}

static const pjmedia_sdp_media *media_of(const pjsua_call *call, const void *stream, int remote)
{
    const pjmedia_sdp_session *session = NULL;
    pjmedia_sdp_neg *neg = call->inv ? call->inv->neg : NULL;
    pj_status_t status = PJ_ENOTFOUND;
    if (neg)
        status = remote ? pjmedia_sdp_neg_get_active_remote(neg, &session) : pjmedia_sdp_neg_get_active_local(neg, &session);
    for (unsigned i = 0; status == PJ_SUCCESS && i < call->med_cnt && i < session->media_count; i++)
        if (call->media[i].type == PJMEDIA_TYPE_AUDIO && (void *)call->media[i].strm.a.stream == stream)
            return session->media[i];
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

/* The far end is sent sound under the number that it wants. Also in what PJMEDIA says of the stream: that is how a change is
 * seen. */
static void send_theirs(pjmedia_stream_common *stream, const pjmedia_sdp_media *remote)
{
    for (unsigned i = 0; remote && i < remote->attr_count; i++) {
        pj_str_t value = remote->attr[i]->value;
        const char *rest = pj_strcmp2(&remote->attr[i]->name, THEIRS) ? NULL : pj_strchr(&value, ' ');
        pj_str_t theirs = {(char *)rest + 1, rest ? value.ptr + value.slen - rest - 1 : 0};
        unsigned type = rest ? pj_strtoul(&theirs) : 0;
        if (rest && pj_strtoul(&value) == stream->dec->pt && type >= FIRST_DYNAMIC && type < MX_TYPES)
            stream->enc->pt = stream->si->tx_pt = type;
    }
}

/* The far end's number for the sound that it is sent, if it may send under that as well: we announced it for nothing. */
static int also(const pjmedia_stream_common *stream, const pjmedia_sdp_media *local)
{
    unsigned theirs = stream->enc->pt;
    int ours = theirs == (unsigned)stream->dec->pt || !local || described(local, theirs);
    return theirs < FIRST_DYNAMIC || theirs >= MX_TYPES || ours ? -1 : (int)theirs;
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
    numbers->sound = sound;
    send_theirs(stream, remote);
    numbers->also = also(stream, local);
    if (numbers->also >= 0)
        numbers->use[numbers->also] = MX_OTHER;
    choose(numbers, remote);
}

/* --- codecs with static numbers under other ones ------------------------------------------------------------------ */

static const struct {
    unsigned type;
    const char *name;
} statics[] = {{0, "PCMU"}, {8, "PCMA"}, {9, "G722"}}; /* RFC 3551 6; all at 8000 */

static int is_static(const pjmedia_sdp_rtpmap *map, unsigned type)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(statics); i++)
        if (statics[i].type == type && pj_stricmp2(&map->enc_name, statics[i].name))
            return 0;
    return 1;
}

/* The static number of a map's codec, -1 if it has none. */
static int static_of(const pjmedia_sdp_rtpmap *map)
{
    int mono = map->param.slen == 0 || pj_strcmp2(&map->param, "1") == 0;
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(statics); i++)
        if (mono && pj_stricmp2(&map->enc_name, statics[i].name) == 0 && map->clock_rate == 8000)
            return (int)statics[i].type;
    return -1;
}

static int is_ours(const pjmedia_sdp_media *local, const pjmedia_sdp_rtpmap *map)
{
    int type = static_of(map);
    return type >= 0 && described(local, type);
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

/* --- an answer that has them under other numbers ------------------------------------------------------------------ */

/* PJMEDIA takes a static number of our offer for agreed on only where the answer has it, too. RFC 3264 5.1 and 6.1 let both
 * sides choose their numbers. So it is given ours, with theirs beside it. */

static void note_theirs(pj_pool_t *pool, pjmedia_sdp_media *remote, unsigned ours, unsigned theirs)
{
    char text[16];
    pj_str_t value = {text, snprintf(text, sizeof text, "%u %u", ours, theirs)};
    pjmedia_sdp_media_add_attr(remote, pjmedia_sdp_attr_create(pool, THEIRS, &value));
}

static void take_for_ours(pj_pool_t *pool, const pjmedia_sdp_media *local, pjmedia_sdp_media *remote)
{
    pjmedia_sdp_rtpmap map;
    unsigned theirs, known = remote->attr_count;
    for (unsigned i = 0; i < known && remote->attr_count < PJMEDIA_MAX_SDP_ATTR; i++) {
        int ours = mapped(remote, i, &map, &theirs) && theirs >= FIRST_DYNAMIC ? static_of(&map) : -1;
        if (ours < 0 || !described(local, ours) || described(remote, ours) || !described(remote, theirs))
            continue;
        renumber(pool, remote, theirs, ours);
        note_theirs(pool, remote, ours, theirs);
    }
}

/* Our description that a message answers, by one of ours that is still open or, where it says the same once more, by the one
 * agreed on; NULL if it is no answer. */
static const pjmedia_sdp_session *offered(const pjsip_inv_session *session, const pjsip_msg *message)
{
    const pjmedia_sdp_session *local = NULL;
    if (!session->neg)
        return NULL;
    if (pjmedia_sdp_neg_get_state(session->neg) == PJMEDIA_SDP_NEG_STATE_LOCAL_OFFER)
        pjmedia_sdp_neg_get_neg_local(session->neg, &local);
    else if (message->type == PJSIP_RESPONSE_MSG)
        pjmedia_sdp_neg_get_active_local(session->neg, &local);
    return local;
}

/* By our tag alone: those of the far end differ where a call has forked. */
static const pjsip_inv_session *session_of(const pjsip_rx_data *rdata)
{
    const struct pjsua_data *pjsua = pjsua_get_var();
    int request = rdata->msg_info.msg->type == PJSIP_REQUEST_MSG;
    const pj_str_t *ours = request ? &rdata->msg_info.to->tag : &rdata->msg_info.from->tag;
    for (unsigned i = 0; i < pjsua->ua_cfg.max_calls; i++) {
        const pjsip_inv_session *session = pjsua->calls[i].inv;
        if (session && pj_strcmp(&session->dlg->call_id->id, &rdata->msg_info.cid->id) == 0 &&
            pj_strcmp(&session->dlg->local.info->tag, ours) == 0)
            return session;
    }
    return NULL;
}

void mx_numbers_taken(pjsip_rx_data *rdata)
{
    if (!rdata->msg_info.msg->body || !rdata->msg_info.msg->body->len)
        return;
    pjsip_rdata_sdp_info *read = pjsip_rdata_get_sdp_info(rdata); /* kept with the message: who reads it next gets ours */
    const pjsip_inv_session *session = read->sdp && read->sdp_err == PJ_SUCCESS ? session_of(rdata) : NULL;
    const pjmedia_sdp_session *local = session ? offered(session, rdata->msg_info.msg) : NULL;
    for (unsigned i = 0; local && i < local->media_count && i < read->sdp->media_count; i++)
        if (pj_stricmp2(&read->sdp->media[i]->desc.media, "audio") == 0)
            take_for_ours(rdata->tp_info.pool, local->media[i], read->sdp->media[i]);
}

/* --- */

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
