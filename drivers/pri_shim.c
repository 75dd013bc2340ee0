/* SPDX-License-Identifier: GPL-2.0-or-later
 * Between libpri and drivers/pri.py. What is done here cannot be done above:
 *
 * - The clock. libpri asks gettimeofday(), which has no argument to tell one link from another; the linker sends
 *   that call here (--wrap), and it answers with the time given to the function through which libpri was entered.
 * - The end of a call. libpri sometimes frees a call without an event (a SETUP that is taken back before it was
 *   answered, for one). Every call is freed through q931_destroycall(), which the linker sends here too.
 * - Frames. They are kept in memory on both sides, so no Python runs inside libpri but the logger.
 * - What libpri takes amiss. It makes a record for every call reference it hears of and does not always free it;
 *   RESTART inside a call, SETUP for a call that is there, and HOLD spoil records in use. screen() lets none of
 *   these through, and gives libpri something in their place that it answers as Q.931 5.8 asks. */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <libpri.h>
#include "pri_shim.h"
#include "pri_elements.h"

#define LONGEST 264 /* N201 = 260 octets of information, 4 of address and control (Q.921 5.9.3) */
#define MOST_CALLS 128 /* 31 channels, and those that are refused or on their way out */

struct known_call {
	size_t call;
	int cref;
	int unanswered; /* a SETUP came and nothing was sent back yet */
};

struct mx_link {
	struct pri *pri;
	unsigned char frame[LONGEST];
	int frame_length;
	struct known_call calls[MOST_CALLS];
	int call_count;
	unsigned char *output; /* frames, each after its length in two octets, high octet first */
	int output_length, output_size;
	unsigned char display[LONGEST_DISPLAY]; /* of the last SETUP */
	int display_length;
	int frame_cause; /* told by the message that libpri is at work on, 0: none */
	mx_ended *gone;
	int gone_count, gone_size;
	int errors;
	int closed;
	mx_event event;
};

static _Thread_local struct timeval mx_clock;

int __wrap_gettimeofday(struct timeval *now, void *zone);
int __wrap_gettimeofday(struct timeval *now, void *zone)
{
	(void)zone;
	*now = mx_clock;
	return 0;
}

static struct pri *enter(mx_link *link, long long now_us)
{
	mx_clock.tv_sec = now_us / 1000000;
	mx_clock.tv_usec = now_us % 1000000;
	return link->pri;
}

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
		link->calls[link->call_count++] = (struct known_call){call, cref, unanswered};
}

/* Only calls that were told above are reported as gone. */
static void forget(mx_link *link, size_t call)
{
	int i;

	for (i = 0; i < link->call_count && link->calls[i].call != call; i++)
		;
	if (i == link->call_count)
		return;
	link->calls[i] = link->calls[--link->call_count];
	if (make_room((void **)&link->gone, &link->gone_size, link->gone_count, 1, sizeof(*link->gone)))
		link->gone[link->gone_count++] = (mx_ended){call, link->frame_cause};
}

static const struct known_call *find(const mx_link *link, int cref)
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
	int i;

	for (i = 0; i < link->call_count; i++)
		if (link->calls[i].call == call)
			link->calls[i].unanswered = 0;
	return (q931_call *)call;
}

void __real_q931_destroycall(struct pri *pri, q931_call *call);
void __wrap_q931_destroycall(struct pri *pri, q931_call *call);
void __wrap_q931_destroycall(struct pri *pri, q931_call *call)
{
	mx_link *link = pri_get_userdata(pri);

	if (link)
		forget(link, (size_t)call);
	__real_q931_destroycall(pri, call);
}

