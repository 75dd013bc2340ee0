# SPDX-License-Identifier: GPL-2.0-or-later
"""Binding of PJMEDIA's ports and of our part in PJSIP: ``drivers._pjmedia``.

It is compiled against our PJSIP build and linked to its Python module.
Linking to the module, not to libraries of its own, is what makes both see one and the same PJSIP.
"""

import importlib.util
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).parent
PARTS = (
    "pjmedia_tick",
    "pjmedia_rows",
    "pjmedia_order",
    "pjmedia_spare",
    "pjmedia_keys",
    "pjmedia_layer",
    "pjmedia_tap",
    "pjmedia_wire",
    "pjmedia_sources",
    "pjmedia_ports",
    "pjmedia_guard",
    "pjsip_border",
    "pjsip_dropped",
    "pjsip_off",
    "pjsip_sdp",
    "pjsip_numbers",
    "pjsip_farewell",
    "pjsip_states",
    "pjsip_far_end",
    "pjsip_requests",
    "pjsip_refresh",
    "pjsip_offer",
    "pjsip_shim",
)
SOURCES = tuple(HERE / f"{part}.c" for part in PARTS)
HEADERS = tuple(HERE / f"{part}.h" for part in PARTS)
OWN = (
    "pjmedia_tick",
    "pjmedia_rows",
    "pjmedia_keys",
    "pjmedia_spare",
    "pjmedia_sources",
    "pjmedia_ports",
    "pjmedia_guard",
    "pjsip_sdp",
    "pjsip_dropped",
    "pjsip_farewell",
    "pjsip_states",
    "pjsip_far_end",
    "pjsip_requests",
    "pjsip_refresh",
    "pjsip_offer",
    "pjsip_shim",
)
USED = ("<pjlib.h>", "<pjmedia.h>", *(f'"{part}.h"' for part in OWN))
DECLARATIONS = """
typedef struct mx_leg mx_leg;
mx_leg *mx_leg_open(int call, void *stream, int row, int *status);
void mx_leg_close(mx_leg *leg);
void mx_tick_receive(mx_leg **legs, int rows);
void mx_tick_get(mx_leg **legs, const ptrdiff_t *listed, int many, int16_t *sound);
void mx_tick_get_float(mx_leg **legs, const ptrdiff_t *listed, int many, float *sound);
void mx_tick_put(mx_leg **legs, const ptrdiff_t *listed, int many, const int16_t *sound);
void mx_tick_put_float(mx_leg **legs, const ptrdiff_t *listed, int many, const float *sound);
void mx_tick_alive(mx_leg **legs, int rows, uint32_t *count);
typedef struct {
    char codec[16];
    unsigned received, lost, late, sent;
    unsigned jitter_us, jitter_max_us;
    unsigned held_ms;
    int far_lost, far_jitter_us, round_trip_us;
} mx_quality;
int mx_leg_quality(const mx_leg *leg, mx_quality *quality);
unsigned mx_leg_quiet(const mx_leg *leg);
int mx_leg_takes_keys(const mx_leg *leg);
int mx_leg_send_key(mx_leg *leg, int event, unsigned duration_ms);
typedef struct {
    int row;
    uint32_t source;
    uint16_t sequence;
    uint32_t timestamp;
    int marked;
    int event;
    int ended;
    unsigned duration;
    unsigned clock;
    unsigned rate;
} mx_key_report;
int mx_keys_take(mx_key_report *reports, int room);
unsigned mx_max_calls(void);
unsigned mx_calls(void);
void mx_quiet(void);
const char *mx_pjsip_folder(void);
int mx_shim_start(int (*asked)(int call, const char *message, int length), int behind_nat);
void mx_dropped_start(
    void (*unread)(const char *message, int length, const char *host, int port, const char *header, int header_length));
int mx_find_call(const char *call_id, const char *local_tag, const char *remote_tag);
int mx_prefer_own_codecs(int call);
void mx_offer_start(int ask);
int mx_prove(int call, const char *user, const char *password);
int mx_asks(int call);
int mx_show(int call, const char *identity, const char *privacy);
void mx_forget_media(void);
unsigned mx_strangers(void);
void mx_use_ports(int first, int last);
void mx_far_end_start(int edge);
void mx_ask(int call);
void mx_answers(const int32_t *numbers, int calls, uint32_t *count);
typedef struct {
    uint8_t host[16];
    int octets;
    uint16_t port;
} mx_place;
typedef struct {
    mx_place place;
    int rank;
    ...;
} mx_source;
typedef struct {
    mx_place agreed, sending;
    mx_source heard;
    uint32_t now;
    unsigned strange;
    ...;
} mx_sources;
void mx_sources_agree(mx_sources *sources, const mx_place *agreed, int elsewhere);
int mx_sources_take(
    mx_sources *sources, const mx_place *from, const mx_place *signalling, const uint8_t *packet, int size);
int mx_sources_report(mx_sources *sources, const mx_place *from, const mx_place *signalling);
int mx_sources_follow(mx_sources *sources, const mx_place *from);
typedef struct { ...; } mx_spare;
void mx_spare_note(mx_spare *spare, unsigned left_ms);
int mx_spare_too_much(const mx_spare *spare, unsigned kept_ms, int silent);
void mx_spare_left_out(mx_spare *spare, unsigned frame_ms);
typedef struct { ...; } mx_ports;
void mx_ports_open(mx_ports *ports, uint16_t first, uint16_t last);
uint16_t mx_ports_next(const mx_ports *ports, uint32_t now_ms);
void mx_ports_take(mx_ports *ports, uint16_t port);
void mx_ports_leave(mx_ports *ports, uint16_t port, uint32_t now_ms);
int mx_sdp_sound(const char *text, int length);
int mx_farewell(int call, char *text, int size, char *place);
int mx_say(const char *text, int length, const char *place);
#define MX_PLACE ...
typedef struct {
    int call;
    int state;
    int code;
    const char *reason;
    int reason_length;
    const char *message;
    int length;
} mx_state;
const mx_state *mx_state_told(void);
const char *mx_call_id(int call, int *length);
typedef struct {
    uint64_t number;
    uint64_t time_us;
    int sent;
    char peer[64];
    const char *text;
    int length;
} mx_note;
void mx_ring_find(const char *call_id, uint64_t from, mx_note *note);
void mx_ring_clear(void);
"""
NOT_OURS = "pjsua2 in .venv is not this box's own build; make setup puts it there"


