/* SPDX-License-Identifier: GPL-2.0-or-later
 * Between libpri and drivers/pri.py. Tasks that cannot be done above:
 *
 * - The clock. libpri asks gettimeofday(), which has no argument to distinguish links; the linker sends
 *   that call here (--wrap), and it answers with the time given to the function through which libpri was entered.
 * - The end of a call. libpri sometimes frees a call without an event (a SETUP that is taken back before it was
 *   answered, for one). Every call is freed through q931_destroycall(), which the linker sends here too.
 * - Frames. They are kept in memory on both sides, so no Python runs inside libpri but the logger.
 * - What libpri takes amiss. It makes a record for every call reference it hears of and does not always free it;
 *   RESTART inside a call, SETUP for a call that is there, and HOLD spoil records in use. screen() lets none of
 *   these through, and puts something in their place for libpri (pri_screen.h).
 * - What libpri answers otherwise than Q.931 asks. Every message goes out through q921_transmit_iframe(), which the
 *   linker sends here, and so does q931_dl_event(), the news of the data link. */

#include <sys/time.h>
#include <libpri.h>
#include "pri_shim.h"
#include "pri_screen.h"
#include "pri_flatten.h"

/* Of libpri (pri_q931.h): the data link was set up, asked for by the far end or by us; it was lost. */
enum { DL_ESTABLISH_IND = 1, DL_ESTABLISH_CONFIRM = 2, DL_RELEASE_IND = 3, DL_RELEASE_CONFIRM = 4 };

static _Thread_local struct timeval mx_clock;
static _Thread_local mx_link *entered; /* the link through which libpri was entered last */

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
	entered = link;
	return link->pri;
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

int __real_q921_transmit_iframe(void *data_link, void *message, int length, int command);
int __wrap_q921_transmit_iframe(void *data_link, void *message, int length, int command);
int __wrap_q921_transmit_iframe(void *data_link, void *message, int length, int command)
{
	mx_link *link = entered;

	if (!link)
		return __real_q921_transmit_iframe(data_link, message, length, command);
	if (link->answer_length) {
		length = link->answer_length;
		link->answer_length = 0;
		return __real_q921_transmit_iframe(data_link, link->answer, length, command);
	}
	length = put_right(link, message, length);
	return length ? __real_q921_transmit_iframe(data_link, message, length, command) : 0;
}

/* Frames on their way are lost when the data link is set up anew (Q.921 5.5.3). The far end may not know that a
 * call is over: send the clearing again, or it would keep the channel until T305 or T308 comes round. */
static void clear_again(mx_link *link)
{
	int i;

	for (i = 0; i < link->call_count; i++)
		if (link->calls[i].clearing_length)
			__real_q921_transmit_iframe(link->data_link, link->calls[i].clearing, link->calls[i].clearing_length, 1);
}

void __real_q931_dl_event(void *data_link, int event);
void __wrap_q931_dl_event(void *data_link, int event);
void __wrap_q931_dl_event(void *data_link, int event)
{
	mx_link *link = entered;

	if (!link) {
		__real_q931_dl_event(data_link, event);
		return;
	}
	link->data_link = data_link;
	link->resetting = event == DL_ESTABLISH_IND || event == DL_ESTABLISH_CONFIRM;
	__real_q931_dl_event(data_link, event);
	if (link->resetting) {
		clear_again(link);
		link->was_down = 0;
	} else if (event == DL_RELEASE_IND || event == DL_RELEASE_CONFIRM) {
		link->was_down = 1;
	}
	link->resetting = 0;
}

/* A frame as libpri may have it. An I frame keeps its place in the sequence, with any content. */
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

	/* During pri_new_cb() the link is not known yet; libpri repeats frames that are lost here. */
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
	mx_clock.tv_sec = mx_clock.tv_usec = 0; /* no later than any time that will be set: first timers fire at once */
	pri_set_message(on_message);
	pri_set_error(on_error);
	find_nothing(&link->found);
	link->is_network = node == PRI_NETWORK;
	entered = NULL; /* frames that libpri sends while the link is made belong to no link yet */
	link->pri = pri_new_cb(-1, node, PRI_SWITCH_EUROISDN_E1, read_frame, write_frame, link);
	if (!link->pri) {
		free(link);
		return NULL;
	}
	pri_set_overlapdial(link->pri, 1); /* "sending complete" is then set call by call */
	pri_hangup_fix_enable(link->pri, 1);
	return link;
}

