/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_ports.h"

#include <string.h>

#define REST_MS 10000u

void mx_ports_open(mx_ports *ports, uint16_t first, uint16_t last)
{
    memset(ports, 0, sizeof *ports);
    ports->first = first;
    ports->pairs = last > first ? (last - first + 1u) / 2 : 1;
}

static int pair_of(const mx_ports *ports, uint16_t port)
{
    unsigned pair = (uint16_t)(port - ports->first) / 2u;
    return port >= ports->first && pair < ports->pairs ? (int)pair : -1;
}

uint16_t mx_ports_next(const mx_ports *ports, uint32_t now_ms)
{
    uint32_t longest = 0;
    unsigned best = ports->next, found = 0;
    for (unsigned i = 0; i < ports->pairs; i++) {
        unsigned pair = (ports->next + i) % ports->pairs;
        if (ports->users[pair])
            continue;
        uint32_t rested = ports->left[pair] ? now_ms + 1 - ports->left[pair] : UINT32_MAX;
        if (!found++ || rested > longest) {
            longest = rested;
            best = pair;
        }
        if (rested >= REST_MS)
            break;
    }
    return ports->first + 2 * best;
}

void mx_ports_take(mx_ports *ports, uint16_t port)
{
    int pair = pair_of(ports, port);
    if (pair < 0)
        return;
    ports->users[pair]++;
    ports->next = (pair + 1u) % ports->pairs;
}

void mx_ports_leave(mx_ports *ports, uint16_t port, uint32_t now_ms)
{
    int pair = pair_of(ports, port);
    if (pair < 0 || !ports->users[pair])
        return;
    ports->users[pair]--;
    ports->left[pair] = now_ms + 1 ? now_ms + 1 : 1;
}
