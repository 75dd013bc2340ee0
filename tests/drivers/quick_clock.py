# SPDX-License-Identifier: GPL-2.0-or-later
"""A program whose clocks run some times as fast: timers of PJSIP that take minutes end after seconds."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static struct timespec begins[16];

static int real(clockid_t clock, struct timespec *at)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next)
        next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return next(clock, at);
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int status = real(clock, at);
    if (status || clock < 0 || clock > 7 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
        return status;
    struct timespec *begin = &begins[clock];
    if (!begin->tv_sec)
        *begin = *at;
    long long gone = (at->tv_sec - begin->tv_sec) * 1000000000LL + at->tv_nsec - begin->tv_nsec;
    gone = gone * atoi(getenv("QUICK_CLOCK")) + begin->tv_nsec;
    at->tv_sec = begin->tv_sec + gone / 1000000000;
    at->tv_nsec = gone % 1000000000;
    return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
    struct timespec now = {0, 0};
    (void)left;
    if (flags & TIMER_ABSTIME)
        clock_gettime(clock, &now);
    long long wait = (until->tv_sec - now.tv_sec) * 1000000000LL + until->tv_nsec - now.tv_nsec;
    wait = wait > 0 ? wait / atoi(getenv("QUICK_CLOCK")) : 0;
    struct timespec really = {wait / 1000000000, wait % 1000000000};
    return nanosleep(&really, NULL);
}

int gettimeofday(struct timeval *at, void *zone)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


def run_quickly(folder: Path, times: int, *arguments: str) -> str:
    """Run Python with these arguments, its clocks so many times as fast; return its output."""
    source, library = folder / "quick_clock.c", folder / "quick_clock.so"
    source.write_text(LIBRARY)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "QUICK_CLOCK": str(times)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
