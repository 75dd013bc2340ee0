/* SPDX-License-Identifier: GPL-2.0-or-later
 * Message types and information elements of Q.931, as far as they have to be looked at before libpri does.
 *
 * libpri reads past the end of some elements that are cut off, decodes supplementary services that are not offered
 * here (ASN.1), lets the last of repeated elements win, and takes a call of any kind for speech: it gets only whole
 * elements, of the kinds that are used, each once, and what they say of the call is told in `struct findings`. */

#include <string.h>

enum { SETUP = 0x05, DISCONNECT = 0x45, RESTART = 0x46, RELEASE = 0x4d, RESTART_ACK = 0x4e };
enum { RELEASE_COMPLETE = 0x5a, FACILITY = 0x62, STATUS_ENQUIRY = 0x75, STATUS = 0x7d };
enum { NOT_IMPLEMENTED = 0x7f }; /* no message has this type: answered with STATUS, cause 97 */

enum { BEARER = 0x04, CAUSE = 0x08, CALL_STATE = 0x14, CHANNEL = 0x18, PROGRESS = 0x1e, NOTIFICATION = 0x27 };
enum { DISPLAY = 0x28, KEYPAD = 0x2c, CALLING = 0x6c, CALLED = 0x70, RESTART_CLASS = 0x79 };
enum { CONNECTED = 0x4c, REDIRECTING = 0x74, REDIRECTION = 0x76 }; /* Q.951.5, Q.952 */

enum { /* Q.850 */
	INVALID_NUMBER = 28, RESPONSE_TO_ENQUIRY = 30, NORMAL_UNSPECIFIED = 31, NO_CHANNEL = 34, TEMPORARY_FAILURE = 41,
	CONGESTION = 42, CHANNEL_NOT_AVAILABLE = 44, BEARER_NOT_IMPLEMENTED = 65, CHANNEL_TYPE_NOT_IMPLEMENTED = 66, NO_SUCH_REFERENCE = 81,
	NO_SUCH_CHANNEL = 82, INCOMPATIBLE = 88, MISSING = 96, INVALID = 100, WRONG_STATE = 101, RECOVERY = 102
};
enum { LONGEST_DISPLAY = 82 }; /* as some networks send it; 34 are usual (4.5.16) */
enum { LONGEST_NUMBER = 31 }; /* digits; libpri has no room for more */

/* Contents of a message, by the first element of each kind. */
struct findings {
	unsigned char seen[16], broken[16]; /* bit maps of element identifiers: came; has contents that cannot be (5.8.7.2) */
	int errors;        /* elements that are broken */
	int cause;         /* 0: none */
	int inband;        /* progress indicator 8 */
	int call_state;    /* -1: none */
	int restart_class; /* -1: none */
	int speech;        /* the Bearer capability is one that this side carries */
	int channel;       /* cause for which no call can have the channel that is named, 0: it can */
	unsigned char display[LONGEST_DISPLAY]; /* as it came: libpri takes its first octet for the name of a character set */
	int display_length;
	int called, keypad; /* the digits are no number, or one that is too long */
	mx_number connected, redirecting;
};

static int has(const unsigned char *map, int element)
{
	return map[element >> 3] & 1 << (element & 7);
}

static void note(unsigned char *map, int element)
{
	map[element >> 3] |= (unsigned char)(1 << (element & 7));
}

static void find_nothing(struct findings *found)
{
	memset(found, 0, sizeof(*found));
	found->call_state = found->restart_class = -1;
}

/* HOLD to RETRIEVE REJECT (Q.932), SUSPEND and RESUME: not offered on a primary rate access (EN 300 403 annex). */
static int is_unwanted(int type)
{
	static const unsigned char unwanted[] = {
		0x24, 0x28, 0x30, 0x31, 0x33, 0x37, 0x21, 0x25, 0x26, 0x2d, 0x2e, 0x22};

	return memchr(unwanted, type, sizeof(unwanted)) != NULL;
}

/* Speech or 3.1 kHz audio, circuit mode at 64 kbit/s, A-law (Q.931 4.5.5). Octet 5 may be left out by old exchanges. */
static int is_speech(const unsigned char *value, int length)
{
	int capability = value[0] & 0x7f, at = 1;

	if ((capability != 0x00 && capability != 0x10) || (value[at] & 0x7f) != 0x10)
		return 0;
	while (at < length && !(value[at] & 0x80)) /* octets 4a, 4b of the Blue Book */
		at++;
	return at + 1 >= length || (value[at + 1] & 0x7f) == 0x23;
}

static int no_such_channel(int number)
{
	return number < 1 || number > 31 || number == 16 ? NO_SUCH_CHANNEL : 0;
}