/* Make a Q.931 message fit for libpri, in place. Returns its new length; 0: libpri has nothing to learn from it. */
static int screen(mx_link *link, unsigned char *message, int length)
{
	int cref_length = length > 1 ? message[1] : 0;
	int head = cref_length + 3;
	int cref, type;
	const struct known_call *known;

	if (length < head || message[0] != 0x08 || cref_length < 1 || cref_length > 2 || message[head - 1] & 0x80) {
		link->errors++;
		return 0;
	}
	cref = cref_length == 2 ? message[2] << 8 | message[3] : (message[2] & 0x80) << 8 | (message[2] & 0x7f);
	type = message[head - 1];
	if (!(cref & 0x7fff)) {
		if (type != RESTART && type != RESTART_ACK && type != STATUS)
			return 0;
	} else if (type == RESTART || type == RESTART_ACK) {
		return 0;
	} else if ((known = find(link, cref))) {
		if (type == SETUP || type == FACILITY)
			return 0;
		if (is_unwanted(type))
			message[head - 1] = NOT_IMPLEMENTED;
		if (type == DISCONNECT && known->unanswered)
			message[head - 1] = RELEASE; /* libpri answers both with RELEASE COMPLETE, but frees the call for this one */
	} else if (type == RELEASE_COMPLETE || (type == SETUP && cref & 0x8000)) {
		return 0;
	} else if (type != SETUP || link->call_count >= MOST_CALLS) {
		/* No call has this reference: libpri answers RELEASE with RELEASE COMPLETE, cause 81 (5.8.3.2 a). */
		message[head - 1] = RELEASE;
		return head;
	}
	length = fit_elements(message, length, head, &link->errors);
	if (type == RELEASE_COMPLETE)
		link->frame_cause = cause_in(message, length, head);
	if (type == SETUP)
		link->display_length = display_in(message, length, head, link->display);
	return length;
}

/* A frame as libpri may have it. An I frame keeps its place in the sequence, whatever its content. */
static int screen_frame(mx_link *link, unsigned char *frame, int length)
{
	if (length < 3)
		return 0;
	if ((frame[2] & 0x03) == 0x03)
		return (frame[2] & 0xef) == 0x03 ? 0 : length; /* UI is for broadcast, which a primary rate access has not */
	if (length < 4)
		return 0;
	if (frame[2] & 0x01)
		return 4;
	return 4 + screen(link, frame + 4, length - 4);
}

static int read_frame(struct pri *pri, void *buffer, int size)
{
	mx_link *link = pri_get_userdata(pri);
	int length = link->frame_length;

	link->frame_length = 0;
	if (!length || length + 2 > size)
		return 0;
	memcpy(buffer, link->frame, (size_t)length);
	memset((char *)buffer + length, 0, 2); /* where a driver leaves the FCS */
	return length + 2;
}

static int write_frame(struct pri *pri, void *buffer, int length)
{
	mx_link *link = pri_get_userdata(pri);
	unsigned char *place;

	/* During pri_new_cb() the link is not known yet; libpri sends again what is lost here. */
	if (!link || link->closed || length <= 2
		|| !make_room((void **)&link->output, &link->output_size, link->output_length, length, 1))
		return length;
	place = link->output + link->output_length;
	place[0] = (unsigned char)((length - 2) >> 8);
	place[1] = (unsigned char)(length - 2);
	memcpy(place + 2, buffer, (size_t)(length - 2));
	link->output_length += length;
	return length;
}

static void mx_log(size_t link, char *text, int error); /* Python */

static void on_message(struct pri *pri, char *text)
{
	mx_log((size_t)(pri ? pri_get_userdata(pri) : NULL), text, 0);
}

static void on_error(struct pri *pri, char *text)
{
	mx_link *link = pri ? pri_get_userdata(pri) : NULL;

	if (link)
		link->errors++;
	mx_log((size_t)link, text, 1);
}

mx_link *mx_open(int node)
{
	mx_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	mx_clock.tv_sec = mx_clock.tv_usec = 0; /* no later than any time that will be told: first timers fire at once */
	pri_set_message(on_message);
	pri_set_error(on_error);
	link->pri = pri_new_cb(-1, node, PRI_SWITCH_EUROISDN_E1, read_frame, write_frame, link);
	if (!link->pri) {
		free(link);
		return NULL;
	}
	pri_set_overlapdial(link->pri, 1); /* "sending complete" is then said call by call */
	pri_hangup_fix_enable(link->pri, 1);
	return link;
}

