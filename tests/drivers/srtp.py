# SPDX-License-Identifier: GPL-2.0-or-later
"""SRTP (RFC 3711) for phones of the tests, by libsrtp2: keys as SDES has them (RFC 4568), AES_CM_128_HMAC_SHA1_80.

It is the library that PJSIP uses in the same process, and has begun by the time that there is a call.
"""

import base64
import functools
from typing import Any, Final

from cffi import FFI

SUITE: Final = "AES_CM_128_HMAC_SHA1_80"
KEY: Final = base64.b64encode(bytes(range(30))).decode()
"""Master key and salt of what a phone sends."""
_TRAILER: Final = 256
_INBOUND, _OUTBOUND = 2, 3
_DECLARATIONS: Final = """
typedef struct { int type; unsigned value; } srtp_ssrc_t;
typedef struct {
    unsigned cipher_type; int cipher_key_len; unsigned auth_type; int auth_key_len, auth_tag_len, services;
} policy;
typedef struct {
    srtp_ssrc_t ssrc; policy rtp, rtcp; unsigned char *key; void *keys; unsigned long num_master_keys; void *ekt;
    unsigned long window_size; int allow_repeat_tx; int *enc_xtn_hdr; int enc_xtn_hdr_count; void *next;
} srtp_policy_t;
void srtp_crypto_policy_set_rtp_default(policy *p);
int srtp_create(void **session, const srtp_policy_t *policy);
int srtp_protect(void *session, void *packet, int *length);
int srtp_unprotect(void *session, void *packet, int *length);
"""


@functools.cache
def _library() -> tuple[Any, Any]:
    ffi = FFI()  # type: ignore[no-untyped-call]
    ffi.cdef(_DECLARATIONS)  # type: ignore[no-untyped-call]
    library: Any = ffi.dlopen("libsrtp2.so.1")  # type: ignore[no-untyped-call]
    return ffi, library


class Cipher:
    """Keys of one direction of a stream."""

    def __init__(self, key: str, *, outbound: bool) -> None:
        self._ffi, self._library = _library()
        self._key = self._ffi.new("unsigned char[]", base64.b64decode(key))
        policy = self._ffi.new("srtp_policy_t *")
        policy.ssrc.type = _OUTBOUND if outbound else _INBOUND
        self._library.srtp_crypto_policy_set_rtp_default(self._ffi.addressof(policy, "rtp"))
        self._library.srtp_crypto_policy_set_rtp_default(self._ffi.addressof(policy, "rtcp"))
        policy.key, policy.allow_repeat_tx = self._key, 1
        session = self._ffi.new("void **")
        assert self._library.srtp_create(session, policy) == 0
        self._session = session[0]

    def protect(self, packet: bytes) -> bytes:
        """Encrypt and sign an RTP packet."""
        return self._through(self._library.srtp_protect, packet)

    def unprotect(self, packet: bytes) -> bytes:
        """Check and decrypt a packet of SRTP."""
        return self._through(self._library.srtp_unprotect, packet)

    def _through(self, function: Any, packet: bytes) -> bytes:
        buffer, length = self._ffi.new("unsigned char[]", len(packet) + _TRAILER), self._ffi.new("int *", len(packet))
        self._ffi.memmove(buffer, packet, len(packet))
        status = function(self._session, buffer, length)
        assert status == 0, f"libsrtp: {status}"
        return bytes(self._ffi.buffer(buffer, length[0]))
