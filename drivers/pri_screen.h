/* SPDX-License-Identifier: GPL-2.0-or-later
 * Q.931 messages on their way into libpri and out of it: what it takes amiss, and what it answers otherwise than
 * Q.931 5.8 asks.
 *
 * A message that needs an answer of ours is given to libpri as RELEASE for a call that is not there. It answers that
 * with RELEASE COMPLETE, on its way out our answer takes the place of that one: so sequence numbers of Q.921 and
 * acknowledgements stay libpri's. */

#include "pri_link.h"

/* Offset of the first element in a message of libpri's: its references have two octets. */
enum { HEAD = 5 };

static int reference_in(const unsigned char *message)
{
	return message[1] == 2 ? message[2] << 8 | message[3] : (message[2] & 0x80) << 8 | (message[2] & 0x7f);
}

static int make_cause(unsigned char *element, int cause)
{
	element[0] = CAUSE;
	element[1] = 2;
	element[2] = 0x81; /* CCITT, private network serving the local user: as libpri */
	element[3] = (unsigned char)(0x80 | cause);
	return 4;
}

/* Make of `message` one that libpri answers with RELEASE COMPLETE and forgets (5.8.3.2 b); returns its length. */
static int stray_release(mx_link *link, unsigned char *message)
{
	int reference = 0x7fff;

	while (find(link, reference))
		reference--;
	message[0] = 0x08;
	message[1] = 2;
	message[2] = (unsigned char)(reference >> 8);
	message[3] = (unsigned char)reference;
	message[4] = RELEASE;
	return HEAD;
}

/* Have `message` answered by a message of this type; `state` -1: without Call state. */
static int answer(mx_link *link, unsigned char *message, int type, int cause, int state)
{
	unsigned char *to = link->answer;
	int head = message[1] + 2;

	memcpy(to, message, (size_t)head);
	to[2] ^= 0x80; /* to the other side of the call reference (4.3) */
	to += head;
	*to++ = (unsigned char)type;
	to += make_cause(to, cause);
	if (state >= 0) {
		*to++ = CALL_STATE;
		*to++ = 1;
		*to++ = (unsigned char)state;
	}
	link->answer_length = (int)(to - link->answer);
	return stray_release(link, message);
}

static int refuse(mx_link *link, unsigned char *message, int cause)
{
	return answer(link, message, RELEASE_COMPLETE, cause, -1);
}

/* Cause for which a call is refused before it is reported, 0: it may come. Elements that are mandatory and
 * missing or broken are left to libpri. */
static int refusal(const mx_link *link, const struct findings *found)
{
	if (!has(found->seen, BEARER) || has(found->broken, BEARER) || has(found->broken, CHANNEL))
		return 0;
	if (!found->speech) /* a network answers so by 5.1.5.2, a called user on a point-to-point link by 5.2.2, annex B */
		return link->is_network ? BEARER_NOT_IMPLEMENTED : INCOMPATIBLE;
	if (found->channel)
		return found->channel;
	return (has(found->seen, CALLED) ? found->called : found->keypad) ? INVALID_NUMBER : 0;
}

/* A message with a call reference of no call (5.8.3.2). */
static int screen_stray(mx_link *link, unsigned char *message, int length, int head)
{
	int type = message[head - 1], cause;

	switch (type) {
	case RELEASE_COMPLETE:
		return 0; /* c */
	case STATUS_ENQUIRY: /* 5.8.10 */
		return answer(link, message, STATUS, RESPONSE_TO_ENQUIRY, 0);
	case STATUS: /* g, 5.8.11 */
		fit_elements(message, length, head, type, &link->found);
		return link->found.call_state > 0 ? refuse(link, message, WRONG_STATE) : 0;
	case SETUP:
		if (message[2] & 0x80)
			return 0; /* d */
		if (link->call_count >= MOST_CALLS)
			return refuse(link, message, CONGESTION);
		length = fit_elements(message, length, head, type, &link->found);
		cause = refusal(link, &link->found);
		return cause ? refuse(link, message, cause) : length;
	default: /* a, b */
		return refuse(link, message, NO_SUCH_REFERENCE);
	}
}

/* RESTART: of a class that exists, for channels that exist. Channels named with a class beyond single channels are
 * ignored (5.5.2). */
static int screen_restart(mx_link *link, unsigned char *message, int length, int head)
{
	const struct findings *found = &link->found;
	int at, size;

	length = fit_elements(message, length, head, RESTART, &link->found);
	if (found->restart_class >= 0 && found->restart_class != 0 && found->restart_class < 6)
		return answer(link, message, STATUS, INVALID, 0); /* 5.8.6.2: reserved in 4.5.25 */
	if (found->restart_class == 0 && found->channel)
		return answer(link, message, STATUS, found->channel, 0);
	for (at = head; found->restart_class > 0 && at < length; at += size) {
		size = message[at] & 0x80 ? 1 : 2 + message[at + 1];
		if (message[at] != CHANNEL)
			continue;
		memmove(message + at, message + at + size, (size_t)(length - at - size));
		length -= size;
		size = 0;
	}
	return length;
}