/* libpri has no function that ends a link: its record (about 30 kB) stays, and so does ours, so that whoever still
 * holds a closed link can do no harm with it. A box opens one per span in its life. */
void mx_close(mx_link *link)
{
	link->closed = 1;
	free(link->output);
	free(link->gone);
	link->output = NULL;
	link->gone = NULL;
	link->output_length = link->output_size = link->gone_count = link->gone_size = 0;
}

static const mx_event *flatten(mx_link *link, pri_event *event)
{
	mx_event *flat = &link->event;

	memset(flat, 0, sizeof(*flat));
	flat->cause = -1;
	flat->called = flat->calling = flat->text = "";
	flat->display = link->display;
	if (!event)
		return flat;
	flat->kind = event->e;
	switch (event->e) {
	case PRI_EVENT_RING:
		remember(link, (size_t)event->ring.call, event->ring.cref, 1);
		flat->channel = event->ring.channel;
		flat->call = (size_t)event->ring.call;
		flat->called = event->ring.callednum;
		flat->called_plan = event->ring.calledplan;
		flat->calling = event->ring.callingnum;
		flat->calling_plan = event->ring.callingplan;
		flat->display_length = link->display_length;
		flat->presentation = event->ring.callingpres;
		flat->flexible = event->ring.flexible;
		flat->complete = event->ring.complete;
		flat->progress = event->ring.progressmask;
		break;
	case PRI_EVENT_INFO_RECEIVED:
		flat->channel = event->ring.channel;
		flat->call = (size_t)event->ring.call;
		flat->called = event->ring.callednum;
		flat->complete = event->ring.complete;
		break;
	case PRI_EVENT_KEYPAD_DIGIT:
		flat->channel = event->digit.channel;
		flat->call = (size_t)event->digit.call;
		flat->called = event->digit.digits;
		break;
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_REQ:
	case PRI_EVENT_HANGUP_ACK:
		flat->channel = event->hangup.channel;
		flat->call = (size_t)event->hangup.call;
		flat->cause = event->hangup.cause;
		break;
	case PRI_EVENT_RINGING:
		flat->channel = event->ringing.channel;
		flat->call = (size_t)event->ringing.call;
		flat->progress = event->ringing.progressmask;
		break;
	case PRI_EVENT_ANSWER:
		flat->channel = event->answer.channel;
		flat->call = (size_t)event->answer.call;
		flat->progress = event->answer.progressmask;
		break;
	case PRI_EVENT_PROCEEDING:
	case PRI_EVENT_PROGRESS:
		flat->channel = event->proceeding.channel;
		flat->call = (size_t)event->proceeding.call;
		flat->progress = event->proceeding.progressmask;
		flat->cause = event->e == PRI_EVENT_PROGRESS ? event->proceeding.cause : -1;
		break;
	case PRI_EVENT_SETUP_ACK:
		flat->channel = event->setup_ack.channel;
		flat->call = (size_t)event->setup_ack.call;
		flat->progress = event->setup_ack.progressmask;
		break;
	case PRI_EVENT_RESTART:
		flat->channel = event->restart.channel;
		break;
	case PRI_EVENT_RESTART_ACK:
		flat->channel = event->restartack.channel;
		break;
	case PRI_EVENT_CONFIG_ERR:
		flat->text = event->err.err;
		break;
	default:
		break;
	}
	if (flat->channel != -1)
		flat->channel &= 0xff;
	if (flat->channel == 0xff)
		flat->channel = -1;
	return flat;
}

const mx_event *mx_receive(mx_link *link, long long now_us, const unsigned char *frame, int length)
{
	struct pri *pri = enter(link, now_us);
	pri_event *event;

	if (length > LONGEST)
		return flatten(link, NULL);
	memcpy(link->frame, frame, (size_t)length);
	link->frame_length = screen_frame(link, link->frame, length);
	event = pri_check_event(pri);
	link->frame_cause = 0;
	return flatten(link, event);
}

