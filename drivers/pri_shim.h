/* SPDX-License-Identifier: GPL-2.0-or-later
 * What drivers/pri.py sees of libpri: one link, flat events, a clock that is told. Read by cffi and by the compiler. */

typedef struct mx_link mx_link;

typedef struct {
	int given;        /* the element is there */
	int plan;         /* octet 3: type of number, numbering plan */
	int presentation; /* octet 3a: presentation and screening indicators */
	int reason;       /* octet 3b, of a Redirecting number */
	char digits[32];
} mx_number;

typedef struct {
	int kind;           /* PRI_EVENT_*, 0: nothing happened */
	int channel;        /* 0: none, -1: any or all */
	int cause;          /* Q.850, -1: none given */
	int progress;       /* bit mask of PRI_PROG_*; of DISCONNECT only indicator 8 */
	int flexible;       /* SETUP: another channel may be offered */
	int complete;       /* SETUP, INFORMATION: sending complete */
	int presentation;   /* PRI_PRES_* */
	int calling_plan, called_plan;
	size_t call;        /* which call record; 0: none */
	const char *called, *calling, *text;
	const unsigned char *display; /* as it came: libpri takes its first octet for the name of a character set */
	int display_length;
	mx_number connected;   /* Connected number, or the Redirection number of a NOTIFY */
	mx_number redirecting; /* SETUP */
} mx_event;

typedef struct {
	size_t call;
	int cause; /* in the message that ended it, 0: none */
} mx_ended;

mx_link *mx_open(int node);
void mx_close(mx_link *link);
const mx_event *mx_receive(mx_link *link, long long now_us, const unsigned char *frame, int length);
const mx_event *mx_schedule(mx_link *link, long long now_us);
long long mx_next_us(mx_link *link);
int mx_set_timer(mx_link *link, const char *name, int ms);

int mx_output(mx_link *link, unsigned char **octets);
void mx_output_taken(mx_link *link);
int mx_gone(mx_link *link, mx_ended **calls);
void mx_gone_taken(mx_link *link);
int mx_errors(mx_link *link);

size_t mx_setup(mx_link *link, long long now_us, int channel, int exclusive, const char *called, int called_plan,
	const char *calling, int calling_plan, const char *name, int presentation, int complete,
	const mx_number *redirecting);
int mx_setup_ack(mx_link *link, long long now_us, size_t call, int channel, int inband);
int mx_information(mx_link *link, long long now_us, size_t call, const char *digits);
int mx_proceeding(mx_link *link, long long now_us, size_t call, int channel, int inband);
int mx_progress(mx_link *link, long long now_us, size_t call, int channel, int inband);
int mx_alerting(mx_link *link, long long now_us, size_t call, int channel, int inband);
int mx_connect(mx_link *link, long long now_us, size_t call, int channel, const mx_number *connected, const char *name);
int mx_hangup(mx_link *link, long long now_us, size_t call, int cause);
void mx_enquire(mx_link *link, long long now_us, size_t call); /* STATUS ENQUIRY */
void mx_no_response(mx_link *link, long long now_us, size_t call); /* RELEASE COMPLETE after T303, which libpri does not send */
int mx_reference(mx_link *link, size_t call); /* its call reference as in messages that we receive; -1: unknown */
int mx_enquired(mx_link *link, size_t call); /* no STATUS came since */
void mx_drop(mx_link *link, long long now_us, size_t call);
int mx_establish(mx_link *link, long long now_us);
int mx_restart(mx_link *link, long long now_us, int channel);
