/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_spare.h"

#include <limits.h>

#define BLOCK_TICKS 50
#define RECENT 2
#define MOST_MS 60        /* that is kept for the sake of sound without a pause */
#define APART_TICKS 5     /* two frames left out in sound: a tenth of it goes */

static unsigned least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

void mx_spare_note(mx_spare *spare, unsigned left_ms)
{
    spare->since++;
    spare->now = spare->taken ? least_of(spare->now, left_ms) : left_ms;
    if (++spare->taken < BLOCK_TICKS)
        return;
    spare->least[spare->block] = spare->now;
    spare->block = (spare->block + 1) % MX_SPARE_BLOCKS;
    spare->taken = 0;
}

/* The least in the last seconds, and in the one at hand. */
static unsigned least(const mx_spare *spare, unsigned seconds)
{
    unsigned found = spare->taken ? spare->now : UINT_MAX;
    for (unsigned i = 1; i <= seconds; i++)
        found = least_of(found, spare->least[(spare->block + MX_SPARE_BLOCKS - i) % MX_SPARE_BLOCKS]);
    return found;
}

/* A late packet may be one in many, so what is spare is given back in a pause of the sound and after a while. In sound
 * that has no pause a frame left out is heard: only what is far too much is worth that, as after a network stood still. */
int mx_spare_too_much(const mx_spare *spare, unsigned kept_ms, int silent)
{
    if (silent)
        return least(spare, MX_SPARE_BLOCKS) >= kept_ms;
    return spare->since >= APART_TICKS && least(spare, RECENT) >= kept_ms + MOST_MS;
}

void mx_spare_left_out(mx_spare *spare, unsigned frame_ms)
{
    for (unsigned i = 0; i < MX_SPARE_BLOCKS; i++)
        spare->least[i] -= least_of(spare->least[i], frame_ms);
    spare->now -= least_of(spare->now, frame_ms);
    spare->since = 0;
}
