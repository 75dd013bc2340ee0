/* SPDX-License-Identifier: GPL-2.0-or-later
 * A link as the shim keeps it beside libpri's record: frames that wait, and the calls that were told above. */

#include <stdlib.h>
#include "pri_elements.h"

#define LONGEST 264 /* N201 = 260 octets of information, 4 of address and control (Q.921 5.9.3) */
#define MOST_CALLS 128 /* 31 channels, and those that are refused or on their way out */

struct known_call {
	size_t call;
	int cref;
	int unanswered; /* a SETUP came and nothing was sent back yet */
	int released;   /* RELEASE came, which needs no cause in its answer (3.1.10, table 3-11) */
	int fault;      /* fault of the cause in DISCONNECT or RELEASE: the cause of our answer (5.8.6) */
	int enquired;   /* STATUS ENQUIRY was sent, no STATUS came yet */
	unsigned char clearing[16]; /* the last DISCONNECT or RELEASE that was sent */
	int clearing_length;
};

struct mx_link {
	struct pri *pri;
	unsigned char frame[LONGEST + 4]; /* a cause may be put to it */
	int frame_length;
	struct known_call calls[MOST_CALLS];
	int call_count;
	unsigned char *output; /* frames, each after its length in two octets, high octet first */
	int output_length, output_size;
	unsigned char display[LONGEST_DISPLAY]; /* of the last message */
	struct findings found;  /* in the message that libpri is at work on */
	size_t about;           /* the call that this message is about, 0: none that was reported above */
	unsigned char answer[16]; /* to be sent in place of libpri's answer to that message */
	int answer_length;
	int status_cause; /* of the STATUS that it answers, 0: as libpri has it */
	int is_network;
	void *data_link;  /* libpri's record of it, as soon as one was set up */
	int was_down;     /* the data link was lost, and not only set up anew */
	int resetting;    /* libpri reports to layer 3 that the data link was set up anew */
	mx_ended *gone;
	int gone_count, gone_size;
	int errors;
	int closed;
	mx_event event;
};

/* Room for `more` items in a growing array; 0 if there is no memory. */
static int make_room(void **items, int *size, int used, int more, size_t item)
{
	int wanted = *size ? *size : 64;
	void *grown;

	if (used + more <= *size)
		return 1;
	while (wanted < used + more)
		wanted *= 2;
	grown = realloc(*items, (size_t)wanted * item);
	if (!grown)
		return 0;
	*items = grown;
	*size = wanted;
	return 1;
}

static void remember(mx_link *link, size_t call, int cref, int unanswered)
{
	if (link->call_count < MOST_CALLS)
		link->calls[link->call_count++] = (struct known_call){.call = call, .cref = cref, .unanswered = unanswered};
}

static struct known_call *known_call(mx_link *link, size_t call)
{
	int i;

	for (i = 0; i < link->call_count; i++)
		if (link->calls[i].call == call)
			return &link->calls[i];
	return NULL;
}

/* Only calls that were reported above are reported as gone. */
static void forget(mx_link *link, size_t call)
{
	struct known_call *known = known_call(link, call);

	if (!known)
		return;
	*known = link->calls[--link->call_count];
	if (make_room((void **)&link->gone, &link->gone_size, link->gone_count, 1, sizeof(*link->gone)))
		link->gone[link->gone_count++] = (mx_ended){call, link->found.cause};
}

static struct known_call *find(mx_link *link, int cref)
{
	int i;

	for (i = 0; i < link->call_count; i++)
		if (link->calls[i].cref == cref)
			return &link->calls[i];
	return NULL;
}

/* The first answer to a SETUP is about to be sent. */
static q931_call *answered(mx_link *link, size_t call)
{
	struct known_call *known = known_call(link, call);

	if (known)
		known->unanswered = 0;
	return (q931_call *)call;
}
