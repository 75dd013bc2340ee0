/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_border.h"

#include "pjsip_numbers.h"
#include "pjsip_off.h"
#include "pjsip_refresh.h"
#include "pjsip_sdp.h"

#include <string.h>

#define DEEPEST_PART 4

/* What follows the body in a datagram is not its (RFC 3261 18.3); PJSIP takes it for the body's end. */
static void cut_body(pjsip_msg *message)
{
    pjsip_clen_hdr *length = pjsip_msg_find_hdr(message, PJSIP_H_CONTENT_LENGTH, NULL);
    if (message->body && length && length->len >= 0 && (unsigned)length->len < message->body->len)
        message->body->len = length->len;
}

/* A description that PJSIP must not negotiate is made one that it refuses to read (400), or a body that it does not know
 * (415): that of several parts is taken apart already, but its text stands where it came. */
static void spoil_unsound(pjsip_rx_data *rdata)
{
    pjsip_msg_body *body = rdata->msg_info.msg->body;
    int several = body && pj_stricmp2(&body->content_type.type, "multipart") == 0;
    if (!body || !rdata->msg_info.ctype || !(several || pj_stricmp2(&body->content_type.subtype, "sdp") == 0))
        return;
    const char *text = strstr(rdata->msg_info.msg_buf, "\r\n\r\n");
    if (!text || mx_sdp_sound(text, rdata->msg_info.msg_buf + rdata->msg_info.len - text))
        return;
    if (several)
        rdata->msg_info.ctype->media.type = body->content_type.type = pj_str("unsound");
    else if (body->len)
        *(char *)body->data = '!';
}

static pj_bool_t is_type(const pjsip_msg_body *body, const char *type, const char *subtype)
{
    return pj_stricmp2(&body->content_type.type, type) == 0 && (!subtype || pj_stricmp2(&body->content_type.subtype, subtype) == 0);
}

/* The description in a body, in whatever parts of parts it stands; those within parts PJSIP has not taken apart. */
static pjsip_msg_body *description_in(pj_pool_t *pool, pjsip_msg_body *body, int depth)
{
    if (is_type(body, "application", "sdp"))
        return body;
    if (!is_type(body, "multipart", NULL) || depth > DEEPEST_PART || (depth > 0 && !body->len))
        return NULL;
    if (depth > 0)
        body = pjsip_multipart_parse(pool, body->data, body->len, &body->content_type, 0);
    pjsip_multipart_part *part = body ? pjsip_multipart_get_first_part(body) : NULL;
    for (; part; part = pjsip_multipart_get_next_part(body, part)) {
        pjsip_msg_body *found = description_in(pool, part->body, depth + 1);
        if (found)
            return found;
    }
    return NULL;
}

static int is_required(const pjsip_multipart_part *part)
{
    const pj_str_t name = pj_str("Content-Disposition"), required = pj_str("handling=required");
    for (pjsip_hdr *each = part->hdr.next; each != &part->hdr; each = each->next)
        if (pj_stricmp(&each->name, &name) == 0)
            return pj_stristr(&((pjsip_generic_string_hdr *)each)->hvalue, &required) != NULL;
    return 0;
}

/* A coding other than none, or a part that must be understood and is no description (RFC 3261 8.2.3, RFC 5621 8). What does
 * not say that it must be understood is passed over: carriers send much that is only for them. */
static int is_foreign(pjsip_msg *message)
{
    pj_str_t full = pj_str("Content-Encoding"), brief = pj_str("e");
    pjsip_generic_string_hdr *coding = pjsip_msg_find_hdr_by_names(message, &full, &brief, NULL);
    if (!message->body)
        return 0;
    if (coding && pj_stricmp2(&coding->hvalue, "identity") != 0)
        return 1;
    if (!is_type(message->body, "multipart", NULL))
        return 0;
    pjsip_multipart_part *part = pjsip_multipart_get_first_part(message->body);
    for (; part; part = pjsip_multipart_get_next_part(message->body, part))
        if (!is_type(part->body, "application", "sdp") && !is_type(part->body, "multipart", NULL) && is_required(part))
            return 1;
    return 0;
}

static void refuse_body(pjsip_endpoint *endpoint, pjsip_rx_data *rdata)
{
    static const char *const says[][2] = {{"Accept", "application/sdp"}, {"Accept-Encoding", "identity"}};
    pjsip_hdr headers;
    pj_list_init(&headers);
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(says); i++) {
        pj_str_t name = pj_str((char *)says[i][0]), value = pj_str((char *)says[i][1]);
        pj_list_push_back(&headers, pjsip_generic_string_hdr_create(rdata->tp_info.pool, &name, &value));
    }
    pjsip_endpt_respond_stateless(endpoint, rdata, PJSIP_SC_UNSUPPORTED_MEDIA_TYPE, NULL, &headers, NULL);
}

/* PJSIP looks for a description in the parts of multipart/mixed and multipart/alternative, one level deep; RFC 5621 3 has
 * it anywhere. So the message is given the description alone. */
