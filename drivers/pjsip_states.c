/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_states.h"

#include "pjsip_refresh.h"

#include <pjlib.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <string.h>

static void (*tell)(pjsua_call_id, pjsip_event *);
static mx_state told;

static const pjsip_rx_data *received(const pjsip_event *event)
{
    if (event->type == PJSIP_EVENT_RX_MSG)
        return event->body.rx_msg.rdata;
    if (event->type == PJSIP_EVENT_TSX_STATE && event->body.tsx_state.type == PJSIP_EVENT_RX_MSG)
        return event->body.tsx_state.src.rdata;
    return NULL;
}

/* As pjsua_call_get_info does: a call that was hung up is over, even if its session still waits for an answer. */
static void look(const pjsua_call *call)
{
    const pjsip_inv_session *session = call->inv;
    int over = session && session->state == PJSIP_INV_STATE_DISCONNECTED;
    const pj_str_t *reason = over ? &session->cause_text : &call->last_text;
    told.call = call->index;
    told.state = session && !call->hanging_up ? session->state : PJSIP_INV_STATE_DISCONNECTED;
    told.code = over ? session->cause : call->last_code;
    told.reason = reason->ptr;
    told.reason_length = reason->slen;
}

static void on_call_state(pjsua_call_id number, pjsip_event *event)
{
    const pjsip_rx_data *message = event ? received(event) : NULL;
    pjsip_event nothing; /* the message is read here: no need to make a Python object of it */
    PJSIP_EVENT_INIT_USER(nothing, NULL, NULL, NULL, NULL);
    look(&pjsua_get_var()->calls[number]);
    if (told.state < PJSIP_INV_STATE_EARLY)
        return;
    told.message = message ? message->msg_info.msg_buf : NULL;
    told.length = message ? message->msg_info.len : 0;
    if (told.state == PJSIP_INV_STATE_DISCONNECTED)
        mx_refresh_forget(number);
    tell(number, &nothing);
    memset(&told, 0, sizeof told);
}

const mx_state *mx_state_told(void)
{
    return &told;
}

const char *mx_call_id(int call, int *length)
{
    const pjsip_inv_session *session = pjsua_get_var()->calls[call].inv;
    if (!session)
        return NULL;
    *length = session->dlg->call_id->id.slen;
    return session->dlg->call_id->id.ptr;
}

void mx_states_start(void)
{
    pjsua_callback *callbacks = &pjsua_get_var()->ua_cfg.cb;
    tell = callbacks->on_call_state;
    callbacks->on_call_state = &on_call_state;
    mx_refresh_start(); /* which listens to transactions */
    callbacks->on_call_media_transport_state = NULL;
    callbacks->on_call_sdp_created = NULL;
    callbacks->on_stream_precreate = NULL;
    callbacks->on_media_event = NULL;
    callbacks->on_dtmf_digit2 = NULL;
    callbacks->on_dtmf_event = NULL;
    callbacks->on_call_media_event = NULL;
    callbacks->on_conf_op_completed = NULL;
}