/* Channels by number (octet 3.3, repeated); in a map (2048 kbit/s) bit n of the last octet is timeslot n. */
static int listed_channels(const unsigned char *value, int length, int is_map)
{
	int at, fault = 0;

	if (is_map)
		return length != 4 ? INVALID : value[3] & 0x01 || value[1] & 0x01 ? NO_SUCH_CHANNEL : 0;
	for (at = 0; at < length && !fault; at++) {
		fault = no_such_channel(value[at] & 0x7f);
		if (value[at] & 0x80)
			break;
	}
	return fault;
}

/* Cause for which the channel of a Channel identification (4.5.13) cannot be had on an interface of its own, 0: it can.
 * RESTART may name several channels, or with a class beyond "indicated channels" none. For a call a map is no channel:
 * EN 300 403 has channel numbers only; one that is preferred only leaves the choice to us. */
static int channel_fault(unsigned char *value, int *length, int is_restart)
{
	int at = 1;

	if (!(value[0] & 0x80) || !(value[0] & 0x20) || (value[0] & 0x03) == 0x02)
		return INVALID; /* octet 3 goes on; basic interface; reserved */
	if (value[0] & 0x40) {
		if (at >= *length)
			return INVALID;
		if (value[at] != 0x80) /* interface 0 is the one that has the D channel (4.5.13, note 2) */
			return NO_SUCH_CHANNEL;
		at++;
	}
	if (value[0] & 0x04)
		return 0; /* the D channel: libpri refuses such calls itself */
	if ((value[0] & 0x03) != 0x01)
		return (value[0] & 0x03) || is_restart ? 0 : NO_CHANNEL; /* any; none */
	if (at >= *length)
		return is_restart ? 0 : INVALID;
	if (value[at] & 0x60 || !(value[at] & 0x80) || at + 1 >= *length)
		return INVALID;
	if ((value[at] & 0x0f) != 0x03)
		return CHANNEL_TYPE_NOT_IMPLEMENTED;
	if (is_restart || !(value[at] & 0x10))
		return listed_channels(value + at + 1, *length - at - 1, value[at] & 0x10);
	if (value[0] & 0x08)
		return CHANNEL_NOT_AVAILABLE;
	value[0] = 0xa3;
	*length = 1;
	return 0;
}

/* Whether IA5 characters are no number that can be called (4.5.8): a longer one would lose its end. */
static int is_no_number(const unsigned char *digits, int length)
{
	int i;

	for (i = 0; i < length; i++)
		if (!digits[i] || !strchr("0123456789*#ABCD", digits[i]))
			return 1;
	return length > LONGEST_NUMBER;
}

/* Whether an information element is one we use, and shaped so that libpri does not read past its end: 1 yes, 0 it is
 * for services we do not offer (Facility, user-to-user, ...), -1 it is broken. `value` has `length` octets. */
static int is_fit(int element, const unsigned char *value, int length)
{
	int i;

	switch (element) {
	case BEARER:
		return length >= 3 || (length == 2 && (value[1] & 0x7f) != 0x18) ? 1 : -1;
	case CAUSE:
		return length >= (length && value[0] & 0x80 ? 2 : 3) ? 1 : -1;
	case PROGRESS:
		return length >= 2 ? 1 : -1;
	case DISPLAY:
		return length >= (length && value[0] & 0x80 ? 2 : 1) ? 1 : -1;
	case CALLING: /* octet 3, 3a (and 3b) up to the extension bit */
	case CONNECTED:
	case REDIRECTING:
	case REDIRECTION:
		for (i = 0; i < length; i++)
			if (value[i] & 0x80)
				return 1;
		return -1;
	case CALL_STATE:
	case CHANNEL:
	case NOTIFICATION:
	case KEYPAD:
	case CALLED:
	case RESTART_CLASS:
		return length >= 1 ? 1 : -1;
	default: /* those that must be understood (4.5.1) are left to libpri, which understands none: 5.8.7.1 */
		return !(element & 0xf0);
	}
}

/* A number with its presentation, and of a Redirecting number its reason (Q.951.5, Q.952); -1: it is no number. */
static int read_number(const unsigned char *value, int length, mx_number *number)
{
	int octet, at = 0;

	memset(number, 0, sizeof(*number));
	for (octet = 0; octet == 0 || !(value[at - 1] & 0x80); octet++, at++) {
		if (octet == 0)
			number->plan = value[at] & 0x7f;
		else if (octet == 1)
			number->presentation = value[at] & 0x63;
		else if (octet == 2)
			number->reason = value[at] & 0x0f;
	}
	if (is_no_number(value + at, length - at))
		return -1;
	memcpy(number->digits, value + at, (size_t)(length - at));
	number->given = 1;
	return 1;
}

/* Numbers that are reported from the findings here: libpri need not have them. */
static int is_kept_from_libpri(int element)
{
	return element == CONNECTED || element == REDIRECTING || element == REDIRECTION;
}

