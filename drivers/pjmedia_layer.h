/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A layer on a media transport: what arrives passes through it before the stream above gets it. */

#ifndef MXBOX_PJMEDIA_LAYER_H
#define MXBOX_PJMEDIA_LAYER_H

#include <pjmedia.h>

/* First in what a layer knows besides. `op` is in the place of the transport's own, so that leads back here. */
typedef struct {
    pjmedia_transport_op op;
    pjmedia_transport_op *own;
    pjmedia_transport *transport;
    void *user_data; /* of what is attached above */
    void (*rtp_cb)(void *, void *, pj_ssize_t);
    void (*rtp_cb2)(pjmedia_tp_cb_param *);
    void (*rtcp_cb)(void *, void *, pj_ssize_t);
} mx_layer;

typedef pj_status_t mx_attach(pjmedia_transport *transport, pjmedia_transport_attach_param *attach);
typedef pj_status_t mx_destroy(pjmedia_transport *transport);

/* Put a layer, all zero else, on a transport. `attach` ends in mx_layer_attach, `destroy` in mx_layer_destroy. */
void mx_layer_put(mx_layer *layer, pjmedia_transport *transport, mx_attach *attach, mx_destroy *destroy);

/* The layer whose `attach` that is, if it is the topmost of a transport; NULL if not. */
void *mx_layer_of(pjmedia_transport *transport, mx_attach *attach);

/* Attach the layer below what attaches: `rtp` and `rtcp` get what comes, with the layer as user data. */
pj_status_t mx_layer_attach(mx_layer *layer, const pjmedia_transport_attach_param *attach, void (*rtp)(pjmedia_tp_cb_param *),
                            void (*rtcp)(void *, void *, pj_ssize_t));

/* Detach what is attached: nothing comes to it any more. */
void mx_layer_detach(mx_layer *layer);

/* Let what is attached above have a packet; nothing happens while there is nothing above. */
void mx_layer_rtp(mx_layer *layer, pjmedia_tp_cb_param *packet);
void mx_layer_rtcp(mx_layer *layer, void *packet, pj_ssize_t size);

/* Take the layer off, free it, and destroy its transport. */
pj_status_t mx_layer_destroy(mx_layer *layer);

#endif
