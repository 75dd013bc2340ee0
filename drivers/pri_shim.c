/* SPDX-License-Identifier: GPL-2.0-or-later
 * Between libpri and drivers/pri.py. Three things are done here because they cannot be done above:
 *
 * - The clock. libpri asks gettimeofday(), which has no argument to tell one link from another; the linker sends
 *   that call here (--wrap), and it answers with the time given to the function through which libpri was entered.
 * - The end of a call. libpri sometimes frees a call without an event (a SETUP that is taken back before it was
 *   answered, for one). Every call is freed through q931_destroycall(), which the linker sends here too.
 * - Frames. They are kept in memory on both sides, so no Python runs inside libpri but the logger. */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <libpri.h>
#include "pri_shim.h"

struct mx_link {
	struct pri *pri;
	const unsigned char *frame;
	int frame_length;
	unsigned char *output; /* frames, each after its length in two octets, high octet first */
	int output_length, output_size;
	size_t *gone;
	int gone_count, gone_size;
	int errors;
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

void __real_q931_destroycall(struct pri *pri, q931_call *call);
void __wrap_q931_destroycall(struct pri *pri, q931_call *call);
void __wrap_q931_destroycall(struct pri *pri, q931_call *call)
{
	mx_link *link = pri_get_userdata(pri);

	if (link && make_room((void **)&link->gone, &link->gone_size, link->gone_count, 1, sizeof(*link->gone)))
		link->gone[link->gone_count++] = (size_t)call;
	__real_q931_destroycall(pri, call);
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
	if (!link || length <= 2
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

/* libpri has no function that ends a link: its record (about 30 kB) stays; a box opens one per span and life. */
void mx_close(mx_link *link)
{
	pri_set_userdata(link->pri, NULL);
	free(link->output);
	free(link->gone);
	free(link);
}

static const mx_event *flatten(mx_link *link, pri_event *event)
{
	mx_event *flat = &link->event;

	memset(flat, 0, sizeof(*flat));
	flat->cause = -1;
	flat->called = flat->calling = flat->name = flat->text = "";
	if (!event)
		return flat;
	flat->kind = event->e;
	switch (event->e) {
	case PRI_EVENT_RING:
		flat->channel = event->ring.channel;
		flat->call = (size_t)event->ring.call;
		flat->called = event->ring.callednum;
		flat->called_plan = event->ring.calledplan;
		flat->calling = event->ring.callingnum;
		flat->calling_plan = event->ring.callingplan;
		flat->name = event->ring.callingname;
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

	link->frame = frame;
	link->frame_length = length;
	return flatten(link, pri_check_event(pri));
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

int mx_gone(mx_link *link, size_t **calls)
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
	q931_call *call = pri_new_call(pri);
	struct pri_sr *request = pri_sr_new();

	if (call && request) {
		pri_sr_set_bearer(request, PRI_TRANS_CAP_3_1K_AUDIO, PRI_LAYER_1_ALAW);
		pri_sr_set_channel(request, channel, exclusive, 0);
		pri_sr_set_called(request, (char *)called, called_plan, complete);
		if (calling)
			pri_sr_set_caller(request, (char *)calling, (char *)name, calling_plan, presentation);
		if (pri_setup(pri, call, request)) {
			pri_destroycall(pri, call);
			call = NULL;
		}
	} else if (call) {
		pri_destroycall(pri, call);
		call = NULL;
	}
	if (request)
		pri_sr_free(request);
	return (size_t)call;
}

int mx_setup_ack(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_setup_ack(enter(link, now_us), (q931_call *)call, channel, 0, inband);
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
	return pri_proceeding(enter(link, now_us), (q931_call *)call, channel, inband);
}

int mx_progress(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_progress(enter(link, now_us), (q931_call *)call, channel, inband);
}

int mx_alerting(mx_link *link, long long now_us, size_t call, int channel, int inband)
{
	return pri_acknowledge(enter(link, now_us), (q931_call *)call, channel, inband);
}

int mx_connect(mx_link *link, long long now_us, size_t call, int channel)
{
	return pri_answer(enter(link, now_us), (q931_call *)call, channel, 0);
}

int mx_hangup(mx_link *link, long long now_us, size_t call, int cause)
{
	return pri_hangup(enter(link, now_us), (q931_call *)call, cause);
}

void mx_drop(mx_link *link, long long now_us, size_t call)
{
	pri_destroycall(enter(link, now_us), (q931_call *)call);
}

int mx_restart(mx_link *link, long long now_us, int channel)
{
	return pri_reset(enter(link, now_us), channel);
}
