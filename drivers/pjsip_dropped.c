/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_dropped.h"

#include <pjlib.h>
#include <pjsip.h>
#include <pjsua-lib/pjsua.h>

static mx_unread unread;
static long second;
static unsigned told;

/* A flood of nonsense must not take the ticks of those who talk. */
static int may_tell(const pj_time_val *now)
{
    if (now->sec != second) {
        second = now->sec;
        told = 0;
    }
    return told++ < MX_UNREAD_PER_S;
}

static void on_dropped(pjsip_tp_dropped_data *dropped)
{
    const pjsip_rx_data *packet = dropped->rdata;
    if (!packet || !may_tell(&packet->pkt_info.timestamp))
        return;
    const pjsip_parser_err_report *first = packet->msg_info.parse_err.next, *end = &packet->msg_info.parse_err;
    pj_str_t header = first != end ? first->hname : (pj_str_t){0};
    unread(dropped->data, (int)dropped->len, packet->pkt_info.src_name, packet->pkt_info.src_port, header.ptr,
           (int)header.slen);
}

void mx_dropped_start(mx_unread whom)
{
    unread = whom;
    second = told = 0;
    pjsip_tpmgr_set_drop_data_cb(pjsip_endpt_get_tpmgr(pjsua_get_pjsip_endpt()), &on_dropped);
}
