/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_farewell.h"

#include <pjlib.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <stdio.h>
#include <string.h>

/* Higher than any that the call itself comes to: numbers begin below 2^15 and grow by one (RFC 3261 12.2.1.1). */
#define LAST_CSEQ 1000000000

static int written(const pjsip_msg *message, char *text, int size)
{
    pj_ssize_t length = pjsip_msg_print(message, text, size);
    return length > 0 ? (int)length : 0;
}

static void place_of(char *place, const char *host, int length, int port)
{
    snprintf(place, MX_PLACE, "%.*s:%d", length, host, port ? port : 5060);
}

/* PJSIP fills in a request's Via when it sends it; this one is not sent. */
static void sign(pjsip_tx_data *request)
{
    pjsip_via_hdr *via = pjsip_msg_find_hdr(request->msg, PJSIP_H_VIA, NULL);
    if (!via)
        return;
    char *branch = pj_pool_alloc(request->pool, PJSIP_MAX_BRANCH_LEN);
    pj_str_t unique = {branch + PJSIP_RFC3261_BRANCH_LEN, 0};
    memcpy(branch, PJSIP_RFC3261_BRANCH_ID, PJSIP_RFC3261_BRANCH_LEN);
    pj_generate_unique_string(&unique);
    via->transport = pj_str("UDP");
    via->sent_by = pjsua_get_var()->tpdata[0].local_name;
    pj_strset(&via->branch_param, branch, PJSIP_RFC3261_BRANCH_LEN + unique.slen);
}

static int bye(pjsip_dialog *dialog, char *text, int size, char *place)
{
    pjsip_tx_data *request;
    pjsip_host_info next;
    int length = 0;
    if (pjsip_dlg_create_request(dialog, pjsip_get_bye_method(), LAST_CSEQ, &request) != PJ_SUCCESS)
        return 0;
    if (pjsip_process_route_set(request, &next) == PJ_SUCCESS) {
        sign(request);
        place_of(place, next.addr.host.ptr, (int)next.addr.host.slen, next.addr.port);
        length = written(request->msg, text, size);
    }
    pjsip_tx_data_dec_ref(request);
    return length;
}

static int cancel(const pjsip_tx_data *invite, char *text, int size, char *place)
{
    pjsip_tx_data *request;
    if (pjsip_endpt_create_cancel(pjsua_get_pjsip_endpt(), invite, &request) != PJ_SUCCESS)
        return 0;
    place_of(place, invite->tp_info.dst_name, (int)strlen(invite->tp_info.dst_name), invite->tp_info.dst_port);
    int length = written(request->msg, text, size);
    pjsip_tx_data_dec_ref(request);
    return length;
}

/* Our last response made final: its Vias lead back to the caller's transaction. The sent message is printed by now,
 * so its change for a moment has no effect. */
static int refusal(const pjsip_tx_data *response, char *text, int size, char *place)
{
    struct pjsip_status_line was = response->msg->line.status;
    pjsip_msg_body *body = response->msg->body;
    response->msg->line.status.code = PJSIP_SC_SERVICE_UNAVAILABLE;
    response->msg->line.status.reason = *pjsip_get_status_text(PJSIP_SC_SERVICE_UNAVAILABLE);
    response->msg->body = NULL;
    place_of(place, response->tp_info.dst_name, (int)strlen(response->tp_info.dst_name), response->tp_info.dst_port);
    int length = written(response->msg, text, size);
    response->msg->line.status = was;
    response->msg->body = body;
    return length;
}

int mx_farewell(int call, char *text, int size, char *place)
{
    pjsip_inv_session *session = pjsua_get_var()->calls[call].inv;
    if (!session || session->state == PJSIP_INV_STATE_DISCONNECTED)
        return 0;
    if (session->state >= PJSIP_INV_STATE_CONNECTING)
        return bye(session->dlg, text, size, place);
    const pjsip_tx_data *last = session->invite_tsx ? session->invite_tsx->last_tx : NULL;
    if (!last)
        return 0;
    return session->role == PJSIP_ROLE_UAC ? cancel(last, text, size, place) : refusal(last, text, size, place);
}

int mx_say(const char *text, int length, const char *place)
{
    pj_sockaddr to;
    pj_str_t where = pj_str((char *)place);
    pj_status_t status = pj_sockaddr_parse(pj_AF_INET(), 0, &where, &to);
    if (status != PJ_SUCCESS)
        return status;
    status = pjsip_tpmgr_send_raw(pjsip_endpt_get_tpmgr(pjsua_get_pjsip_endpt()), PJSIP_TRANSPORT_UDP, NULL, NULL, text,
                                  length, &to, pj_sockaddr_get_len(&to), NULL, NULL);
    return status == PJ_EPENDING ? PJ_SUCCESS : status;
}
