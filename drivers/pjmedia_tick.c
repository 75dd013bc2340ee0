/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjmedia_tick.h"

#include "pjmedia_guard.h"
#include "pjmedia_wire.h"

#include <string.h>

#define SCALE 32768.0f
#define WHOLE 12582912.0f /* 1.5 * 2^23: a float of this size has no bits for fractions, and rounds to even */

static mx_heard *far_end(mx_leg **legs, int row)
{
    return legs[row] ? mx_leg_far_end(legs[row]) : NULL;
}

/* Nearly always a tick brings each stream one packet: that is taken from each. Then one look tells which have more. */
void mx_tick_receive(mx_leg **legs, int rows)
{
    for (int row = 0; row < rows; row++)
        if (far_end(legs, row))
            mx_receive(far_end(legs, row));
    if (!mx_wires_look())
        return;
    for (int row = 0; row < rows; row++)
        if (far_end(legs, row))
            mx_receive_rest(far_end(legs, row));
}

void mx_tick_get(mx_leg **legs, const ptrdiff_t *listed, int many, int16_t *sound)
{
    for (int i = 0; i < many; i++) {
        int16_t *row = sound + listed[i] * MX_TICK_SAMPLES;
        if (legs[listed[i]])
            mx_leg_get(legs[listed[i]], row);
        else
            memset(row, 0, MX_TICK_SAMPLES * sizeof *row);
    }
}

void mx_tick_get_float(mx_leg **legs, const ptrdiff_t *listed, int many, float *sound)
{
    int16_t linear[MX_TICK_SAMPLES];
    for (int i = 0; i < many; i++) {
        float *row = sound + listed[i] * MX_TICK_SAMPLES;
        if (!legs[listed[i]]) {
            memset(row, 0, MX_TICK_SAMPLES * sizeof *row);
            continue;
        }
        mx_leg_get(legs[listed[i]], linear);
        for (int at = 0; at < MX_TICK_SAMPLES; at++)
            row[at] = linear[at] * (1 / SCALE);
    }
}

void mx_tick_put(mx_leg **legs, const ptrdiff_t *listed, int many, const int16_t *sound)
{
    for (int i = 0; i < many; i++)
        if (legs[listed[i]])
            mx_leg_put(legs[listed[i]], sound + listed[i] * MX_TICK_SAMPLES);
}

/* Vector instructions do this, unlike a call of lrintf. */
static float within_scale(float sample)
{
    float scaled = sample * SCALE;
    float low = scaled > -SCALE ? scaled : -SCALE; /* no number: the lowest, no error */
    return low < SCALE - 1 ? low : SCALE - 1;
}

void mx_tick_put_float(mx_leg **legs, const ptrdiff_t *listed, int many, const float *sound)
{
    int16_t linear[MX_TICK_SAMPLES];
    for (int i = 0; i < many; i++) {
        if (!legs[listed[i]])
            continue;
        const float *row = sound + listed[i] * MX_TICK_SAMPLES;
        for (int at = 0; at < MX_TICK_SAMPLES; at++)
            linear[at] = (int16_t)(within_scale(row[at]) + WHOLE - WHOLE);
        mx_leg_put(legs[listed[i]], linear);
    }
}

void mx_tick_alive(mx_leg **legs, int rows, uint32_t *count)
{
    for (int row = 0; row < rows; row++)
        count[row] = far_end(legs, row) ? far_end(legs, row)->signs : 0;
}