const mx_event *mx_schedule(mx_link *link, long long now_us)
{
	return flatten(link, pri_schedule_run(enter(link, now_us)));
}

long long mx_next_us(mx_link *link)
{
	struct timeval *next = pri_schedule_next(link->pri);

	return next ? next->tv_sec * 1000000LL + next->tv_usec : -1;
}

int mx_set_timer(mx_link *link, const char *name, int ms)
{
	int timer = pri_timer2idx(name);

	return timer < 0 ? -1 : pri_set_timer(link->pri, timer, ms);
}

int mx_output(mx_link *link, unsigned char **octets)
{
	*octets = link->output;
	return link->output_length;
}

void mx_output_taken(mx_link *link)
{
	link->output_length = 0;
}

int mx_gone(mx_link *link, mx_ended **calls)
{
	*calls = link->gone;
	return link->gone_count;
}

void mx_gone_taken(mx_link *link)
{
	link->gone_count = 0;
}

int mx_errors(mx_link *link)
{
	return link->errors;
}

size_t mx_setup(mx_link *link, long long now_us, int channel, int exclusive, const char *called, int called_plan,
	const char *calling, int calling_plan, const char *name, int presentation, int complete)
{
	struct pri *pri = enter(link, now_us);
	struct pri_sr *request = link->call_count < MOST_CALLS ? pri_sr_new() : NULL;
	q931_call *call = request ? pri_new_call(pri) : NULL;

	if (call) {
		pri_sr_set_bearer(request, PRI_TRANS_CAP_3_1K_AUDIO, PRI_LAYER_1_ALAW);
		pri_sr_set_channel(request, channel, exclusive, 0);
		pri_sr_set_called(request, (char *)called, called_plan, complete);
		if (calling)
			pri_sr_set_caller(request, (char *)calling, (char *)name, calling_plan, presentation);
		if (pri_setup(pri, call, request)) {
			pri_destroycall(pri, call);
			call = NULL;
		} else {
			int low_bits = 0, high_bits = pri_get_crv(pri, call, &low_bits); /* split as GR-303 has it */

			remember(link, (size_t)call, 0x8000 | high_bits << 3 | low_bits, 0);
		}
	}
	if (request)
		pri_sr_free(request);
	return (size_t)call;
}

int mx_setup_ack(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_setup_ack(enter(link, now_us), answered(link, call), channel, 0, inband);
}

int mx_information(mx_link *link, long long now_us, size_t call, const char *digits)
{
	struct pri *pri = enter(link, now_us);
	int result = 0;

	for (; *digits; digits++)
		result |= pri_information(pri, (q931_call *)call, *digits);
	return result;
}

int mx_proceeding(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_proceeding(enter(link, now_us), answered(link, call), channel, inband);
}

int mx_progress(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_progress(enter(link, now_us), answered(link, call), channel, inband);
}

int mx_alerting(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_acknowledge(enter(link, now_us), answered(link, call), channel, inband);
}

int mx_connect(mx_link *link, long long now_us, size_t call, int channel)
{
	return pri_answer(enter(link, now_us), answered(link, call), channel, 0);
}

int mx_connect_ack(mx_link *link, long long now_us, size_t call)
{
	return pri_connect_ack(enter(link, now_us), (q931_call *)call, 0);
}

int mx_hangup(mx_link *link, long long now_us, size_t call, int cause)
{
	return pri_hangup(enter(link, now_us), (q931_call *)call, cause);
}

void mx_drop(mx_link *link, long long now_us, size_t call)
{
	pri_destroycall(enter(link, now_us), (q931_call *)call);
}

int mx_establish(mx_link *link, long long now_us)
{
	return pri_restart(enter(link, now_us)); /* of Q.921: what libpri calls a restart of Q.931 is pri_reset() */
}

int mx_restart(mx_link *link, long long now_us, int channel)
{
	return pri_reset(enter(link, now_us), channel);
}
