/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pjsip_sdp.h"

#include <string.h>

#define TYPES 128

/* A stretch of the text; words are taken off its front. */
struct stretch {
    const char *at, *end;
};

static int starts(struct stretch line, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(line.end - line.at) >= length && strncmp(line.at, word, length) == 0;
}

static struct stretch next_line(struct stretch *rest)
{
    struct stretch line = *rest;
    while (rest->at < rest->end && *rest->at != '\n' && *rest->at != '\r')
        rest->at++;
    line.end = rest->at;
    while (rest->at < rest->end && (*rest->at == '\n' || *rest->at == '\r'))
        rest->at++;
    return line;
}

static struct stretch next_word(struct stretch *line)
{
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
        line->at++;
    struct stretch word = *line;
    while (line->at < line->end && *line->at != ' ' && *line->at != '\t')
        line->at++;
    word.end = line->at;
    return word;
}

/* A payload type that was not there yet; -1: it is none, or not the first of its number. */
static int payload_type(struct stretch word, char *seen)
{
    int digits = word.end - word.at, number = 0;
    if (digits < 1 || digits > 3 || (digits > 1 && *word.at == '0'))
        return -1;
    for (; word.at < word.end; word.at++) {
        if (*word.at < '0' || *word.at > '9')
            return -1;
        number = 10 * number + *word.at - '0';
    }
    if (number >= TYPES || (seen && seen[number]))
        return -1;
    if (seen)
        seen[number] = 1;
    return number;
}

static int media_sound(struct stretch line)
{
    char seen[TYPES] = {0};
    next_word(&line); /* m=audio */
    next_word(&line); /* its port */
    if (!starts(next_word(&line), "RTP/"))
        return 1;
    for (struct stretch word = next_word(&line); word.at < word.end; word = next_word(&line))
        if (payload_type(word, seen) < 0)
            return 0;
    return 1;
}

static int attribute_sound(struct stretch line, const char *name, char *seen)
{
    line.at += strlen(name);
    return line.at < line.end && *line.at != ' ' && payload_type(next_word(&line), seen) >= 0;
}

int mx_sdp_sound(const char *text, int length)
{
    struct stretch rest = {text, text + length};
    char mapped[TYPES] = {0};
    while (rest.at < rest.end) {
        struct stretch line = next_line(&rest);
        if (starts(line, "m=")) {
            memset(mapped, 0, sizeof mapped);
            if (!media_sound(line))
                return 0;
        } else if (starts(line, "a=rtpmap:")) {
            if (!attribute_sound(line, "a=rtpmap:", mapped))
                return 0;
        } else if (starts(line, "a=fmtp:")) {
            if (!attribute_sound(line, "a=fmtp:", NULL))
                return 0;
        }
    }
    return 1;
}
