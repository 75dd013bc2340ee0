/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_layer.h"

#include <stdlib.h>

void mx_layer_detach(mx_layer *layer)
{
    layer->own->detach(layer->transport, layer);
    layer->rtp_cb = NULL;
    layer->rtp_cb2 = NULL;
    layer->rtcp_cb = NULL;
}

static void detach(pjmedia_transport *transport, void *user_data)
{
    PJ_UNUSED_ARG(user_data);
    mx_layer_detach((mx_layer *)transport->op);
}

void mx_layer_put(mx_layer *layer, pjmedia_transport *transport, mx_attach *attach, mx_destroy *destroy)
{
    layer->transport = transport;
    layer->own = transport->op;
    layer->op = *transport->op;
    layer->op.attach2 = attach;
    layer->op.detach = &detach;
    layer->op.destroy = destroy;
    transport->op = &layer->op;
}

void *mx_layer_of(pjmedia_transport *transport, mx_attach *attach)
{
    return transport && transport->op->attach2 == attach ? transport->op : NULL;
}

pj_status_t mx_layer_attach(mx_layer *layer, const pjmedia_transport_attach_param *attach, void (*rtp)(pjmedia_tp_cb_param *),
                            void (*rtcp)(void *, void *, pj_ssize_t))
{
    pjmedia_transport_attach_param passed = *attach;
    layer->user_data = attach->user_data;
    layer->rtp_cb = attach->rtp_cb;
    layer->rtp_cb2 = attach->rtp_cb2;
    layer->rtcp_cb = attach->rtcp_cb;
    passed.user_data = layer;
    passed.rtp_cb = NULL;
    passed.rtp_cb2 = rtp;
    passed.rtcp_cb = rtcp;
    return layer->own->attach2(layer->transport, &passed);
}

void mx_layer_rtp(mx_layer *layer, pjmedia_tp_cb_param *packet)
{
    pjmedia_tp_cb_param passed = *packet;
    passed.user_data = layer->user_data;
    if (layer->rtp_cb2)
        layer->rtp_cb2(&passed);
    else if (layer->rtp_cb)
        layer->rtp_cb(layer->user_data, packet->pkt, packet->size);
    packet->rem_switch = passed.rem_switch;
}

void mx_layer_rtcp(mx_layer *layer, void *packet, pj_ssize_t size)
{
    if (layer->rtcp_cb)
        layer->rtcp_cb(layer->user_data, packet, size);
}

pj_status_t mx_layer_destroy(mx_layer *layer)
{
    pjmedia_transport *transport = layer->transport;
    transport->op = layer->own;
    free(layer);
    return transport->op->destroy(transport);
}
