/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_requests.h"

#include "pjsip_off.h"

#include <pjlib.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

static mx_asked asked;

/* A header of an answer. */
struct said {
    const char *name, *value;
};

/* Answers to requests inside a dialog that have no use here. Any other method: 405 (RFC 3261 8.2.1). */
static const struct {
    const char *method;
    int status;
    struct said says;
} answers[] = {
    {"OPTIONS", 200, {0}},                                   /* RFC 3261 11.2 */
    {"REFER", 481, {0}},                                     /* its call is over */
    {"NOTIFY", 489, {"Allow-Events", "refer"}},              /* RFC 6665 8.3.2; by 481 far ends would end the call */
    {"SUBSCRIBE", 489, {"Allow-Events", "refer"}},           /* RFC 6665 4.2.1.2 */
};

/* INFO, by its body. */
static const struct said no_package = {"Recv-Info", ""};     /* RFC 6086 4.2.2 and 5.2.2 */
static const struct said keys = {"Accept", "application/dtmf-relay, application/dtmf"};

static const char *const ends[] = {"ACK", "BYE", "CANCEL"};
static const char *const pjsips[] = {"INVITE", "UPDATE", "PRACK"}; /* which it answers also when their call is over */
static const char *const advertised[] = {"INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "OPTIONS", "INFO", "REFER"};

static int is_one_of(const pj_str_t *word, const char *const *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (pj_strcmp2(word, words[i]) == 0)
            return 1;
    return 0;
}

static int number_of(pjsip_dialog *dialog)
{
    pjsua_call *call = dialog ? dialog->mod_data[pjsua_get_var()->mod.id] : NULL;
    return call && !call->hanging_up ? (int)call->index : -1;
}

static pjsip_dialog *dialog_of(pjsip_rx_data *rdata)
{
    pj_str_t *ours = &rdata->msg_info.to->tag, *theirs = &rdata->msg_info.from->tag;
    return pjsip_ua_find_dialog(&rdata->msg_info.cid->id, ours, theirs, PJ_FALSE);
}

static pjsip_hdr *find(pjsip_rx_data *rdata, const char *name, const char *compact, void *from)
{
    pj_str_t full = pj_str((char *)name), brief = pj_str((char *)compact);
    return pjsip_msg_find_hdr_by_names(rdata->msg_info.msg, &full, &brief, from);
}

/* One Refer-To, with one value (RFC 3515 2.4.2). */
static int refers_once(pjsip_rx_data *rdata)
{
    pjsip_generic_string_hdr *first = (pjsip_generic_string_hdr *)find(rdata, "Refer-To", "r", NULL);
    if (!first || find(rdata, "Refer-To", "r", first->next))
        return 0;
    int quoted = 0, bracketed = 0;
    for (const char *at = first->hvalue.ptr, *end = at + first->hvalue.slen; at < end; at++) {
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == '<' || *at == '>'))
            bracketed = *at == '<';
        else if (!quoted && !bracketed && *at == ',')
            return 0;
    }
    return 1;
}

/* The answer to REFER names the request's target, and states that no NOTIFY will come (RFC 4488 4). */
static void say_of_refer(pjsip_rx_data *rdata, pjsip_dialog *dialog, pjsip_tx_data *response)
{
    pjsip_generic_string_hdr *wish = (pjsip_generic_string_hdr *)find(rdata, "Refer-Sub", "Refer-Sub", NULL);
    pjsip_msg_add_hdr(response->msg, pjsip_hdr_clone(response->pool, dialog->local.contact));
    if (wish && pj_strnicmp2(&wish->hvalue, "false", 5) == 0)
        pjsip_msg_add_hdr(response->msg, pjsip_hdr_clone(response->pool, wish));
}

static void say(pjsip_tx_data *response, const struct said *what)
{
    pj_str_t name = pj_str((char *)what->name), value = pj_str((char *)what->value);
    pjsip_msg_add_hdr(response->msg, (pjsip_hdr *)pjsip_generic_string_hdr_create(response->pool, &name, &value));
}

static void say_capability(pjsip_tx_data *response, pjsip_hdr_e which)
{
    const pjsip_hdr *known = pjsip_endpt_get_capability(pjsua_get_pjsip_endpt(), which, NULL);
    if (known && !pjsip_msg_find_hdr(response->msg, which, NULL))
        pjsip_msg_add_hdr(response->msg, pjsip_hdr_clone(response->pool, known));
}