/* Note the contents of a fit element; -1 if they cannot be. `length` may become less. */
static int look(int type, int element, unsigned char *value, int *length, struct findings *found)
{
	int fault;

	switch (element) {
	case BEARER:
		found->speech = is_speech(value, *length);
		break;
	case CAUSE:
		found->cause = value[value[0] & 0x80 ? 1 : 2] & 0x7f; /* octet 3a may come between */
		break;
	case CALL_STATE:
		found->call_state = value[0] & 0x3f;
		break;
	case CHANNEL:
		fault = channel_fault(value, length, type == RESTART || type == RESTART_ACK);
		if (type == SETUP || type == RESTART)
			found->channel = fault;
		else if (fault && fault != NO_CHANNEL)
			return -1;
		break;
	case PROGRESS:
		found->inband |= !(value[0] & 0x60) && (value[1] & 0x7f) == 8;
		break;
	case DISPLAY:
		found->display_length = *length < LONGEST_DISPLAY ? *length : LONGEST_DISPLAY;
		memcpy(found->display, value, (size_t)found->display_length);
		break;
	case KEYPAD:
		found->keypad = is_no_number(value, *length);
		break;
	case CALLED:
		found->called = is_no_number(value + 1, *length - 1);
		break;
	case RESTART_CLASS:
		found->restart_class = value[0] & 0x07;
		break;
	case CONNECTED:
	case REDIRECTION:
		return read_number(value, *length, &found->connected);
	case REDIRECTING:
		return read_number(value, *length, &found->redirecting);
	default:
		break;
	}
	return 1;
}

/* Only the first of each kind counts (5.8.5.2), but of those that may come again (3.1.14: Progress indicator, and in
 * SETUP two calling numbers, EN 300 092-1; 3.1.8: Notification indicator). */
static int is_repeated(int element, struct findings *found)
{
	int again = has(found->seen, element) && element != PROGRESS && element != NOTIFICATION && element != CALLING;

	note(found->seen, element);
	return again;
}

/* Keep one element, of `size` octets, if it is fit; returns how many octets of it are kept. */
static int fit_element(unsigned char *element, int size, int type, struct findings *found)
{
	int length = size - 2, fit = is_fit(element[0], element + 2, length);

	if (is_repeated(element[0], found))
		return 0;
	if (fit > 0)
		fit = look(type, element[0], element + 2, &length, found);
	if (fit < 0) {
		note(found->broken, element[0]);
		found->errors++;
	}
	element[1] = (unsigned char)length;
	return fit > 0 && !is_kept_from_libpri(element[0]) ? 2 + length : 0;
}

/* How far a calling number can be believed, by its screening indicator (octet 3a, 4.5.10): network provided before user
 * provided that was verified, before one that was not, before one that failed. */
static int belief(const unsigned char *value)
{
	static const int by_screening[] = {1, 2, 0, 3};

	return by_screening[value[0] & 0x80 ? 0 : value[1] & 0x03];
}

/* Of two calling numbers (EN 300 092-1: the user's and the network's, in either order) the one that can
 * be believed is kept, with its own presentation; returns the new length. All elements are fit. */
static int keep_one_calling(unsigned char *message, int length, int first)
{
	int at, size, best = 0, to = first;

	for (at = first; at < length; at += message[at] & 0x80 ? 1 : 2 + message[at + 1])
		if (message[at] == CALLING && (!best || belief(message + at + 2) > belief(message + best + 2)))
			best = at;
	for (at = first; at < length; at += size) {
		size = message[at] & 0x80 ? 1 : 2 + message[at + 1];
		if (message[at] == CALLING && at != best)
			continue;
		memmove(message + to, message + at, (size_t)size);
		to += size;
	}
	return to;
}

/* Keep, in place, the elements that are fit; returns the new length of the message. */
static int fit_elements(unsigned char *message, int length, int at, int type, struct findings *found)
{
	int first = at, to = at, other_codeset = 0, kept, size;

	find_nothing(found);
	for (; at < length; at += size) {
		int element = message[at];

		if (element & 0x80) { /* one octet: sending complete, shifts, and some that mean nothing to us */
			size = 1;
			if ((element & 0xf8) == 0x90)
				break; /* locking shift: the rest is of another codeset */
			other_codeset = (element & 0xf8) == 0x98;
			if (element == 0xa1)
				message[to++] = (unsigned char)element;
			continue;
		}
		size = at + 1 < length ? 2 + message[at + 1] : length;
		if (at + size > length) { /* cut off: it is not there */
			found->errors++;
			break;
		}
		kept = other_codeset ? 0 : fit_element(message + at, size, type, found);
		other_codeset = 0;
		memmove(message + to, message + at, (size_t)kept);
		to += kept;
	}
	return keep_one_calling(message, to, first);
}
