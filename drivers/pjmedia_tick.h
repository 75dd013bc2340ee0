/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tick of all legs: their packets, their sound as floats of full scale 1 or as linear 16 bits, their signs of life.
 *
 * legs[row] may be NULL. Sound is moved for the `many` rows that are listed; that of the others is not touched. */

#ifndef MXBOX_PJMEDIA_TICK_H
#define MXBOX_PJMEDIA_TICK_H

#include "pjmedia_rows.h"

#include <stddef.h>
#include <stdint.h>

/* Take all packets that came. */
void mx_tick_receive(mx_leg **legs, int rows);

/* sound[...][160] from the legs; a listed row without a leg is filled with silence. */
void mx_tick_get(mx_leg **legs, const ptrdiff_t *listed, int many, int16_t *sound);
void mx_tick_get_float(mx_leg **legs, const ptrdiff_t *listed, int many, float *sound);

/* ... and to them. What is beyond full scale is cut off there. */
void mx_tick_put(mx_leg **legs, const ptrdiff_t *listed, int many, const int16_t *sound);
void mx_tick_put_float(mx_leg **legs, const ptrdiff_t *listed, int many, const float *sound);

/* Signs of life of each leg's far end so far, into count[rows]: packets of RTP and RTCP; 0 without a leg. */
void mx_tick_alive(mx_leg **legs, int rows, uint32_t *count);

#endif