static void fill(pjsip_rx_data *rdata, pjsip_dialog *dialog, pjsip_tx_data *response, int status, const struct said *what)
{
    int refer = pj_strcmp2(&rdata->msg_info.msg->line.req.method.name, "REFER") == 0;
    if (refer && status / 100 == 2)
        say_of_refer(rdata, dialog, response);
    else if (status == PJSIP_SC_OK || status == PJSIP_SC_METHOD_NOT_ALLOWED)
        say_capability(response, PJSIP_H_ALLOW);
    if (!refer && status == PJSIP_SC_OK) {
        say_capability(response, PJSIP_H_ACCEPT);
        say_capability(response, PJSIP_H_SUPPORTED);
    }
    if (what && what->name)
        say(response, what);
}

static pj_bool_t on_request(pjsip_rx_data *rdata);
static pj_status_t on_own_request(pjsip_tx_data *request);
static pj_status_t on_response(pjsip_tx_data *response);

/* Above the transactions, below the dialogs. */
static pjsip_module requests = {
    .name = {"mxbox-requests", 14},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_UA_PROXY_LAYER - 1,
    .on_rx_request = &on_request,
    .on_tx_request = &on_own_request,
    .on_tx_response = &on_response,
};

/* Whether a request names its sender, or asks for privacy. */
static int names_party(pjsip_rx_data *rdata)
{
    static const char *const names[] = {"P-Asserted-Identity", "Remote-Party-ID", "Privacy"};
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(names); i++)
        if (find(rdata, names[i], names[i], NULL))
            return 1;
    return 0;
}

/* In a transaction of its own, so that repetitions of the request are answered below us. */
static void answer(pjsip_rx_data *rdata, pjsip_dialog *dialog, int status, const struct said *what)
{
    pjsip_transaction *transaction;
    pjsip_tx_data *response;
    if (pjsip_tsx_create_uas2(&requests, rdata, NULL, &transaction) != PJ_SUCCESS)
        return;
    pjsip_tsx_recv_msg(transaction, rdata);
    if (pjsip_dlg_create_response(dialog, rdata, status, NULL, &response) != PJ_SUCCESS) {
        pjsip_tsx_terminate(transaction, 500);
        return;
    }
    fill(rdata, dialog, response, status, what);
    if (pjsip_tsx_send_msg(transaction, response) != PJ_SUCCESS)
        pjsip_tsx_terminate(transaction, 500);
}

static int status_of_info(pjsip_rx_data *rdata, const struct said **what)
{
    if (find(rdata, "Info-Package", "Info-Package", NULL)) {
        *what = &no_package;
        return 469; /* Bad Info Package */
    }
    pjsip_msg_body *body = rdata->msg_info.msg->body;
    if (!body || !body->len)
        return PJSIP_SC_OK;
    *what = &keys;
    return PJSIP_SC_UNSUPPORTED_MEDIA_TYPE;
}

static int status_of(pjsip_rx_data *rdata, const struct said **what)
{
    const pj_str_t *method = &rdata->msg_info.msg->line.req.method.name;
    if (pj_strcmp2(method, "INFO") == 0)
        return status_of_info(rdata, what);
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(answers); i++)
        if (pj_strcmp2(method, answers[i].method) == 0) {
            *what = &answers[i].says;
            return answers[i].status;
        }
    return PJSIP_SC_METHOD_NOT_ALLOWED;
}

static int status_for(pjsip_rx_data *rdata, int call, const struct said **what)
{
    const pj_str_t *method = &rdata->msg_info.msg->line.req.method.name;
    int refer = pj_strcmp2(method, "REFER") == 0, status = 0;
    if (call < 0)
        return PJSIP_SC_CALL_TSX_DOES_NOT_EXIST;
    if (refer && !refers_once(rdata))
        return PJSIP_SC_BAD_REQUEST;
    if (refer || pj_strcmp2(method, "INFO") == 0)
        status = asked(call, rdata->msg_info.msg_buf, rdata->msg_info.len);
    return status ? status : status_of(rdata, what);
}

/* Outside of any dialog only MESSAGE is ours to refuse: PJSUA would accept it, and it would be lost unread. */
static pj_bool_t refuse_message(pjsip_rx_data *rdata)
{
    pjsip_hdr headers;
    if (pj_strcmp2(&rdata->msg_info.msg->line.req.method.name, "MESSAGE") != 0)
        return PJ_FALSE;
    pj_list_init(&headers);
    const pjsip_hdr *allow = pjsip_endpt_get_capability(pjsua_get_pjsip_endpt(), PJSIP_H_ALLOW, NULL);
    if (allow)
        pj_list_push_back(&headers, pjsip_hdr_clone(rdata->tp_info.pool, allow));
    pjsip_endpt_respond_stateless(pjsua_get_pjsip_endpt(), rdata, PJSIP_SC_METHOD_NOT_ALLOWED, NULL, &headers, NULL);
    return PJ_TRUE;
}

