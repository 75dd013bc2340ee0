/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_refresh.h"

#include <pjlib.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <string.h>

/* PJSIP ends a call at the end of its session, even if the far end is alive and answered the refresh with 488, 500, 405.
 * RFC 4028 7.2 wants the end for 408 and 481 only, which PJSIP sees to. For all else its timers are stopped here, and the
 * refresh is sent again: soon by the other method, then now and then by both. One that is accepted starts PJSIP's timers
 * anew. */
struct refresh {
    pj_timer_entry timer;
    pjsip_inv_session *session;
    unsigned refused; /* methods that were, since one was accepted */
    int by_invite;
};

enum { BY_UPDATE = 1, BY_INVITE = 2 };

#define SOON_MS 5000
#define BUSY_MS 1000
#define PARTS 4 /* of the session's length is the time between tries when both were refused */
#define PENDING 491
#define GLARE_MS 2100 /* at least; RFC 3261 14.1 */
#define GLARE_MORE_MS 1900

static struct refresh refreshes[PJSUA_MAX_CALLS];
static unsigned char asks[PJSUA_MAX_CALLS]; /* an INFO or NOTIFY of ours is not answered yet */

static int takes_update(pjsip_inv_session *session)
{
    static const pj_str_t update = {"UPDATE", 6};
    return pjsip_dlg_remote_has_cap(session->dlg, PJSIP_H_ALLOW, NULL, &update) == PJSIP_DIALOG_CAP_SUPPORTED;
}

static int is_update(const pjsip_method *method)
{
    return pj_strcmp2(&method->name, "UPDATE") == 0;
}

static int takes_turns(const pjsip_method *method)
{
    return pj_strcmp2(&method->name, "INFO") == 0 || pj_strcmp2(&method->name, "NOTIFY") == 0;
}

static void schedule(struct refresh *refresh, unsigned delay_ms)
{
    pj_time_val delay = {delay_ms / 1000, delay_ms % 1000};
    refresh->timer.id = 1;
    if (pjsip_endpt_schedule_timer(pjsua_get_pjsip_endpt(), &refresh->timer, &delay) != PJ_SUCCESS)
        refresh->timer.id = 0;
}

static void stop(struct refresh *refresh)
{
    if (refresh->timer.id)
        pjsip_endpt_cancel_timer(pjsua_get_pjsip_endpt(), &refresh->timer);
    refresh->timer.id = 0;
}

/* As it stands: nothing of the session changes. */
static pj_status_t invite(pjsip_inv_session *session, pjsip_tx_data **request)
{
    const pjmedia_sdp_session *offer = NULL;
    pj_status_t status = pjsip_inv_invite(session, request);
    if (status == PJ_SUCCESS)
        status = pjmedia_sdp_neg_send_local_offer(session->pool_prov, session->neg, &offer);
    if (status == PJ_SUCCESS)
        status = pjmedia_sdp_neg_get_neg_local(session->neg, &offer);
    if (status == PJ_SUCCESS)
        status = pjsip_create_sdp_body((*request)->pool, (pjmedia_sdp_session *)offer, &(*request)->msg->body);
    return status;
}

static pj_status_t send_refresh(pjsip_inv_session *session, int by_invite)
{
    pjsip_tx_data *request = NULL;
    pj_status_t status = by_invite ? invite(session, &request) : pjsip_inv_update(session, NULL, NULL, &request);
    return status == PJ_SUCCESS ? pjsip_inv_send_msg(session, request) : status;
}

static unsigned long_delay_ms(const pjsua_call *call)
{
    return pjsua_get_var()->acc[call->acc_id].cfg.timer_setting.sess_expires * 1000 / PARTS;
}

static void on_timer(pj_timer_heap_t *heap, pj_timer_entry *entry)
{
    struct refresh *refresh = entry->user_data;
    pjsua_call *call = &pjsua_get_var()->calls[refresh - refreshes];
    pjsip_inv_session *session = call->inv;
    PJ_UNUSED_ARG(heap);
    entry->id = 0;
    if (!session || session != refresh->session || call->hanging_up || session->state != PJSIP_INV_STATE_CONFIRMED)
        return;
    if (session->invite_tsx || pjmedia_sdp_neg_get_state(session->neg) != PJMEDIA_SDP_NEG_STATE_DONE)
        schedule(refresh, BUSY_MS);
    else if (send_refresh(session, refresh->by_invite || !takes_update(session)) != PJ_SUCCESS)
        schedule(refresh, long_delay_ms(call));
}

/* Whether it was sent to refresh, and the refresh is ours: by the Session-Expires of an UPDATE. A refused INVITE
 * is replaced by its ACK; it is sent for no other reason. */
static int was_refresh(const pjsip_transaction *transaction)
{
    if (!is_update(&transaction->method))
        return 1;
    pj_str_t name = pj_str("Session-Expires"), brief = pj_str("x");
    const pjsip_tx_data *request = transaction->last_tx;
    if (!request || request->msg->type != PJSIP_REQUEST_MSG)
        return 0;
    const pjsip_sess_expires_hdr *header = pjsip_msg_find_hdr_by_names(request->msg, &name, &brief, NULL);
    return header && pj_strcmp2(&header->refresher, "uac") == 0;
}

/* PJSIP waits on for the answer to an offer that was challenged, also where it has no proof. */
static void give_up(pjsip_inv_session *session, const pjsip_transaction *transaction)
{
    if (transaction->method.id != PJSIP_INVITE_METHOD)
        return;
    if (transaction == session->invite_tsx)
        session->invite_tsx = NULL;
    if (!session->invite_tsx && pjmedia_sdp_neg_get_state(session->neg) == PJMEDIA_SDP_NEG_STATE_LOCAL_OFFER)
        pjmedia_sdp_neg_cancel_offer(session->neg);
}