/* The global call reference (4.3) is for restarts; all else is answered (5.8.3.2 f). */
static int screen_global(mx_link *link, unsigned char *message, int length, int head)
{
	switch (message[head - 1]) {
	case RESTART:
		return screen_restart(link, message, length, head);
	case RESTART_ACK:
	case STATUS:
		return fit_elements(message, length, head, message[head - 1], &link->found);
	default:
		return answer(link, message, STATUS, NO_SUCH_REFERENCE, 0);
	}
}

/* DISCONNECT or RELEASE whose cause is missing or broken: it counts as 31, the answer names the fault (5.8.6). */
static int screen_clearing(mx_link *link, struct known_call *call, unsigned char *message, int length, int type)
{
	int broken = has(link->found.broken, CAUSE);
	int needed = type == DISCONNECT || !call->clearing_length; /* the first message that clears */

	if (!broken && (link->found.cause || !needed))
		return length;
	call->fault = broken ? INVALID : MISSING;
	link->found.cause = NORMAL_UNSPECIFIED;
	return length + make_cause(message + length, NORMAL_UNSPECIFIED);
}

/* A message within a call. */
static int screen_known(mx_link *link, struct known_call *call, unsigned char *message, int length, int head)
{
	unsigned char *type = message + head - 1;
	int given = *type;

	link->about = call->call;
	if (given == SETUP || given == FACILITY)
		return 0; /* 5.8.3.2 e; supplementary services are not offered */
	if (is_unwanted(given) || given == RESTART || given == RESTART_ACK) {
		*type = NOT_IMPLEMENTED;
		if (!is_unwanted(given))
			link->status_cause = WRONG_STATE; /* 5.8.4: it exists, and belongs elsewhere */
	}
	if (given == DISCONNECT && call->unanswered)
		*type = RELEASE; /* libpri answers both with RELEASE COMPLETE, but frees the call for this one */
	length = fit_elements(message, length, head, given, &link->found);
	if (given == DISCONNECT || given == RELEASE)
		length = screen_clearing(link, call, message, length, given);
	if (given == RELEASE)
		call->released = 1;
	if (given == STATUS)
		call->enquired = 0;
	return length;
}

/* Make a Q.931 message fit for libpri, in place. Returns its new length; 0: libpri has nothing to learn from it. */
static int screen(mx_link *link, unsigned char *message, int length)
{
	int cref_length = length > 1 ? message[1] : 0;
	int head = cref_length + 3;
	int cref;
	struct known_call *known;

	if (length < head || message[0] != 0x08 || cref_length < 1 || cref_length > 2 || message[head - 1] & 0x80) {
		link->errors++;
		return 0;
	}
	cref = reference_in(message);
	if (!(cref & 0x7fff))
		length = screen_global(link, message, length, head);
	else if ((known = find(link, cref)))
		length = screen_known(link, known, message, length, head);
	else
		length = screen_stray(link, message, length, head);
	link->errors += link->found.errors;
	return length;
}

/* Elements without which libpri reports that one is missing; if one came and was broken, that is another cause (5.8.6). */
static int was_broken(const struct findings *found)
{
	static const unsigned char mandatory[] = {BEARER, CHANNEL, CALL_STATE, PROGRESS, NOTIFICATION, RESTART_CLASS};
	size_t i;

	for (i = 0; i < sizeof(mandatory); i++)
		if (has(found->broken, mandatory[i]))
			return 1;
	return 0;
}

/* Where libpri's message has its cause: it puts it first. */
static unsigned char *cause_of(unsigned char *message, int length)
{
	return length >= HEAD + 4 && message[HEAD] == CAUSE ? message + HEAD + 3 : NULL;
}

/* Messages that clear: with the cause that 5.8.6 asks for, and kept as long as they may be needed again. */
static int put_clearing_right(struct known_call *call, unsigned char *message, int length)
{
	unsigned char *cause = cause_of(message, length);

	if (call->fault && cause)
		*cause = (unsigned char)(0x80 | call->fault);
	else if (message[HEAD - 1] == RELEASE_COMPLETE && call->released)
		return HEAD;
	if (length <= (int)sizeof(call->clearing)) {
		memcpy(call->clearing, message, (size_t)length);
		call->clearing_length = length;
	}
	return length;
}

/* Correct libpri's next message in place. Returns its length; 0: it is not sent. */
static int put_right(mx_link *link, unsigned char *message, int length)
{
	struct known_call *known = length < HEAD || message[1] != 2 ? NULL : find(link, reference_in(message) ^ 0x8000);
	int type = length < HEAD ? 0 : message[HEAD - 1];
	unsigned char *cause = cause_of(message, length);

	if (known && (type == DISCONNECT || type == RELEASE || type == RELEASE_COMPLETE))
		return put_clearing_right(known, message, length);
	if (type == STATUS && link->resetting && !link->was_down)
		return 0; /* 5.8.8 asks for none; whether the far end has our calls is found out by STATUS ENQUIRY */
	if (type == STATUS && link->status_cause && cause)
		*cause = (unsigned char)(0x80 | link->status_cause);
	else if (cause && *cause == (0x80 | MISSING) && was_broken(&link->found))
		*cause = 0x80 | INVALID;
	return length;
}