static pj_bool_t on_request(pjsip_rx_data *rdata)
{
    const struct said *what = NULL;
    if (rdata->msg_info.to->tag.slen == 0)
        return refuse_message(rdata);
    const pj_str_t *method = &rdata->msg_info.msg->line.req.method.name;
    pjsip_dialog *dialog = dialog_of(rdata);
    if (is_one_of(method, ends, PJ_ARRAY_SIZE(ends)))
        return PJ_FALSE;
    if (is_one_of(method, pjsips, PJ_ARRAY_SIZE(pjsips)) && number_of(dialog) >= 0) {
        if (names_party(rdata))
            asked(number_of(dialog), rdata->msg_info.msg_buf, rdata->msg_info.len);
        return PJ_FALSE;
    }
    if (!dialog || rdata->msg_info.cseq->cseq <= dialog->remote.cseq)
        return PJ_FALSE; /* 481, and 500 for a request that comes too late (RFC 3261 12.2.2) */
    int status = status_for(rdata, number_of(dialog), &what);
    dialog->remote.cseq = rdata->msg_info.cseq->cseq;
    answer(rdata, dialog, status, what);
    return PJ_TRUE;
}

static int is_called(const pjsip_hdr *header, const char *name)
{
    return pj_stricmp2(&header->name, name) == 0;
}

/* PJSIP makes the next response to an INVITE of the one before, with the identities in it of earlier phones: only
 * the last one and the headers after it are meant. */
static void forget_former_identities(pjsip_msg *message)
{
    pjsip_hdr *header, *next, *last = NULL;
    for (header = message->hdr.next; header != &message->hdr; header = header->next)
        if (is_called(header, "P-Asserted-Identity"))
            last = header;
    for (header = message->hdr.next; last && header != last; header = next) {
        next = header->next;
        if (is_called(header, "P-Asserted-Identity") || is_called(header, "Privacy"))
            pj_list_erase(header);
    }
}

static pj_status_t on_own_request(pjsip_tx_data *request)
{
    mx_off_told(request);
    return PJ_SUCCESS;
}

/* An offer of the far end that we cannot take is no fault of ours (RFC 3261 14.2, RFC 3311 5.2). */
static pj_status_t on_response(pjsip_tx_data *response)
{
    struct pjsip_status_line *line = &response->msg->line.status;
    forget_former_identities(response->msg);
    if (line->code == PJSIP_SC_INTERNAL_SERVER_ERROR && pj_strcmp2(&line->reason, "SDP negotiation failed") == 0) {
        line->code = PJSIP_SC_NOT_ACCEPTABLE_HERE;
        line->reason = *pjsip_get_status_text(line->code);
    }
    mx_off_told(response);
    return PJ_SUCCESS;
}

/* PJSIP's modules advertise what they could do; this box does less. */
static void advertise(pjsip_hdr_e which, const char *const *words, unsigned count)
{
    const void *known = pjsip_endpt_get_capability(pjsua_get_pjsip_endpt(), which, NULL);
    pjsip_generic_array_hdr *list = (pjsip_generic_array_hdr *)known;
    if (!list || count > PJSIP_GENERIC_ARRAY_MAX_COUNT)
        return;
    for (list->count = 0; list->count < count; list->count++)
        list->values[list->count] = pj_str((char *)words[list->count]);
}

int mx_find_call(const char *call_id, const char *local_tag, const char *remote_tag)
{
    pj_str_t id = pj_str((char *)call_id), ours = pj_str((char *)local_tag), theirs = pj_str((char *)remote_tag);
    return number_of(pjsip_ua_find_dialog(&id, &ours, &theirs, PJ_FALSE));
}

int mx_requests_start(pjsip_endpoint *endpoint, mx_asked whom)
{
    static const char *const bodies[] = {"application/sdp", "application/dtmf-relay", "application/dtmf"};
    asked = whom;
    requests.id = -1;
    advertise(PJSIP_H_ALLOW, advertised, PJ_ARRAY_SIZE(advertised));
    advertise(PJSIP_H_ACCEPT, bodies, PJ_ARRAY_SIZE(bodies));
    return pjsip_endpt_register_module(endpoint, &requests);
}
