/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_far_end.h"

#include <pjlib.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <string.h>

#define ANSWER_MS 5000

struct far_end {
    mx_place signalling;
    uint32_t answers;
    const pjsip_dialog *asked; /* whose answer is awaited */
};

static struct far_end far_ends[PJSUA_MAX_CALLS];
static int through_edge;
static void (*invited)(pjsua_acc_id, pjsua_call_id, pjsip_rx_data *);
static void (*went_on)(pjsua_call_id, pjsip_transaction *, pjsip_event *);

/* --- where messages come from ------------------------------------------------------------------------------------- */

mx_place mx_place_of(const void *socket_address)
{
    const pj_sockaddr *address = socket_address;
    mx_place place = {.octets = pj_sockaddr_get_addr_len(address), .port = pj_sockaddr_get_port(address)};
    memcpy(place.host, pj_sockaddr_get_addr(address), place.octets);
    return place;
}

/* 0: it is not the far end's but the edge's own. */
static int source_of(pjsip_rx_data *message, mx_place *place)
{
    const pj_str_t name = {"X-MXBox-Source", 14};
    pjsip_generic_string_hdr *said = pjsip_msg_find_hdr_by_name(message->msg_info.msg, &name, NULL);
    memset(place, 0, sizeof *place);
    if (!through_edge)
        *place = mx_place_of(&message->pkt_info.src_addr);
    else if (said && pj_inet_pton(pj_AF_INET(), &said->hvalue, place->host) == PJ_SUCCESS)
        place->octets = 4;
    else if (said && pj_inet_pton(pj_AF_INET6(), &said->hvalue, place->host) == PJ_SUCCESS)
        place->octets = 16;
    return place->octets;
}

static void learn(pjsua_call_id call, pjsip_rx_data *message)
{
    mx_place place;
    if (source_of(message, &place))
        far_ends[call].signalling = place;
}

static void on_invited(pjsua_acc_id account, pjsua_call_id call, pjsip_rx_data *message)
{
    memset(&far_ends[call], 0, sizeof far_ends[call]);
    learn(call, message);
    invited(account, call, message);
}

static void on_transaction(pjsua_call_id call, pjsip_transaction *transaction, pjsip_event *event)
{
    const pjsip_inv_session *session = pjsua_get_var()->calls[call].inv;
    if (transaction->state == PJSIP_TSX_STATE_CALLING && session && session->state < PJSIP_INV_STATE_EARLY)
        memset(&far_ends[call], 0, sizeof far_ends[call]);
    if (event->type == PJSIP_EVENT_TSX_STATE && event->body.tsx_state.type == PJSIP_EVENT_RX_MSG)
        learn(call, event->body.tsx_state.src.rdata);
    if (went_on)
        went_on(call, transaction, event);
}

const mx_place *mx_signalling(int call)
{
    return &far_ends[call].signalling;
}

/* --- is it there? ------------------------------------------------------------------------------------------------- */

static struct far_end *asked_by(const pjsip_dialog *dialog)
{
    for (struct far_end *each = far_ends; each < far_ends + PJSUA_MAX_CALLS; each++)
        if (each->asked == dialog)
            return each;
    return NULL;
}

/* 408 and 481 mean that it is not there (RFC 5057 5.1); with any other answer it is. */
static void on_answer(void *token, pjsip_event *event)
{
    struct far_end *far_end = asked_by(token);
    mx_place place;
    if (!far_end)
        return;
    far_end->asked = NULL;
    if (event->type != PJSIP_EVENT_TSX_STATE || event->body.tsx_state.type != PJSIP_EVENT_RX_MSG)
        return;
    int status = event->body.tsx_state.tsx->status_code;
    far_end->answers += status != PJSIP_SC_REQUEST_TIMEOUT && status != PJSIP_SC_CALL_TSX_DOES_NOT_EXIST &&
                        source_of(event->body.tsx_state.src.rdata, &place);
}

/* Past the dialog's own transactions: no answer to one of those would end the call (RFC 3261 12.2.1.2). */
static pj_status_t send_past(pjsip_dialog *dialog, pjsip_tx_data *request)
{
    pjsip_cseq_hdr *cseq = PJSIP_MSG_CSEQ_HDR(request->msg);
    cseq->cseq = dialog->local.cseq++;
    pjsip_tx_data_invalidate_msg(request);
    pjsip_tx_data_set_transport(request, &dialog->tp_sel);
    return pjsip_endpt_send_request(pjsua_get_pjsip_endpt(), request, ANSWER_MS, dialog, &on_answer);
}

void mx_ask(int call)
{
    pjsip_inv_session *session = pjsua_get_var()->calls[call].inv;
    pjsip_tx_data *request;
    if (!session || session->state != PJSIP_INV_STATE_CONFIRMED || far_ends[call].asked == session->dlg)
        return;
    if (pjsip_dlg_create_request(session->dlg, pjsip_get_options_method(), -1, &request) != PJ_SUCCESS)
        return;
    far_ends[call].asked = session->dlg;
    if (send_past(session->dlg, request) != PJ_SUCCESS)
        far_ends[call].asked = NULL;
}

void mx_answers(const int32_t *numbers, int calls, uint32_t *count)
{
    for (int i = 0; i < calls; i++)
        count[i] = numbers[i] < 0 ? 0 : far_ends[numbers[i]].answers;
}

void mx_far_end_start(int edge)
{
    pjsua_callback *callbacks = &pjsua_get_var()->ua_cfg.cb;
    memset(far_ends, 0, sizeof far_ends);
    through_edge = edge;
    invited = callbacks->on_incoming_call;
    callbacks->on_incoming_call = &on_invited;
    went_on = callbacks->on_call_tsx_state;
    callbacks->on_call_tsx_state = &on_transaction;
}