static void unwrap_description(pjsip_rx_data *rdata)
{
    pjsip_msg_body *body = rdata->msg_info.msg->body;
    if (!body || !rdata->msg_info.ctype || !is_type(body, "multipart", NULL))
        return;
    pjsip_msg_body *found = description_in(rdata->tp_info.pool, body, 0);
    if (found) {
        rdata->msg_info.msg->body = found;
        pjsip_media_type_cp(rdata->tp_info.pool, &rdata->msg_info.ctype->media, &found->content_type);
    }
}

/* A medium that is switched off (port 0) may lack c= where the session has none, too, in spite of RFC 4566 5.7. PJSIP takes
 * such a description, and follows the NULL once it is a new offer in a call. So it gets an address of no host. */
static void complete_description(pjsip_rx_data *rdata)
{
    if (!rdata->msg_info.msg->body || !rdata->msg_info.msg->body->len)
        return;
    pjsip_rdata_sdp_info *read = pjsip_rdata_get_sdp_info(rdata); /* kept with the message: who reads it next gets ours */
    for (unsigned i = 0; read->sdp && read->sdp_err == PJ_SUCCESS && !read->sdp->conn && i < read->sdp->media_count; i++) {
        pjmedia_sdp_media *media = read->sdp->media[i];
        if (media->conn)
            continue;
        media->conn = PJ_POOL_ZALLOC_T(rdata->tp_info.pool, pjmedia_sdp_conn);
        media->conn->net_type = pj_str("IN");
        media->conn->addr_type = pj_str("IP4");
        media->conn->addr = pj_str("0.0.0.0");
    }
}

/* An INVITE that shall replace a call is a call of its own: PJSIP would swap the two past call control, and knows calls by
 * their tags alone. What it names is read by ours (RFC 3891); twice is wrong (3). */
static pj_bool_t replaces_once(pjsip_msg *message)
{
    pj_str_t name = pj_str("Replaces");
    int found = 0;
    if (message->line.req.method.id != PJSIP_INVITE_METHOD)
        return PJ_TRUE;
    for (pjsip_hdr *each; (each = pjsip_msg_find_hdr_by_name(message, &name, NULL)) != NULL; found++)
        pj_list_erase(each);
    return found < 2;
}

static pj_bool_t is_sip(pjsip_uri *uri)
{
    pjsip_uri *bare = uri ? pjsip_uri_get_uri(uri) : NULL;
    return bare && (PJSIP_URI_SCHEME_IS_SIP(bare) || PJSIP_URI_SCHEME_IS_SIPS(bare));
}

static pj_bool_t are_sip(pjsip_msg *message, pjsip_hdr_e type)
{
    pjsip_hdr *end = (pjsip_hdr *)&message->hdr;
    for (pjsip_hdr *each = end->next; each != end; each = each->next) {
        pjsip_contact_hdr *contact = (pjsip_contact_hdr *)each;
        if (each->type != type || (type == PJSIP_H_CONTACT && contact->star))
            continue;
        if (!is_sip(type == PJSIP_H_CONTACT ? contact->uri : (pjsip_uri *)&((pjsip_routing_hdr *)each)->name_addr))
            return PJ_FALSE;
    }
    return PJ_TRUE;
}

/* PJSIP reads the URIs by which a dialog's requests find their way as if each were a SIP URI, whatever its scheme, and
 * that of From where an INVITE has no Contact (RFC 3261 8.1.1.8: it must have one). */
static pj_bool_t leads_somewhere(pjsip_msg *message)
{
    pj_bool_t invite = message->type == PJSIP_REQUEST_MSG && message->line.req.method.id == PJSIP_INVITE_METHOD;
    if (invite && !pjsip_msg_find_hdr(message, PJSIP_H_CONTACT, NULL))
        return PJ_FALSE;
    pj_bool_t redirection = message->type == PJSIP_RESPONSE_MSG && message->line.status.code / 100 == 3;
    return (redirection || are_sip(message, PJSIP_H_CONTACT)) && /* that of a 3xx is no way of a dialog (RFC 3261 21.3) */
            are_sip(message, PJSIP_H_RECORD_ROUTE) && are_sip(message, PJSIP_H_ROUTE);
}

pj_bool_t mx_may_pass(pjsip_endpoint *endpoint, pjsip_rx_data *rdata)
{
    pjsip_msg *message = rdata->msg_info.msg;
    cut_body(message);
    spoil_unsound(rdata);
    if (message->type == PJSIP_REQUEST_MSG && message->line.req.method.id == PJSIP_INVITE_METHOD && is_foreign(message)) {
        refuse_body(endpoint, rdata);
        return PJ_FALSE;
    }
    unwrap_description(rdata);
    complete_description(rdata);
    mx_numbers_taken(rdata);
    mx_off_taken(rdata);
    if (message->type == PJSIP_RESPONSE_MSG)
        mx_refresh_soften(rdata);
    pj_bool_t replaces = message->type != PJSIP_REQUEST_MSG || replaces_once(message);
    if (replaces && leads_somewhere(message))
        return PJ_TRUE;
    if (message->type == PJSIP_REQUEST_MSG && message->line.req.method.id != PJSIP_ACK_METHOD)
        pjsip_endpt_respond_stateless(endpoint, rdata, PJSIP_SC_BAD_REQUEST, NULL, NULL, NULL);
    return PJ_FALSE;
}
