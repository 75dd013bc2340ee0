/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_guard.h"

#include "pjmedia_ports.h"
#include "pjmedia_tap.h"
#include "pjsip_far_end.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <stdlib.h>
#include <string.h>

/* A guard sits in front of a UDP media transport: `op` is in the place of the transport's own, so it leads back here. It
 * passes on what comes from the far end (mx_sources), and lets what is sent go there. */
struct guard {
    pjmedia_transport_op op;
    pjmedia_transport_op *own;
    void *user_data;
    void (*rtp_cb)(void *, void *, pj_ssize_t);
    void (*rtp_cb2)(pjmedia_tp_cb_param *);
    void (*rtcp_cb)(void *, void *, pj_ssize_t);
    pjmedia_transport *transport;
    int call;
    uint16_t port;
    mx_heard heard;
    pj_sockaddr sending; /* where the far end was found, if elsewhere than agreed */
    int sound; /* payload type whose order is watched */
    mx_keys keys;
};

#define RTP_HEADER 12

static int behind_nat;
static unsigned strangers;
static mx_ports ports;

static int is_far_end(struct guard *guard, const mx_place *from, const pjmedia_tp_cb_param *packet)
{
    unsigned strange = guard->heard.sources.strange;
    int taken = mx_sources_take(&guard->heard.sources, from, mx_signalling(guard->call), packet->pkt, packet->size);
    strangers += guard->heard.sources.strange - strange;
    return taken;
}

static void pass_on(struct guard *guard, pjmedia_tp_cb_param *packet)
{
    pjmedia_tp_cb_param passed = *packet;
    passed.user_data = guard->user_data;
    passed.src_addr = NULL; /* PJMEDIA would have its own opinion of it */
    if (guard->rtp_cb2)
        guard->rtp_cb2(&passed);
    else if (guard->rtp_cb)
        guard->rtp_cb(guard->user_data, packet->pkt, packet->size);
}

static void guard_rtp(pjmedia_tp_cb_param *packet)
{
    struct guard *guard = packet->user_data;
    if (packet->size <= 0 || !packet->src_addr) {
        pass_on(guard, packet);
        return;
    }
    mx_place from = mx_place_of(packet->src_addr);
    if (!is_far_end(guard, &from, packet))
        return;
    guard->heard.signs++;
    if (packet->size >= RTP_HEADER && (((const uint8_t *)packet->pkt)[1] & 0x7f) == guard->sound)
        mx_order_note(&guard->heard.order, packet->pkt, packet->size);
    mx_keys_note(&guard->keys, packet->pkt, packet->size);
    pass_on(guard, packet);
    packet->rem_switch = mx_sources_follow(&guard->heard.sources, &from);
    if (packet->rem_switch)
        pj_sockaddr_cp(&guard->sending, packet->src_addr);
}

static void guard_rtcp(void *user_data, void *packet, pj_ssize_t size)
{
    struct guard *guard = user_data;
    pjmedia_transport_info info;
    pjmedia_transport_info_init(&info);
    if (size > 0 && guard->own->get_info(guard->transport, &info) == PJ_SUCCESS) {
        mx_place from = mx_place_of(&info.src_rtcp_name);
        if (!mx_sources_report(&guard->heard.sources, &from, mx_signalling(guard->call)))
            return;
        guard->heard.signs++;
    }
    if (guard->rtcp_cb)
        guard->rtcp_cb(guard->user_data, packet, size);
}

static pj_status_t guard_attach(pjmedia_transport *transport, pjmedia_transport_attach_param *attach)
{
    struct guard *guard = (struct guard *)transport->op;
    pjmedia_transport_attach_param passed = *attach;
    guard->user_data = attach->user_data;
    guard->rtp_cb = attach->rtp_cb;
    guard->rtp_cb2 = attach->rtp_cb2;
    guard->rtcp_cb = attach->rtcp_cb;
    mx_place agreed = mx_place_of(&attach->rem_addr);
    mx_sources_agree(&guard->heard.sources, &agreed, behind_nat);
    if (mx_sources_found(&guard->heard.sources))
        pj_sockaddr_cp(&passed.rem_addr, &guard->sending);
    guard->keys.on = 0;
    passed.user_data = guard;
    passed.rtp_cb = NULL;
    passed.rtp_cb2 = &guard_rtp;
    passed.rtcp_cb = &guard_rtcp;
    return guard->own->attach2(transport, &passed);
}

