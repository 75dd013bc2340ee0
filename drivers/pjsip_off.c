/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_off.h"

#include <pjmedia.h>
#include <pjsip_ua.h>

/* PJSIP refuses an offer that leaves no medium (488) and ends a call by an answer that leaves none. RFC 3264 8.2 has both in a
 * session that goes on. So PJSIP is given an inactive medium with a mark of ours. Its own description of that medium bears
 * the mark as well, and is sent with port 0. The mark is in the message: by the time it is sent again its session may be gone. */
#define MARK "x-mxbox-off"
#define DISCARD 9

static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};

static void say(pj_pool_t *pool, pjmedia_sdp_media *media, const char *word)
{
    pjmedia_sdp_media_add_attr(media, pjmedia_sdp_attr_create(pool, word, NULL));
}

/* The first sound of a description of which nothing is on. With something else on it is no hold: a gateway that asks for
 * T.38 in place of sound wants to be refused (488), and goes on with sound. */
static pjmedia_sdp_media *switched_off(const pjmedia_sdp_session *theirs)
{
    pjmedia_sdp_media *first = NULL;
    for (unsigned i = 0; i < theirs->media_count; i++) {
        if (theirs->media[i]->desc.port)
            return NULL;
        if (!first && pj_stricmp2(&theirs->media[i]->desc.media, "audio") == 0)
            first = theirs->media[i];
    }
    return first && first->attr_count < PJMEDIA_MAX_SDP_ATTR - 2 ? first : NULL;
}

/* Messages with which descriptions come in a talk: where sound is switched off before the answer, there is no call yet to
 * hold. */
static int is_in_talk(const pjsip_rx_data *rdata)
{
    const pjsip_msg *message = rdata->msg_info.msg;
    const pj_str_t *from = &rdata->msg_info.from->tag, *to = &rdata->msg_info.to->tag;
    const pj_str_t *method = &rdata->msg_info.cseq->method.name;
    int request = message->type == PJSIP_REQUEST_MSG;
    if (!to->slen || !message->body || !message->body->len || (!request && message->line.status.code / 100 != 2) ||
        (pj_strcmp2(method, "INVITE") != 0 && pj_strcmp2(method, "UPDATE") != 0))
        return 0;
    pjsip_dialog *dialog = pjsip_ua_find_dialog(&rdata->msg_info.cid->id, request ? to : from, request ? from : to, PJ_FALSE);
    pjsip_inv_session *session = dialog ? pjsip_dlg_get_inv_session(dialog) : NULL;
    return session && session->state == PJSIP_INV_STATE_CONFIRMED;
}

void mx_off_taken(pjsip_rx_data *rdata)
{
    if (!is_in_talk(rdata))
        return;
    pjsip_rdata_sdp_info *read = pjsip_rdata_get_sdp_info(rdata); /* kept with the message: who reads it next gets ours */
    pjmedia_sdp_media *media = read->sdp && read->sdp_err == PJ_SUCCESS ? switched_off(read->sdp) : NULL;
    if (!media)
        return;
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(directions); i++)
        pjmedia_sdp_media_remove_all_attr(media, directions[i]);
    media->desc.port = DISCARD;
    say(rdata->tp_info.pool, media, "inactive");
    say(rdata->tp_info.pool, media, MARK);
}

void mx_off_described(pj_pool_t *pool, pjmedia_sdp_media *ours, const pjmedia_sdp_media *theirs)
{
    if (pjmedia_sdp_media_find_attr2(theirs, MARK, NULL) && ours->attr_count < PJMEDIA_MAX_SDP_ATTR)
        say(pool, ours, MARK);
}

void mx_off_told(pjsip_tx_data *message)
{
    pjsip_msg_body *body = message->msg->body;
    if (!body || body->len || !body->data || pj_stricmp2(&body->content_type.subtype, "sdp") != 0)
        return; /* that of PJSIP has no length before it is written */
    pjmedia_sdp_session *ours = body->data = pjmedia_sdp_session_clone(message->pool, body->data); /* it may be the session's */
    for (unsigned i = 0; i < ours->media_count; i++)
        if (pjmedia_sdp_media_remove_all_attr(ours->media[i], MARK))
            ours->media[i]->desc.port = 0;
}
