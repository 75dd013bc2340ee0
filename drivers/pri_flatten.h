/* SPDX-License-Identifier: GPL-2.0-or-later
 * libpri's events, a union of many shapes, as one flat record for Python. */

static const mx_event *flatten(mx_link *link, pri_event *event)
{
	mx_event *flat = &link->event;

	memset(flat, 0, sizeof(*flat));
	flat->cause = -1;
	flat->called = flat->calling = flat->text = "";
	flat->display = link->display;
	memcpy(link->display, link->found.display, sizeof(link->display));
	flat->display_length = link->found.display_length;
	flat->connected = link->found.connected;
	flat->redirecting = link->found.redirecting;
	if (!event) {
		/* NOTIFY of a transfer or diversion: libpri keeps it to itself, because it did not get the number. */
		flat->kind = flat->connected.given && link->about ? PRI_EVENT_NOTIFY : 0;
		flat->call = link->about;
		return flat;
	}
	flat->kind = event->e;
	switch (event->e) {
	case PRI_EVENT_RING:
		remember(link, (size_t)event->ring.call, event->ring.cref, 1);
		flat->channel = event->ring.channel;
		flat->call = (size_t)event->ring.call;
		flat->called = *event->ring.callednum ? event->ring.callednum : event->ring.keypad_digits; /* 5.1.1 */
		flat->called_plan = event->ring.calledplan;
		flat->calling = event->ring.callingnum;
		flat->calling_plan = event->ring.callingplan;
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
		flat->progress = link->found.inband ? PRI_PROG_INBAND_AVAILABLE : 0;
		flat->channel = event->hangup.channel;
		flat->call = (size_t)event->hangup.call;
		flat->cause = event->hangup.cause;
		if (link->found.call_state == 0 && flat->cause == RESPONSE_TO_ENQUIRY)
			flat->cause = TEMPORARY_FAILURE; /* the far end does not know the call (5.8.11 c) */
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
	case PRI_EVENT_NOTIFY:
		flat->channel = event->notify.channel;
		flat->call = (size_t)event->notify.call;
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
