/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_guard.h"

#include "pjmedia_layer.h"
#include "pjmedia_ports.h"
#include "pjmedia_tap.h"
#include "pjmedia_wire.h"
#include "pjsip_far_end.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A guard sits on a call's media transport: SRTP's, which passes on what is not encrypted, above one of UDP. It passes on what
 * comes from the far end (mx_sources), and lets what is sent go there. */
struct guard {
    mx_layer layer;
    mx_wire *wire; /* of the UDP transport; NULL: that takes its packets itself */
    int call;
    uint16_t port;
    mx_heard heard;
    pj_sockaddr sending; /* where the far end was found, if elsewhere than agreed */
    int sound, also; /* payload types whose order is watched */
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

static void pass_on(struct guard *guard, const pjmedia_tp_cb_param *packet)
{
    pjmedia_tp_cb_param passed = *packet;
    passed.src_addr = NULL; /* PJMEDIA would have its own opinion of it */
    mx_layer_rtp(&guard->layer, &passed);
}

static void note(struct guard *guard, const pjmedia_tp_cb_param *packet)
{
    int type = packet->size >= RTP_HEADER ? ((const uint8_t *)packet->pkt)[1] & 0x7f : -1;
    guard->heard.signs++;
    if (type >= 0 && (type == guard->sound || type == guard->also))
        mx_order_note(&guard->heard.order, packet->pkt, packet->size);
    mx_keys_note(&guard->keys, packet->pkt, packet->size);
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
    note(guard, packet);
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
    if (size > 0 && guard->layer.own->get_info(guard->layer.transport, &info) == PJ_SUCCESS) {
        mx_place from = mx_place_of(&info.src_rtcp_name);
        if (!mx_sources_report(&guard->heard.sources, &from, mx_signalling(guard->call)))
            return;
        guard->heard.signs++;
        if (guard->wire)
            mx_wire_reported(guard->wire);
    }
    mx_layer_rtcp(&guard->layer, packet, size);
}

static mx_wire *wire_of(mx_heard *heard)
{
    return ((struct guard *)((char *)heard - offsetof(struct guard, heard)))->wire;
}

void mx_receive(mx_heard *heard)
{
    if (wire_of(heard))
        mx_wire_take(wire_of(heard));
}

void mx_receive_rest(mx_heard *heard)
{
    if (wire_of(heard))
        mx_wire_take_rest(wire_of(heard));
}

static pj_status_t guard_attach(pjmedia_transport *transport, pjmedia_transport_attach_param *attach)
{
    struct guard *guard = (struct guard *)transport->op;
    pjmedia_transport_attach_param passed = *attach;
    mx_place agreed = mx_place_of(&attach->rem_addr);
    mx_sources_agree(&guard->heard.sources, &agreed, behind_nat);
    if (mx_sources_found(&guard->heard.sources))
        pj_sockaddr_cp(&passed.rem_addr, &guard->sending);
    guard->keys.on = 0;
    return mx_layer_attach(&guard->layer, &passed, &guard_rtp, &guard_rtcp);
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
    mx_ports_leave(&ports, guard->port, now_ms());
    return mx_layer_destroy(&guard->layer);
}

/* PJSUA counts ports by account, so two accounts meet at every port; where the next call begins to look is told to all. */
static void choose_next_port(void)
{
    struct pjsua_data *pjsua = pjsua_get_var();
    uint16_t next = mx_ports_next(&ports, now_ms());
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua->acc); i++)
        pjsua->acc[i].next_rtp_port = next;
}

static uint16_t port_of(const pjmedia_transport_info *info)
{
    return pj_sockaddr_get_port(&info->sock_info.rtp_addr_name);
}

/* PJSUA puts one of SRTP on each transport, whether it is used or not. */
static mx_wire *wire_below(pjmedia_transport_info *info)
{
    for (unsigned i = 0; i < info->specific_info_cnt; i++)
        if (info->spc_info[i].type == PJMEDIA_TRANSPORT_TYPE_SRTP)
            return mx_wire_put(pjmedia_transport_srtp_get_member(info->spc_info[i].tp));
    return NULL;
}

static pjmedia_transport *guarded(pjsua_call_id call, unsigned media, pjmedia_transport *transport, unsigned flags)
{
    PJ_UNUSED_ARG(media);
    PJ_UNUSED_ARG(flags);
    pjmedia_transport_info info;
    pjmedia_transport_info_init(&info);
    struct guard *guard = calloc(1, sizeof *guard);
    if (!guard || pjmedia_transport_get_info(transport, &info) != PJ_SUCCESS) {
        free(guard);
        return NULL;
    }
    guard->call = call;
    guard->port = port_of(&info);
    guard->wire = wire_below(&info);
    mx_ports_take(&ports, guard->port);
    choose_next_port();
    mx_layer_put(&guard->layer, transport, &guard_attach, &guard_destroy);
    return transport;
}

mx_heard *mx_watch(void *stream, int payload_type, int also)
{
    pjmedia_transport *transport = ((pjmedia_stream_common *)stream)->transport;
    if (transport && transport->type == PJMEDIA_TRANSPORT_TYPE_SRTP)
        transport = pjmedia_transport_srtp_get_member(transport);
    struct guard *guard = mx_layer_of(transport, &guard_attach);
    if (!guard)
        return NULL;
    memset(&guard->heard.order, 0, sizeof guard->heard.order);
    guard->sound = payload_type;
    guard->also = also;
    return &guard->heard;
}

mx_keys *mx_watch_keys(void *stream, int row)
{
    pjmedia_transport *transport = ((pjmedia_stream_common *)stream)->transport;
    struct guard *guard = mx_layer_of(transport, &guard_attach);
    mx_keys *keys = guard ? &guard->keys : mx_tap_keys(transport);
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