static void guard_detach(pjmedia_transport *transport, void *user_data)
{
    struct guard *guard = (struct guard *)transport->op;
    PJ_UNUSED_ARG(user_data);
    guard->own->detach(transport, guard);
    guard->rtp_cb = NULL;
    guard->rtp_cb2 = NULL;
    guard->rtcp_cb = NULL;
}

static uint32_t now_ms(void)
{
    pj_time_val now;
    pj_gettickcount(&now);
    return PJ_TIME_VAL_MSEC(now);
}

static pj_status_t guard_destroy(pjmedia_transport *transport)
{
    struct guard *guard = (struct guard *)transport->op;
    transport->op = guard->own;
    mx_ports_leave(&ports, guard->port, now_ms());
    free(guard);
    return transport->op->destroy(transport);
}

/* PJSUA counts ports by account, so two accounts meet at every port; where the next call begins to look is told to all. */
static void choose_next_port(void)
{
    struct pjsua_data *pjsua = pjsua_get_var();
    uint16_t next = mx_ports_next(&ports, now_ms());
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua->acc); i++)
        pjsua->acc[i].next_rtp_port = next;
}

static uint16_t port_of(pjmedia_transport *transport)
{
    pjmedia_transport_info info;
    pjmedia_transport_info_init(&info);
    pj_status_t status = pjmedia_transport_get_info(transport, &info);
    return status == PJ_SUCCESS ? pj_sockaddr_get_port(&info.sock_info.rtp_addr_name) : 0;
}

static pjmedia_transport *guarded(pjsua_call_id call, unsigned media, pjmedia_transport *transport, unsigned flags)
{
    PJ_UNUSED_ARG(media);
    PJ_UNUSED_ARG(flags);
    struct guard *guard = calloc(1, sizeof *guard);
    if (!guard)
        return NULL;
    guard->transport = transport;
    guard->call = call;
    guard->port = port_of(transport);
    mx_ports_take(&ports, guard->port);
    choose_next_port();
    guard->own = transport->op;
    guard->op = *transport->op;
    guard->op.attach2 = &guard_attach;
    guard->op.detach = &guard_detach;
    guard->op.destroy = &guard_destroy;
    transport->op = &guard->op;
    return transport;
}

mx_heard *mx_watch(void *stream, int payload_type)
{
    pjmedia_transport *transport = ((pjmedia_stream_common *)stream)->transport;
    if (transport && transport->type == PJMEDIA_TRANSPORT_TYPE_SRTP)
        transport = pjmedia_transport_srtp_get_member(transport);
    if (!transport || transport->op->attach2 != &guard_attach)
        return NULL;
    struct guard *guard = (struct guard *)transport->op;
    memset(&guard->heard.order, 0, sizeof guard->heard.order);
    guard->sound = payload_type;
    return &guard->heard;
}

mx_keys *mx_watch_keys(void *stream, int row)
{
    pjmedia_transport *transport = ((pjmedia_stream_common *)stream)->transport;
    mx_keys *keys = transport ? mx_tap_keys(transport) : NULL;
    if (!keys && transport && transport->op->attach2 == &guard_attach)
        keys = &((struct guard *)transport->op)->keys;
    if (!keys)
        return NULL;
    memset(keys, 0, sizeof *keys);
    keys->row = row;
    keys->on = 1;
    return keys;
}

unsigned mx_strangers(void)
{
    return strangers;
}

void mx_use_ports(int first, int last)
{
    mx_ports_open(&ports, first, last);
}

void mx_guard_start(int nat)
{
    behind_nat = nat;
    strangers = 0;
    pjsua_get_var()->ua_cfg.cb.on_create_media_transport = &guarded;
}
