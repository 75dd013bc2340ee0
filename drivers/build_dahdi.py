# SPDX-License-Identifier: GPL-2.0-or-later
"""Recipe of `drivers._dahdi`, compiled against DAHDI's own header (Debian dahdi-source: /usr/include/dahdi/user.h).

cffi takes the offsets of the fields named here from the compiler; dahdi_shim.c asserts sizes and call numbers.
"""

from pathlib import Path

import cffi

HERE = Path(__file__).parent
USER_H = Path("/usr/include/dahdi/user.h")
HEADER = HERE / "dahdi_shim.h"
SOURCE = HERE / "dahdi_shim.c"

CALLS = (
    "SPECIFY",
    "AUDIOMODE",
    "SETLAW",
    "SET_BLOCKSIZE",
    "GET_BUFINFO",
    "SET_BUFINFO",
    "FLUSH",
    "GETEVENT",
    "GETRXBITS",
    "SETTXBITS",
    "GET_PARAMS",
    "SPANSTAT",
    "GETGAINS",
    "SETGAINS",
    "HOOK",
    "DIAL",
    "SENDTONE",
    "ECHOCANCEL",
    "SPANCONFIG",
    "CHANCONFIG",
    "GETVERSION",
    "MAINT",
)
VALUES = (
    "EVENT_NONE",
    "EVENT_ALARM",
    "EVENT_NOALARM",
    "EVENT_ABORT",
    "EVENT_OVERRUN",
    "EVENT_BADFCS",
    "EVENT_BITSCHANGED",
    "EVENT_REMOVED",
    "EVENT_ONHOOK",
    "EVENT_RINGOFFHOOK",
    "EVENT_WINKFLASH",
    "EVENT_DIALCOMPLETE",
    "EVENT_RINGERON",
    "EVENT_RINGEROFF",
    "EVENT_HOOKCOMPLETE",
    "EVENT_PULSE_START",
    "EVENT_POLARITY",
    "EVENT_RINGBEGIN",
    "EVENT_PULSEDIGIT",
    "ALARM_RECOVER",
    "ALARM_LOOPBACK",
    "ALARM_YELLOW",
    "ALARM_RED",
    "ALARM_BLUE",
    "ALARM_NOTOPEN",
    "ALARM_LOS",
    "ALARM_LFA",
    "ALARM_LMFA",
    "SIG_NONE",
    "SIG_CLEAR",
    "SIG_HDLCFCS",
    "SIG_CAS",
    "SIG_FXOKS",
    "SIG_FXOLS",
    "SIG_FXSKS",
    "SIG_FXSLS",
    "ONHOOK",
    "OFFHOOK",
    "FLASH",
    "RING",
    "RINGOFF",
    "DIAL_OP_REPLACE",
    "DIAL_OP_CANCEL",
    "MAX_DTMF_BUF",
    "POLICY_IMMEDIATE",
    "LAW_ALAW",
    "FLUSH_ALL",
    "MAINT_NONE",
    "MAINT_LOCALLOOP",
    "MAINT_NETWORKLINELOOP",
    "MAINT_NETWORKPAYLOADLOOP",
    "MAX_CHANNELS",
    "MAX_SPANS",
    "MAX_NUM_BUFS",
)
STRUCTS = """
struct dahdi_bufferinfo { int txbufpolicy; int rxbufpolicy; int numbufs; int bufsize; int readbufs; int writebufs; };
struct dahdi_params {
    int channo; int spanno; int chanpos; int sigtype; int rxisoffhook; int curlaw; char name[40]; ...;
};
struct dahdi_dialoperation { int op; char dialstr[256]; };
struct dahdi_spaninfo {
    int spanno; char name[20]; char desc[40]; int alarms; int bpvcount; int crc4count; int ebitcount; int fascount;
    uint32_t fecount; uint32_t cvcount; uint32_t errsec; int irqmisses; int syncsrc; int numchans; int totalchans;
    int totalspans; int lbo; int lineconfig;
    char spantype[6]; ...;
};
struct dahdi_gains { int chan; unsigned char rxgain[256]; unsigned char txgain[256]; };
struct dahdi_lineconfig { int span; ...; };
struct dahdi_chanconfig { int chan; ...; };
struct dahdi_versioninfo { char version[80]; char echo_canceller[80]; };
struct dahdi_maintinfo { int spanno; int command; };
"""


INPUTS = (HEADER, SOURCE, USER_H)


def unavailable() -> str | None:
    """Return why the module cannot be compiled here; None if it can."""
    return None if USER_H.exists() else f"{USER_H} is missing (apt-get install dahdi-source)"


def ffibuilder() -> cffi.FFI:
    """Return the description of the module for cffi."""
    ffi = cffi.FFI()  # type: ignore[no-untyped-call]
    constants = "\n".join(f"#define DAHDI_{name} ..." for name in (*CALLS, *VALUES))
    ffi.cdef(f"{constants}\n#define ELAST ...\n{STRUCTS}\n{HEADER.read_text()}")  # type: ignore[no-untyped-call]
    ffi.set_source(  # type: ignore[no-untyped-call]
        "drivers._dahdi", SOURCE.read_text(), include_dirs=[str(HERE)], extra_compile_args=["-Wall"]
    )
    return ffi
