/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "pjmedia_wire.h"

#include "pjmedia_layer.h"

#include <pjlib.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MOST_PACKETS 64  /* 1.3 s of sound: more is a flood, and a tick must end */
#define MOST_REPORTS 4
#define REPORTS_TO_MOVE 3
#define MOST_WAITING 1024  /* sockets that are looked at in one tick; the others are next */

struct mx_wire {
    mx_layer layer;
    int rtp, rtcp;            /* the transport's sockets */
    int running;              /* else what comes stays with the kernel, and what is sent is dropped */
    int as_one;               /* RTCP goes where RTP goes */
    int reported;             /* by the far end, since it was attached */
    int sound_waits, report_waits; /* in the sockets, as the look of this tick told */
    int unwatched;            /* the system has no room to look at the sockets: something may wait each tick */
    unsigned elsewhere;       /* reports in a row from another address than ours go to */
    pj_sockaddr to_rtp, to_rtcp, from_rtp, from_rtcp;
    unsigned length;          /* of an address */
};

static mx_wire *wire_of(pjmedia_transport *transport)
{
    return (mx_wire *)transport->op;
}

/* --- where packets go --------------------------------------------------------------------------------------------- */

static void aim_rtcp_beside(mx_wire *wire)
{
    wire->to_rtcp = wire->to_rtp;
    if (!wire->as_one)
        pj_sockaddr_set_port(&wire->to_rtcp, pj_sockaddr_get_port(&wire->to_rtp) + 1);
}

static void aim(mx_wire *wire, const pjmedia_transport_attach_param *attach)
{
    int known = pj_sockaddr_has_addr(&attach->rem_rtcp);
    wire->as_one = known && pj_sockaddr_cmp(&attach->rem_addr, &attach->rem_rtcp) == 0;
    wire->length = attach->addr_len;
    wire->reported = 0;
    wire->elsewhere = 0;
    pj_sockaddr_cp(&wire->to_rtp, &attach->rem_addr);
    if (known)
        pj_sockaddr_cp(&wire->to_rtcp, &attach->rem_rtcp);
    else
        aim_rtcp_beside(wire);
}

static void follow(mx_wire *wire)
{
    wire->to_rtp = wire->from_rtp;
    if (wire->as_one || !wire->reported)
        aim_rtcp_beside(wire);
}

void mx_wire_reported(mx_wire *wire)
{
    wire->reported = 1;
    if (pj_sockaddr_cmp(&wire->from_rtcp, &wire->to_rtcp) == 0)
        wire->elsewhere = 0;
    else if (++wire->elsewhere == REPORTS_TO_MOVE)
        wire->to_rtcp = wire->from_rtcp;
}

/* --- taking ------------------------------------------------------------------------------------------------------- */

static void hand_over(mx_wire *wire, void *packet, int size)
{
    pjmedia_tp_cb_param passed = {.pkt = packet, .size = size, .src_addr = &wire->from_rtp};
    mx_layer_rtp(&wire->layer, &passed);
    if (passed.rem_switch)
        follow(wire);
}

static int take_sound(mx_wire *wire)
{
    _Alignas(16) uint8_t packet[PJMEDIA_MAX_MRU];
    socklen_t length = sizeof wire->from_rtp;
    ssize_t size = recvfrom(wire->rtp, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&wire->from_rtp, &length);
    if (size >= 0)
        hand_over(wire, packet, size);
    return size >= 0;
}

static int take_report(mx_wire *wire)
{
    _Alignas(16) uint8_t packet[PJMEDIA_MAX_MRU];
    socklen_t length = sizeof wire->from_rtcp;
    ssize_t size =
        recvfrom(wire->rtcp, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&wire->from_rtcp, &length);
    if (size > 0)
        mx_layer_rtcp(&wire->layer, packet, size);
    return size >= 0;
}

/* A second packet in a tick is seldom, and a report comes every few seconds: one look at all sockets costs less than one at
 * each. recvmmsg would save the look and costs more than the call that it saves. As PJSUA, one look a process. */
static int watched = -1;
static int unwatched_wires;

static int watch(int socket, int *waits)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = waits};
    return epoll_ctl(watched, EPOLL_CTL_ADD, socket, &event) == 0;
}

static void begin_watch(mx_wire *wire)
{
    if (watched < 0)
        watched = epoll_create1(EPOLL_CLOEXEC);
    int both = watch(wire->rtp, &wire->sound_waits) & watch(wire->rtcp, &wire->report_waits);
    wire->unwatched = !both;
    unwatched_wires += wire->unwatched;
}

static void end_watch(mx_wire *wire)
{
    epoll_ctl(watched, EPOLL_CTL_DEL, wire->rtp, NULL);
    epoll_ctl(watched, EPOLL_CTL_DEL, wire->rtcp, NULL);
    unwatched_wires -= wire->unwatched;
}

