/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_off.h"

#include <pjmedia.h>
#include <pjsip_ua.h>

/* PJSIP refuses an offer that leaves no medium (488). RFC 3264 8.2 has it answered with port 0, and the session goes on. So
 * PJSIP is given an inactive medium, whose mark of ours tells the answer. */
#define MARK "x-mxbox-off"
#define DISCARD 9

static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};

static void say(pj_pool_t *pool, pjmedia_sdp_media *media, const char *word)
{
    pjmedia_sdp_media_add_attr(media, pjmedia_sdp_attr_create(pool, word, NULL));
}

static int is_sound(const pjmedia_sdp_media *media)
{
    return pj_stricmp2(&media->desc.media, "audio") == 0;
}

/* The first sound of an offer that has none but such as is off. */
static pjmedia_sdp_media *switched_off(pjmedia_sdp_session *theirs)
{
    pjmedia_sdp_media *first = NULL;
    for (unsigned i = 0; i < theirs->media_count; i++) {
        if (!is_sound(theirs->media[i]))
            continue;
        if (theirs->media[i]->desc.port)
            return NULL;
        if (!first)
            first = theirs->media[i];
    }
    return first && first->attr_count < PJMEDIA_MAX_SDP_ATTR - 2 ? first : NULL;
}

static pjsip_inv_session *session_of(const pj_str_t *call_id, const pj_str_t *ours, const pj_str_t *theirs)
{
    pjsip_dialog *dialog = pjsip_ua_find_dialog(call_id, ours, theirs, PJ_FALSE);
    return dialog ? pjsip_dlg_get_inv_session(dialog) : NULL;
}

/* An offer in a talk: where sound is switched off before the answer, there is no call yet to hold. */
static int is_offer_in_talk(const pjsip_rx_data *rdata)
{
    const pjsip_msg *message = rdata->msg_info.msg;
    const pj_str_t *from = &rdata->msg_info.from->tag, *to = &rdata->msg_info.to->tag;
    if (message->type != PJSIP_REQUEST_MSG || !to->slen || !message->body || !message->body->len ||
        (message->line.req.method.id != PJSIP_INVITE_METHOD && pj_strcmp2(&message->line.req.method.name, "UPDATE") != 0))
        return 0;
    pjsip_inv_session *session = session_of(&rdata->msg_info.cid->id, to, from);
    return session && session->state == PJSIP_INV_STATE_CONFIRMED;
}

void mx_off_taken(pjsip_rx_data *rdata)
{
    if (!is_offer_in_talk(rdata))
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

static pjsip_inv_session *answered_by(const pjsip_tx_data *response)
{
    const pjsip_cid_hdr *id = pjsip_msg_find_hdr(response->msg, PJSIP_H_CALL_ID, NULL);
    const pjsip_fromto_hdr *from = pjsip_msg_find_hdr(response->msg, PJSIP_H_FROM, NULL);
    const pjsip_fromto_hdr *to = pjsip_msg_find_hdr(response->msg, PJSIP_H_TO, NULL);
    return id && from && to ? session_of(&id->id, &to->tag, &from->tag) : NULL;
}

void mx_off_answered(pjsip_tx_data *response)
{
    const pjmedia_sdp_session *theirs = NULL;
    pjsip_msg_body *body = response->msg->body;
    if (response->msg->line.status.code / 100 != 2 || !body || pj_stricmp2(&body->content_type.subtype, "sdp") != 0)
        return;
    pjsip_inv_session *session = answered_by(response);
    if (!session || !session->neg || pjmedia_sdp_neg_get_state(session->neg) != PJMEDIA_SDP_NEG_STATE_DONE || /* no offer */
        pjmedia_sdp_neg_get_active_remote(session->neg, &theirs) != PJ_SUCCESS)
        return;
    pjmedia_sdp_session *ours = body->data;
    for (unsigned i = 0; i < ours->media_count && i < theirs->media_count; i++)
        if (pjmedia_sdp_media_find_attr2(theirs->media[i], MARK, NULL))
            ours->media[i]->desc.port = 0;
}