/* libpri has no function that ends a link: its record (about 30 kB) stays, and so does ours, so that a closed link
 * that is still held can do no harm. A box opens one per span in its life. */
void mx_close(mx_link *link)
{
	link->closed = 1;
	free(link->output);
	free(link->gone);
	link->output = NULL;
	link->gone = NULL;
	link->output_length = link->output_size = link->gone_count = link->gone_size = 0;
}

const mx_event *mx_receive(mx_link *link, long long now_us, const unsigned char *frame, int length)
{
	struct pri *pri = enter(link, now_us);
	const mx_event *event;

	if (length > LONGEST)
		return flatten(link, NULL);
	find_nothing(&link->found);
	link->about = 0;
	memcpy(link->frame, frame, (size_t)length);
	link->frame_length = screen_frame(link, link->frame, length);
	event = flatten(link, pri_check_event(pri));
	find_nothing(&link->found);
	link->answer_length = link->status_cause = 0;
	return event;
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
	const char *calling, int calling_plan, const char *name, int presentation, int complete,
	const mx_number *redirecting)
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
		if (redirecting)
			pri_sr_set_redirecting(request, (char *)redirecting->digits, redirecting->plan, redirecting->presentation,
				redirecting->reason);
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

/* libpri puts a connected number into CONNECT that it was given before. */
static void say_connected(struct pri *pri, size_t call, const mx_number *connected, const char *name)
{
	struct pri_party_connected_line party = {0};

	party.id.number.valid = 1;
	party.id.number.plan = connected->plan;
	party.id.number.presentation = connected->presentation;
	memcpy(party.id.number.str, connected->digits, sizeof(connected->digits));
	party.id.name.valid = name != NULL;
	party.id.name.presentation = connected->presentation;
	party.id.name.char_set = PRI_CHAR_SET_ISO8859_1;
	if (name)
		strncpy(party.id.name.str, name, sizeof(party.id.name.str) - 1);
	pri_connected_line_update(pri, (q931_call *)call, &party);
}

int mx_connect(mx_link *link, long long now_us, size_t call, int channel, const mx_number *connected, const char *name)
{
	struct pri *pri = enter(link, now_us);

	if (connected)
		say_connected(pri, call, connected, name);
	return pri_answer(pri, answered(link, call), channel, 0);
}

int mx_hangup(mx_link *link, long long now_us, size_t call, int cause)
{
	return pri_hangup(enter(link, now_us), (q931_call *)call, cause);
}

/* Send a message about a call that libpri does not send by itself; cause 0: without one. */
static void send_about(mx_link *link, long long now_us, const struct known_call *known, int type, int cause)
{
	int to = known->cref ^ 0x8000;
	unsigned char message[HEAD + 4] = {0x08, 2, (unsigned char)(to >> 8), (unsigned char)to, (unsigned char)type,
					   CAUSE, 2, 0x80, (unsigned char)(0x80 | cause)};

	if (!link->data_link)
		return;
	enter(link, now_us);
	__real_q921_transmit_iframe(link->data_link, message, cause ? HEAD + 4 : HEAD, 1);
}

void mx_enquire(mx_link *link, long long now_us, size_t call)
{
	struct known_call *known = known_call(link, call);

	if (known && link->data_link) {
		known->enquired = 1;
		send_about(link, now_us, known, STATUS_ENQUIRY, 0);
	}
}

void mx_no_response(mx_link *link, long long now_us, size_t call)
{
	struct known_call *known = known_call(link, call);

	if (known)
		send_about(link, now_us, known, RELEASE_COMPLETE, RECOVERY);
}

int mx_reference(mx_link *link, size_t call)
{
	struct known_call *known = known_call(link, call);

	return known ? known->cref : -1;
}

int mx_enquired(mx_link *link, size_t call)
{
	struct known_call *known = known_call(link, call);

	return known && known->enquired;
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