int mx_wires_look(void)
{
    struct epoll_event waiting[MOST_WAITING];
    int many = watched < 0 ? 0 : epoll_wait(watched, waiting, MOST_WAITING, 0);
    for (int i = 0; i < many; i++)
        *(int *)waiting[i].data.ptr = 1;
    return many > 0 || unwatched_wires;
}

void mx_wire_take(mx_wire *wire)
{
    if (wire->running)
        take_sound(wire);
}

void mx_wire_take_rest(mx_wire *wire)
{
    int sound = wire->sound_waits | wire->unwatched, report = wire->report_waits | wire->unwatched;
    wire->sound_waits = wire->report_waits = 0;
    for (int i = 1; i < MOST_PACKETS && wire->running && sound; i++)
        sound = take_sound(wire);
    for (int i = 0; i < MOST_REPORTS && wire->running && report; i++)
        report = take_report(wire);
}

/* --- what PJMEDIA asks of a transport ----------------------------------------------------------------------------- */

/* What the kernel has no room for is lost, as on the way. */
static pj_status_t say(int socket, const void *packet, pj_size_t size, const pj_sockaddr_t *to, unsigned length)
{
    ssize_t sent = sendto(socket, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL, to, length);
    return sent >= 0 || errno == EAGAIN || errno == ENOBUFS ? PJ_SUCCESS : PJ_STATUS_FROM_OS(errno);
}

static pj_status_t wire_send_rtp(pjmedia_transport *transport, const void *packet, pj_size_t size)
{
    mx_wire *wire = wire_of(transport);
    return wire->running ? say(wire->rtp, packet, size, &wire->to_rtp, wire->length) : PJ_SUCCESS;
}

static pj_status_t wire_send_rtcp2(
    pjmedia_transport *transport, const pj_sockaddr_t *to, unsigned length, const void *packet, pj_size_t size)
{
    mx_wire *wire = wire_of(transport);
    if (!wire->running)
        return PJ_SUCCESS;
    int socket = wire->as_one ? wire->rtp : wire->rtcp;
    return to ? say(socket, packet, size, to, length) : say(socket, packet, size, &wire->to_rtcp, wire->length);
}

static pj_status_t wire_send_rtcp(pjmedia_transport *transport, const void *packet, pj_size_t size)
{
    return wire_send_rtcp2(transport, NULL, 0, packet, size);
}

static pj_status_t wire_attach(pjmedia_transport *transport, pjmedia_transport_attach_param *attach)
{
    mx_wire *wire = wire_of(transport);
    aim(wire, attach);
    return mx_layer_attach(&wire->layer, attach, NULL, NULL); /* the transport itself never reads */
}

static void wire_detach(pjmedia_transport *transport, void *user_data)
{
    PJ_UNUSED_ARG(user_data);
    wire_of(transport)->running = 0;
    mx_layer_detach(&wire_of(transport)->layer);
}

static pj_status_t wire_start(pjmedia_transport *transport, pj_pool_t *pool, const pjmedia_sdp_session *ours,
                              const pjmedia_sdp_session *theirs, unsigned line)
{
    PJ_UNUSED_ARG(pool);
    PJ_UNUSED_ARG(ours);
    PJ_UNUSED_ARG(theirs);
    PJ_UNUSED_ARG(line);
    wire_of(transport)->running = 1;
    return PJ_SUCCESS;
}

static pj_status_t wire_stop(pjmedia_transport *transport)
{
    wire_of(transport)->running = 0;
    return PJ_SUCCESS;
}

static pj_status_t wire_info(pjmedia_transport *transport, pjmedia_transport_info *info)
{
    mx_wire *wire = wire_of(transport);
    pj_status_t status = wire->layer.own->get_info(transport, info);
    info->src_rtp_name = wire->from_rtp;
    info->src_rtcp_name = wire->from_rtcp;
    return status;
}

static pj_status_t wire_destroy(pjmedia_transport *transport)
{
    end_watch(wire_of(transport));
    return mx_layer_destroy(&wire_of(transport)->layer);
}

mx_wire *mx_wire_put(pjmedia_transport *udp)
{
    pjmedia_transport_info info;
    pjmedia_transport_info_init(&info);
    mx_wire *wire = pjmedia_transport_get_info(udp, &info) == PJ_SUCCESS ? calloc(1, sizeof *wire) : NULL;
    if (!wire)
        return NULL;
    wire->rtp = info.sock_info.rtp_sock;
    wire->rtcp = info.sock_info.rtcp_sock;
    begin_watch(wire);
    mx_layer_put(&wire->layer, udp, &wire_attach, &wire_destroy);
    pjmedia_transport_op *op = &wire->layer.op;
    op->get_info = &wire_info;
    op->detach = &wire_detach;
    op->media_start = &wire_start;
    op->media_stop = &wire_stop;
    op->send_rtp = &wire_send_rtp;
    op->send_rtcp = &wire_send_rtcp;
    op->send_rtcp2 = &wire_send_rtcp2;
    return wire;
}
