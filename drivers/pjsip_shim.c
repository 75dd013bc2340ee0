/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_shim.h"

#include "pjmedia_guard.h"
#include "pjsip_border.h"
#include "pjsip_numbers.h"
#include "pjsip_requests.h"
#include "pjsip_states.h"

#include <pjlib.h>
#include <pjmedia.h>
#include <pjmedia-codec/g722.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

int mx_prefer_own_codecs(int call)
{
    pjsip_inv_session *session = pjsua_get_var()->calls[call].inv;
    return session && session->neg ? pjmedia_sdp_neg_set_prefer_remote_codec_order(session->neg, PJ_FALSE) : PJ_ENOTFOUND;
}

void mx_forget_media(void)
{
    struct pjsua_data *pjsua = pjsua_get_var();
    for (unsigned i = 0; i < pjsua->ua_cfg.max_calls; i++)
        if (pjsua->calls[i].hanging_up)
            pjsua->calls[i].med_cnt = pjsua->calls[i].med_prov_cnt = 0;
}

/* --- the ring ----------------------------------------------------------------------------------------------------- */

#define RING_NOTES 16384
#define RING_BYTES (16u << 20)
#define LONGEST_NOTE 8192

struct kept {
    uint64_t time_us;
    int sent;
    char peer[64];
    unsigned id_length, length;
    char text[]; /* Call-ID, then the message */
};

static struct kept *ring[RING_NOTES]; /* message n is at n % RING_NOTES */
static uint64_t ring_first = 1, ring_next = 1;
static unsigned ring_bytes;

static void ring_drop(void)
{
    struct kept **oldest = &ring[ring_first++ % RING_NOTES];
    ring_bytes -= (*oldest)->id_length + (*oldest)->length;
    free(*oldest);
    *oldest = NULL;
}

static void keep(int sent, const char *host, int port, const pj_str_t *id, const char *text, pj_ssize_t length)
{
    if (length > LONGEST_NOTE)
        length = LONGEST_NOTE;
    struct kept *kept = length > 0 ? malloc(sizeof *kept + id->slen + length) : NULL;
    if (!kept)
        return;
    struct timeval now;
    gettimeofday(&now, NULL);
    kept->time_us = (uint64_t)now.tv_sec * 1000000 + now.tv_usec;
    kept->sent = sent;
    snprintf(kept->peer, sizeof kept->peer, "%s:%d", host, port);
    kept->id_length = id->slen;
    kept->length = length;
    memcpy(kept->text, id->ptr, id->slen);
    memcpy(kept->text + id->slen, text, length);
    while (ring_next - ring_first >= RING_NOTES || (ring_bytes > RING_BYTES && ring_first < ring_next))
        ring_drop();
    ring_bytes += kept->id_length + kept->length;
    ring[ring_next++ % RING_NOTES] = kept;
}

static pj_bool_t note_received(pjsip_rx_data *rdata)
{
    keep(0, rdata->pkt_info.src_name, rdata->pkt_info.src_port, &rdata->msg_info.cid->id, rdata->msg_info.msg_buf,
         rdata->msg_info.len);
    return !mx_may_pass(pjsua_get_pjsip_endpt(), rdata);
}

static pj_status_t note_sent(pjsip_tx_data *tdata)
{
    pjsip_cid_hdr *id = PJSIP_MSG_CID_HDR(tdata->msg);
    if (id)
        keep(1, tdata->tp_info.dst_name, tdata->tp_info.dst_port, &id->id, tdata->buf.start,
             tdata->buf.cur - tdata->buf.start);
    return PJ_SUCCESS;
}

/* Next to the transport: a sent message is printed by then. */
static pjsip_module witness = {
    .name = {"mxbox-witness", 13},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER - 1,
    .on_rx_request = &note_received,
    .on_rx_response = &note_received,
    .on_tx_request = &note_sent,
    .on_tx_response = &note_sent,
};

void mx_ring_find(const char *call_id, uint64_t from, mx_note *note)
{
    size_t wanted = strlen(call_id);
    memset(note, 0, sizeof *note);
    for (uint64_t number = from > ring_first ? from : ring_first; number < ring_next; number++) {
        const struct kept *kept = ring[number % RING_NOTES];
        if (kept->id_length != wanted || memcmp(kept->text, call_id, wanted) != 0)
            continue;
        note->number = number;
        note->time_us = kept->time_us;
        note->sent = kept->sent;
        memcpy(note->peer, kept->peer, sizeof note->peer);
        note->text = kept->text + kept->id_length;
        note->length = kept->length;
        return;
    }
}

void mx_ring_clear(void)
{
    while (ring_first < ring_next)
        ring_drop();
}

/* --- */

/* G.722 counts in 14 bits, PJMEDIA takes them for the upper ones of its 16. Phones that grew up on spandsp's coder do
 * not, and would sound 6 dB too loud here and hear us 6 dB too low. */
#define G722_SHIFT 1

int mx_shim_start(mx_asked whom, int nat)
{
    mx_guard_start(nat);
    mx_states_start();
    mx_numbers_start();
    pjmedia_codec_g722_set_pcm_shift(G722_SHIFT);
    witness.id = -1;
    pj_status_t status = mx_requests_start(pjsua_get_pjsip_endpt(), whom);
    return status == PJ_SUCCESS ? pjsip_endpt_register_module(pjsua_get_pjsip_endpt(), &witness) : status;
}
