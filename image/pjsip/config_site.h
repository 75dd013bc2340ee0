/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PJSIP for a switch: its defaults are those of one desk phone (4 calls, 64 sockets). */

/* 8 spans are 240 channels, each may talk to a phone, and phones talk to phones. */
#define PJSUA_MAX_CALLS 512
#define PJSUA_MAX_CONF_PORTS (PJSUA_MAX_CALLS + 8)

/* Two sockets a call (RTP, RTCP), and room for signalling. */
#define PJ_IOQUEUE_MAX_HANDLES 2048

/* Tables are hashes: sizes are 2^n - 1. A call has several transactions at once when all hang up together. */
#define PJSIP_MAX_TSX_COUNT (4 * 1024 - 1)
#define PJSIP_MAX_DIALOG_COUNT (2 * 1024 - 1)

/* One thread polls all sockets once a tick: a poll must take everything that arrived, not one packet. */
#define PJSIP_MAX_NET_EVENTS 4096
#define PJ_IOQUEUE_MAX_EVENTS_IN_SINGLE_POLL 64
#define PJ_IOQUEUE_MAX_CAND_EVENTS 64
/* So must it take the timers that are due. By 10 a poll, the default, they fall behind from 30 calls a second on, ever
 * later, and what waits for its end stays. Not all at once, for a tick must end: 200 take some milliseconds. */
#define PJSIP_MAX_TIMED_OUT_ENTRIES 200
/* What arrives while a tick works waits in the kernel: room for a burst of hundreds of calls. */
#define PJSIP_UDP_SO_RCVBUF_SIZE (1024 * 1024)

/* A message may be as long as what made it: names, routes and contacts of others come back in ours. */
#define PJSIP_MAX_PKT_LEN 16384

#define PJMEDIA_HAS_VIDEO 0
#define PJMEDIA_RESAMPLE_IMP PJMEDIA_RESAMPLE_LIBSAMPLERATE
