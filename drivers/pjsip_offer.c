/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_offer.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

static int asks;
static void (*next)(pjsua_call_id, pjmedia_sdp_session *, pj_pool_t *, const pjmedia_sdp_session *);

/* An account that takes SRTP where it is offered would offer it as well, by the profile that does without (RFC 4568 3). */
static void on_description(pjsua_call_id call, pjmedia_sdp_session *ours, pj_pool_t *pool,
                           const pjmedia_sdp_session *theirs)
{
    for (unsigned i = 0; !asks && !theirs && i < ours->media_count; i++)
        if (pj_stricmp2(&ours->media[i]->desc.transport, "RTP/AVP") == 0)
            pjmedia_sdp_media_remove_all_attr(ours->media[i], "crypto");
    if (next)
        next(call, ours, pool, theirs);
}

void mx_offer_start(int ask)
{
    pjsua_callback *callbacks = &pjsua_get_var()->ua_cfg.cb;
    asks = ask;
    next = callbacks->on_call_sdp_created;
    callbacks->on_call_sdp_created = &on_description;
}
