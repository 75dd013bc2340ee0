/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_sources.h"

#include <string.h>

#define RTP_HEADER 12
#define MOST_LOST 5      /* between two packets of a probation */
#define MOST_OVERTAKEN 16
#define PAUSE_TICKS 25   /* a probation with a longer pause begins anew */
#define SAME_STREAM 3000 /* packets (a minute) after which a sequence number proves nothing */

/* Packets of a probation, by rank: the first is never on probation. Beside the address agreed on it is longer than the
 * packets of a phone after its call: its neighbour may have the port by then. */
static const unsigned probation[] = {[MX_BESIDE] = 20, [MX_SIGNALLING] = 5, [MX_ELSEWHERE] = 40};
#define PROBATION_MOVED 3

/* Ticks for which the source that is heard has been silent before another takes its place. */
#define SILENT_MOVED 5
#define SILENT_SAME_HOST 25
#define SILENT_ELSEWHERE 40

static int same_host(const mx_place *a, const mx_place *b)
{
    return a->octets && a->octets == b->octets && memcmp(a->host, b->host, a->octets) == 0;
}

static int same_place(const mx_place *a, const mx_place *b)
{
    return a->port == b->port && same_host(a, b);
}

static uint32_t number(const uint8_t *at, int octets)
{
    uint32_t value = 0;
    while (octets--)
        value = value << 8 | *at++;
    return value;
}

/* RFC 3550 5.1; RFC 5761 4: a packet that would be RTCP is none. */
static int is_rtp(const uint8_t *packet, int size)
{
    return size >= RTP_HEADER && packet[0] >> 6 == 2 && !(packet[1] >= 192 && packet[1] <= 223);
}

static int rank_of(const mx_sources *sources, const mx_place *from, const mx_place *signalling)
{
    if (same_place(from, &sources->agreed))
        return MX_AGREED;
    if (same_host(from, &sources->agreed))
        return MX_BESIDE;
    return same_host(from, signalling) ? MX_SIGNALLING : MX_ELSEWHERE;
}

void mx_sources_agree(mx_sources *sources, const mx_place *agreed, int elsewhere)
{
    sources->elsewhere = elsewhere;
    if (!same_place(&sources->agreed, agreed)) {
        memset(&sources->heard, 0, sizeof sources->heard);
        memset(sources->candidates, 0, sizeof sources->candidates);
        sources->agreed = sources->sending = *agreed;
    }
}

/* The one with this address, or the place of one that is worth less: free, farther away, longest silent. */
static mx_source *candidate(mx_sources *sources, const mx_place *from, int rank)
{
    mx_source *worst = sources->candidates;
    for (mx_source *each = sources->candidates; each < sources->candidates + MX_CANDIDATES; each++) {
        if (each->packets && same_place(&each->place, from))
            return each;
        if (!worst->packets)
            continue;
        if (!each->packets || each->rank > worst->rank ||
            (each->rank == worst->rank && sources->now - each->last > sources->now - worst->last))
            worst = each;
    }
    if (worst->packets && worst->rank < rank && sources->now - worst->last <= PAUSE_TICKS)
        return NULL;
    memset(worst, 0, sizeof *worst);
    worst->place = *from;
    return worst;
}

static void note(mx_source *source, uint32_t ssrc, uint16_t seq, uint32_t now)
{
    int16_t ahead = seq - source->seq;
    int same = source->packets && source->ssrc == ssrc && now - source->last <= PAUSE_TICKS;
    if (same && ahead <= 0 && ahead > -MOST_OVERTAKEN)
        return; /* twice, or overtaken */
    source->packets = same && ahead > 0 && ahead <= MOST_LOST ? source->packets + 1 : 1;
    source->ssrc = ssrc;
    source->seq = seq;
    source->last = now;
}

/* The same stream goes on from another port or host. */
static int moved(const mx_source *heard, const mx_source *other)
{
    return heard->packets && heard->ssrc == other->ssrc && (uint16_t)(other->seq - heard->seq) < SAME_STREAM;
}

static int has_passed(const mx_sources *sources, const mx_source *other)
{
    const mx_source *heard = &sources->heard;
    int goes_on = moved(heard, other);
    if (other->packets < (goes_on ? PROBATION_MOVED : probation[other->rank]))
        return 0;
    if (!heard->packets || other->rank < heard->rank)
        return 1;
    unsigned silent = sources->now - heard->last;
    int beside = same_host(&heard->place, &other->place);
    return silent >= (goes_on ? SILENT_MOVED : beside ? SILENT_SAME_HOST : SILENT_ELSEWHERE);
}

int mx_sources_take(
    mx_sources *sources, const mx_place *from, const mx_place *signalling, const uint8_t *packet, int size)
{
    mx_source *heard = &sources->heard;
    int rank = rank_of(sources, from, signalling), rtp = is_rtp(packet, size);
    int known = heard->packets && same_place(from, &heard->place);
    if (known || rank == MX_AGREED) {
        if (rtp) {
            heard->place = *from;
            heard->rank = rank;
            heard->ssrc = number(packet + 8, 4);
            heard->seq = number(packet + 2, 2);
            heard->last = sources->now;
            heard->packets = 1;
        }
        return 1;
    }
    sources->strange++;
    mx_source *other = rtp && (rank <= MX_BESIDE || sources->elsewhere) ? candidate(sources, from, rank) : NULL;
    if (!other)
        return 0;
    other->rank = rank;
    note(other, number(packet + 8, 4), number(packet + 2, 2), sources->now);
    if (!has_passed(sources, other))
        return 0;
    sources->strange -= other->packets < sources->strange ? other->packets : sources->strange;
    *heard = *other;
    other->packets = 0;
    return 1;
}

int mx_sources_report(mx_sources *sources, const mx_place *from, const mx_place *signalling)
{
    int of_heard = sources->heard.packets && same_host(from, &sources->heard.place);
    if (of_heard)
        sources->heard.last = sources->now;
    return of_heard || same_host(from, &sources->agreed) || (sources->elsewhere && same_host(from, signalling));
}

int mx_sources_follow(mx_sources *sources, const mx_place *from)
{
    if (!sources->heard.packets || !same_place(from, &sources->heard.place) || same_place(from, &sources->sending))
        return 0;
    sources->sending = *from;
    return 1;
}

int mx_sources_found(const mx_sources *sources)
{
    return sources->agreed.octets && !same_place(&sources->sending, &sources->agreed);
}
