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

#define AT_ONCE 4
#define MOST_BATCHES 16  /* 64 packets, 1.3 s of sound: more is a flood, and a tick must end */
#define REPORTS_TO_MOVE 3
#define MOST_REPORTS 256  /* sockets with reports that are looked at in one tick; the others are next */

struct mx_wire {
    mx_layer layer;
    int rtp, rtcp;            /* the transport's sockets */
    int running;              /* else what comes stays with the kernel, and what is sent is dropped */
    int as_one;               /* RTCP goes where RTP goes */
    int reported;             /* by the far end, since it was attached */
    int report_came;          /* and may be taken from its socket */
    int unwatched;            /* the system has no room to wait for reports: one may have come each tick */
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

/* recvmmsg takes several packets at the price of one, and tells without another call that there are no more. */
static int take_some(mx_wire *wire)
{
    _Alignas(16) uint8_t packets[AT_ONCE][PJMEDIA_MAX_MRU];
    pj_sockaddr from[AT_ONCE];
    struct iovec parts[AT_ONCE];
    struct mmsghdr messages[AT_ONCE];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < AT_ONCE; i++) {
        parts[i] = (struct iovec){packets[i], sizeof packets[i]};
        messages[i].msg_hdr.msg_name = &from[i];
        messages[i].msg_hdr.msg_namelen = sizeof from[i];
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    int many = recvmmsg(wire->rtp, messages, AT_ONCE, MSG_DONTWAIT, NULL);
    for (int i = 0; i < many && wire->running; i++) {
        wire->from_rtp = from[i];
        hand_over(wire, packets[i], messages[i].msg_len);
    }
    return many;
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

/* Reports come every few seconds: one look at all of their sockets costs less than one at each. As PJSUA, one a process. */
static int report_sockets = -1;

static void watch_reports(mx_wire *wire)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = wire};
    if (report_sockets < 0)
        report_sockets = epoll_create1(EPOLL_CLOEXEC);
    wire->unwatched = epoll_ctl(report_sockets, EPOLL_CTL_ADD, wire->rtcp, &event) != 0;
}

void mx_wires_look(void)
{
    struct epoll_event came[MOST_REPORTS];
    int many = report_sockets < 0 ? 0 : epoll_wait(report_sockets, came, MOST_REPORTS, 0);
    for (int i = 0; i < many; i++)
        ((mx_wire *)came[i].data.ptr)->report_came = 1;
}

void mx_wire_take(mx_wire *wire)
{
    for (int i = 0; i < MOST_BATCHES && wire->running && take_some(wire) == AT_ONCE; i++)
        ;
    wire->report_came |= wire->unwatched;
    for (int i = 0; i < AT_ONCE && wire->running && wire->report_came; i++)
        wire->report_came = take_report(wire);
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
    epoll_ctl(report_sockets, EPOLL_CTL_DEL, wire_of(transport)->rtcp, NULL);
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
    watch_reports(wire);
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
