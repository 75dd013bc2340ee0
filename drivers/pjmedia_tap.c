/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_tap.h"

#include "pjmedia_layer.h"

#include <stdlib.h>
#include <string.h>

struct tap {
    mx_layer layer;
    mx_keys keys;
};

static void tap_rtp(pjmedia_tp_cb_param *packet)
{
    struct tap *tap = packet->user_data;
    mx_keys_note(&tap->keys, packet->pkt, packet->size);
    mx_layer_rtp(&tap->layer, packet);
}

static void tap_rtcp(void *user_data, void *packet, pj_ssize_t size)
{
    mx_layer_rtcp(user_data, packet, size);
}

static pj_status_t tap_attach(pjmedia_transport *transport, pjmedia_transport_attach_param *attach)
{
    struct tap *tap = (struct tap *)transport->op;
    if (!attach->rtp_cb && !attach->rtp_cb2) /* not a stream: SRTP's keying attaches so */
        return tap->layer.own->attach2(transport, attach);
    memset(&tap->keys, 0, sizeof tap->keys);
    return mx_layer_attach(&tap->layer, attach, &tap_rtp, &tap_rtcp);
}

static pj_status_t tap_destroy(pjmedia_transport *transport)
{
    return mx_layer_destroy((mx_layer *)transport->op);
}

void mx_tap(pjmedia_transport *srtp)
{
    struct tap *tap = mx_layer_of(srtp, &tap_attach) ? NULL : calloc(1, sizeof *tap);
    if (tap)
        mx_layer_put(&tap->layer, srtp, &tap_attach, &tap_destroy);
}

mx_keys *mx_tap_keys(pjmedia_transport *transport)
{
    struct tap *tap = mx_layer_of(transport, &tap_attach);
    return tap ? &tap->keys : NULL;
}