static void refused(pjsua_call *call, const pjsip_transaction *transaction)
{
    struct refresh *refresh = &refreshes[call->index];
    int by_update = is_update(&transaction->method);
    unsigned all = takes_update(call->inv) ? BY_UPDATE | BY_INVITE : BY_INVITE;
    if (refresh->session != call->inv)
        refresh->refused = 0;
    pjsip_timer_end_session(call->inv);
    give_up(call->inv, transaction);
    stop(refresh);
    pj_timer_entry_init(&refresh->timer, 0, refresh, &on_timer);
    refresh->session = call->inv;
    if (transaction->status_code == PENDING) {
        refresh->by_invite = !by_update;
        schedule(refresh, GLARE_MS + pj_rand() % GLARE_MORE_MS);
        return;
    }
    refresh->refused |= by_update ? BY_UPDATE : BY_INVITE;
    refresh->by_invite = by_update;
    schedule(refresh, refresh->refused == all ? long_delay_ms(call) : SOON_MS);
}

static void forget(int call)
{
    stop(&refreshes[call]);
    refreshes[call].session = NULL;
    refreshes[call].refused = 0;
}

static void on_transaction(pjsua_call_id number, pjsip_transaction *transaction, pjsip_event *event)
{
    pjsua_call *call = &pjsua_get_var()->calls[number];
    int status = transaction->status_code;
    if (transaction->role == PJSIP_ROLE_UAC && takes_turns(&transaction->method))
        asks[number] = call->inv && call->inv->state == PJSIP_INV_STATE_CONFIRMED &&
                          transaction->state < PJSIP_TSX_STATE_COMPLETED;
    int refreshes_it = transaction->method.id == PJSIP_INVITE_METHOD || is_update(&transaction->method);
    if (transaction->role != PJSIP_ROLE_UAC || !refreshes_it || status < 200 || !call->inv ||
        call->inv->state != PJSIP_INV_STATE_CONFIRMED || event->body.tsx_state.type != PJSIP_EVENT_RX_MSG)
        return;
    if (status < 300)
        forget(number);
    else if (transaction->state == PJSIP_TSX_STATE_COMPLETED && status != PJSIP_SC_REQUEST_TIMEOUT &&
             status != PJSIP_SC_CALL_TSX_DOES_NOT_EXIST && was_refresh(transaction))
        refused(call, transaction);
}

static void say(pjsip_tx_data *request, const char *name, const char *value)
{
    pj_str_t header = pj_str((char *)name), said = pj_str((char *)value);
    pjsip_msg_add_hdr(request->msg, (pjsip_hdr *)pjsip_generic_string_hdr_create(request->pool, &header, &said));
}

int mx_show(int number, const char *identity, const char *privacy)
{
    pjsip_inv_session *session = pjsua_get_var()->calls[number].inv;
    pjsip_tx_data *request;
    if (!session || session->state != PJSIP_INV_STATE_CONFIRMED)
        return PJ_EINVALIDOP;
    pj_status_t status = pjsip_inv_update(session, NULL, NULL, &request);
    if (status != PJ_SUCCESS)
        return status;
    say(request, "P-Asserted-Identity", identity);
    if (*privacy)
        say(request, "Privacy", privacy);
    return pjsip_inv_send_msg(session, request);
}

int mx_prove(int call, const char *user, const char *password)
{
    pjsip_inv_session *session = pjsua_get_var()->calls[call].inv;
    pjsip_cred_info proof = {
        .realm = {"*", 1},
        .scheme = {"digest", 6},
        .username = pj_str((char *)user),
        .data_type = PJSIP_CRED_DATA_PLAIN_PASSWD,
        .data = pj_str((char *)password),
    };
    return session ? pjsip_auth_clt_set_credentials(&session->dlg->auth_sess, 1, &proof) : PJ_ENOTFOUND;
}

int mx_asks(int call)
{
    return call >= 0 && call < PJSUA_MAX_CALLS && asks[call];
}

void mx_refresh_forget(int call)
{
    forget(call);
    asks[call] = 0;
}

void mx_refresh_soften(pjsip_rx_data *rdata)
{
    pjsip_msg *message = rdata->msg_info.msg;
    int status = message->line.status.code;
    const pjsip_method *method = &rdata->msg_info.cseq->method;
    if ((status != PJSIP_SC_BAD_GATEWAY && status != PJSIP_SC_SERVICE_UNAVAILABLE) ||
        (method->id != PJSIP_INVITE_METHOD && !is_update(method)))
        return;
    pjsip_dialog *dialog = pjsip_ua_find_dialog(&rdata->msg_info.cid->id, &rdata->msg_info.from->tag,
                                                &rdata->msg_info.to->tag, PJ_FALSE);
    pjsip_inv_session *session = dialog ? pjsip_dlg_get_inv_session(dialog) : NULL;
    if (session && session->state == PJSIP_INV_STATE_CONFIRMED)
        message->line.status.code = PJSIP_SC_INTERNAL_SERVER_ERROR;
}

void mx_refresh_start(void)
{
    memset(refreshes, 0, sizeof refreshes);
    memset(asks, 0, sizeof asks);
    pjsua_get_var()->ua_cfg.cb.on_call_tsx_state = &on_transaction;
}