def build_dir() -> Path | None:
    """Return the folder of the kept PJSIP build that ``import pjsua2`` finds; None if there is none, or another."""
    spec = importlib.util.find_spec("pjsua2")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    return folder if folder and (folder / "VERSION").exists() else None


def unavailable() -> str | None:
    """Return why the binding cannot be compiled here; None if it can."""
    return None if build_dir() else NOT_OURS


def _inputs() -> list[Path]:
    folder = build_dir()
    return [*SOURCES, *HEADERS, *([folder / "VERSION"] if folder else [])]


INPUTS = _inputs


def ffibuilder() -> FFI:
    """Return the builder (called when the module has to be compiled)."""
    folder = build_dir()
    if folder is None:
        raise RuntimeError(NOT_OURS)
    (library,) = folder.glob("_pjsua2*.so")
    ffi = FFI()  # type: ignore[no-untyped-call]
    ffi.cdef(DECLARATIONS)  # type: ignore[no-untyped-call]
    ffi.set_source(  # type: ignore[no-untyped-call]
        "drivers._pjmedia",
        "".join(f"#include {header}\n" for header in USED),
        sources=[str(source) for source in SOURCES],
        include_dirs=[str(HERE), str(folder / "include")],
        define_macros=[
            ("PJ_AUTOCONF", "1"),
            ("PJ_IS_LITTLE_ENDIAN", "1"),
            ("PJ_IS_BIG_ENDIAN", "0"),
            ("MX_PJSIP_FOLDER", f'"{folder}"'),
        ],
        extra_compile_args=[
            "-O2",
            "-fno-trapping-math",
            "-ffinite-math-only",
            "-Wall",
            "-Wextra",
            "-Wno-unused-parameter",
        ],
        extra_link_args=[str(library)],
    )
    return ffi
