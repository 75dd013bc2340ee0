/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a jitter buffer holds besides what is asked for: so much later may a packet come, and so much delay it is. */

#ifndef MXBOX_PJMEDIA_SPARE_H
#define MXBOX_PJMEDIA_SPARE_H

#define MX_SPARE_BLOCKS 10

/* All zero to begin with: then nothing is too much until all blocks are full. In ms. */
typedef struct {
    unsigned least[MX_SPARE_BLOCKS]; /* that was left in each second */
    unsigned block, taken, now;      /* the second at hand: its number, its ticks, the least so far */
    unsigned since;                  /* ticks since a frame was left out */
} mx_spare;

/* Note what was left after a tick took its sound. */
void mx_spare_note(mx_spare *spare, unsigned left_ms);

/* Whether a frame may be left out with `kept_ms` still there in all ticks that are remembered; `silent`: it is not heard. */
int mx_spare_too_much(const mx_spare *spare, unsigned kept_ms, int silent);

/* A frame was left out. */
void mx_spare_left_out(mx_spare *spare, unsigned frame_ms);

#endif
