/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_tap.h"

#include <stdlib.h>
#include <string.h>

/* `op` is in the place of the transport's own, so it leads back here. */
struct tap {
    pjmedia_transport_op op;
    pjmedia_transport_op *own;
    void *user_data;
    void (*rtp_cb)(void *, void *, pj_ssize_t);
    void (*rtp_cb2)(pjmedia_tp_cb_param *);
    void (*rtcp_cb)(void *, void *, pj_ssize_t);
    mx_keys keys;
};

static void tap_rtp(pjmedia_tp_cb_param *packet)
{
    struct tap *tap = packet->user_data;
    mx_keys_note(&tap->keys, packet->pkt, packet->size);
    pjmedia_tp_cb_param passed = *packet;
    passed.user_data = tap->user_data;
    if (tap->rtp_cb2)
        tap->rtp_cb2(&passed);
    else if (tap->rtp_cb)
        tap->rtp_cb(tap->user_data, packet->pkt, packet->size);
    packet->rem_switch = passed.rem_switch;
}

static void tap_rtcp(void *user_data, void *packet, pj_ssize_t size)
{
    struct tap *tap = user_data;
    if (tap->rtcp_cb)
        tap->rtcp_cb(tap->user_data, packet, size);
}

static pj_status_t tap_attach(pjmedia_transport *transport, pjmedia_transport_attach_param *attach)
{
    struct tap *tap = (struct tap *)transport->op;
    pjmedia_transport_attach_param passed = *attach;
    if (!attach->rtp_cb && !attach->rtp_cb2) /* not a stream: SRTP's keying attaches so */
        return tap->own->attach2(transport, attach);
    tap->user_data = attach->user_data;
    tap->rtp_cb = attach->rtp_cb;
    tap->rtp_cb2 = attach->rtp_cb2;
    tap->rtcp_cb = attach->rtcp_cb;
    memset(&tap->keys, 0, sizeof tap->keys);
    passed.user_data = tap;
    passed.rtp_cb = NULL;
    passed.rtp_cb2 = &tap_rtp;
    passed.rtcp_cb = &tap_rtcp;
    return tap->own->attach2(transport, &passed);
}

static void tap_detach(pjmedia_transport *transport, void *user_data)
{
    struct tap *tap = (struct tap *)transport->op;
    PJ_UNUSED_ARG(user_data);
    tap->own->detach(transport, tap);
    tap->rtp_cb = NULL;
    tap->rtp_cb2 = NULL;
    tap->rtcp_cb = NULL;
    tap->keys.on = 0;
}

static pj_status_t tap_destroy(pjmedia_transport *transport)
{
    struct tap *tap = (struct tap *)transport->op;
    transport->op = tap->own;
    free(tap);
    return transport->op->destroy(transport);
}

void mx_tap(pjmedia_transport *srtp)
{
    struct tap *tap = srtp->op->attach2 == &tap_attach ? NULL : calloc(1, sizeof *tap);
    if (!tap)
        return;
    tap->own = srtp->op;
    tap->op = *srtp->op;
    tap->op.attach2 = &tap_attach;
    tap->op.detach = &tap_detach;
    tap->op.destroy = &tap_destroy;
    srtp->op = &tap->op;
}

mx_keys *mx_tap_keys(pjmedia_transport *transport)
{
    return transport->op->attach2 == &tap_attach ? &((struct tap *)transport->op)->keys : NULL;
}
