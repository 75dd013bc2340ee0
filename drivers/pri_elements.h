/* SPDX-License-Identifier: GPL-2.0-or-later
 * Message types and information elements of Q.931, as far as pri_shim.c has to look at them before libpri does.
 *
 * libpri reads past the end of some elements that are cut off, and decodes supplementary services that are not offered
 * here (ASN.1): it gets only whole elements, of the kinds that are used. */

#include <string.h>

enum { SETUP = 0x05, DISCONNECT = 0x45, RESTART = 0x46, RELEASE = 0x4d, RESTART_ACK = 0x4e };
enum { RELEASE_COMPLETE = 0x5a, FACILITY = 0x62, STATUS = 0x7d };
enum { LONGEST_DISPLAY = 82 }; /* as some networks send it; 34 are usual (4.5.16) */
enum { NOT_IMPLEMENTED = 0x7f }; /* no message has this type: answered with STATUS, cause 97 */

/* HOLD to RETRIEVE REJECT (Q.932), SUSPEND and RESUME: not offered on a primary rate access (EN 300 403 annex). */
static int is_unwanted(int type)
{
	static const unsigned char unwanted[] = {
		0x24, 0x28, 0x30, 0x31, 0x33, 0x37, 0x21, 0x25, 0x26, 0x2d, 0x2e, 0x22};

	return memchr(unwanted, type, sizeof(unwanted)) != NULL;
}

/* Whether an information element is one we use, and shaped so that libpri does not read past its end: 1 yes, 0 it is
 * for services we do not offer (Facility, user-to-user, ...), -1 it is broken. `value` has `length` octets. */
static int is_fit(int element, const unsigned char *value, int length)
{
	int i;

	switch (element) {
	case 0x04: /* bearer capability */
		return length >= 3 || (length == 2 && (value[1] & 0x7f) != 0x18) ? 1 : -1;
	case 0x08: /* cause */
		return length >= (length && value[0] & 0x80 ? 2 : 3) ? 1 : -1;
	case 0x1e: /* progress indicator */
		return length >= 2 ? 1 : -1;
	case 0x28: /* display */
		return length >= (length && value[0] & 0x80 ? 2 : 1) ? 1 : -1;
	case 0x6c: /* calling party number: octet 3, 3a up to the extension bit */
		for (i = 0; i < length; i++)
			if (value[i] & 0x80)
				return 1;
		return -1;
	case 0x14: /* call state */
	case 0x18: /* channel identification */
	case 0x27: /* notification indicator */
	case 0x2c: /* keypad facility */
	case 0x70: /* called party number */
	case 0x79: /* restart indicator */
		return length >= 1 ? 1 : -1;
	default: /* those that must be understood (4.5.1) are left to libpri, which understands none: 5.8.7.1 */
		return !(element & 0xf0);
	}
}

/* Keep, in place, the elements that are fit; returns the new length of the message, counts the broken ones. */
static int fit_elements(unsigned char *message, int length, int at, int *errors)
{
	int to = at, other_codeset = 0, fit, size;

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
		if (at + size > length) {
			++*errors;
			break;
		}
		fit = other_codeset ? 0 : is_fit(element, message + at + 2, size - 2);
		other_codeset = 0;
		if (fit < 0)
			++*errors;
		if (fit > 0) {
			memmove(message + to, message + at, (size_t)size);
			to += size;
		}
	}
	return to;
}

/* Value of the Cause element (Q.850 2.1), 0 if there is none; all elements are fit. */
static int cause_in(const unsigned char *message, int length, int at)
{
	while (at < length) {
		if (message[at] == 0x08)
			return message[message[at + 2] & 0x80 ? at + 3 : at + 4] & 0x7f; /* octet 3a may come between */
		at += message[at] & 0x80 ? 1 : 2 + message[at + 1];
	}
	return 0;
}

/* Octets of the first Display element (4.5.16), with which `display` is filled; all elements are fit. */
static int display_in(const unsigned char *message, int length, int at, unsigned char *display)
{
	while (at < length) {
		int size = message[at] & 0x80 ? 0 : message[at + 1];

		if (message[at] == 0x28) {
			size = size < LONGEST_DISPLAY ? size : LONGEST_DISPLAY;
			memcpy(display, message + at + 2, (size_t)size);
			return size;
		}
		at += message[at] & 0x80 ? 1 : 2 + size;
	}
	return 0;
}
