# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that try a SIP parser, one for each description in RFC 4475; the texts are our own.

Those of clause 3.1.1 are valid, however odd; the others are wrong somewhere, and may be met with silence as well.
`Try.wanted` are the final statuses that are right from a server that knows the sender and is no registrar. Left out:
REGISTER in its many forms (the edge has its own tests), and those that need a client which waits for the response.
"""

from dataclasses import dataclass
from typing import Final

SDP: Final = (
    "v=0\r\no=maker 29739 7272939 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 49217 RTP/AVP 8 0\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
)
ACCEPTED: Final = frozenset({200})
BAD: Final = frozenset({400})
LENIENT: Final = frozenset({200, 400})
"""Taken for what it must have meant, or refused."""
NOTHING: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True)
class Try:
    """One message. {target} in it is the called URI, {here} the sender's host:port, {host} its host, {token} unique.

    Attributes:
        clause: of RFC 4475.
        wanted: final statuses that are right; empty: only silence is.
        body: put after the head, which has {length} of it.
        after: put after the body, in the same datagram.
    """

    clause: str
    name: str
    text: str
    wanted: frozenset[int]
    body: str = ""
    after: str = ""

    def message(self, target: str, here: str, token: str) -> bytes:
        """The message on the wire."""
        host = here.rpartition(":")[0]
        body = self.body.replace("{host}", host)
        names = {"target": target, "here": here, "host": host, "token": token, "length": str(len(body))}
        head = "\r\n".join(self.text.strip("\n").split("\n"))
        for name, value in names.items():
            head = head.replace("{" + name + "}", value)
        return (head + "\r\n\r\n" + body + self.after).encode("latin-1")


def invite(
    *more: str,
    line: str = "INVITE {target} SIP/2.0",
    via: str = "Via: SIP/2.0/UDP {here};branch=z9hG4bK{token};rport",
    sender: str = "From: <sip:1001@{host}>;tag=t{token}",
    to: str = "To: <{target}>",
    call_id: str = "Call-ID: {token}",
    cseq: str = "CSeq: 7 INVITE",
    hops: str = "Max-Forwards: 70",
    contact: str = "Contact: <sip:1001@{here}>",
    content: str = "Content-Type: application/sdp\nContent-Length: {length}",
) -> str:
    """An INVITE with some lines of its own; an empty one is left out."""
    return "\n".join(each for each in (line, via, sender, to, call_id, cseq, hops, contact, *more, content) if each)


ODD_BUT_VALID: Final = (
    Try(
        "3.1.1.1",
        "a short tortuous INVITE",
        'INVITE {target} SIP/2.0\nTO :\n <{target}>\nfrom\t: "Ann \\\\\\" B"       <sip:1001@{host}>\n'
        "  ;\n  tag = t{token}\n"
        "MaX-fOrWaRdS: 0068\nCall-ID: odd{token}\nContent-Length   : {length}\ncseq: 0009\n  INVITE\n"
        "V  : SIP  /   2.0\n /UDP\n    {here};branch=z9hG4bK{token}\ns :\nNewFangledHeader:   newfangled value\n"
        " continued newfangled value\nUnknownHeaderWithUnusualValue: ;;,,;;,;\nContent-Type: application/sdp\n"
        "Route:\n <sip:{host};lr;unknownwith=value;unknown-no-value>\nv:  SIP  / 2.0  / TCP     192.0.2.4   ;\n"
        "  branch  =   z9hG4bK9ikj8  ,\n SIP  /    2.0   / UDP  192.0.2.3   ; branch=   z9hG4bK30239\n"
        'm:"Quoted string \\"\\"" <sip:1001@{here}> ; newparam =\n      newvalue ;\n  secondparam ; q = 0.33',
        ACCEPTED,
        SDP,
    ),
    Try(
        "3.1.1.2",
        "every character a method may have",
        "!interesting-Method0123456789_*+`.%indeed'~ {target} SIP/2.0\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\n"
        'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" '
        "<sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas"
        "$wo~d_too.(doesn't-it)@{host}>\nFrom: token1~` token2'+_ token3*%!.- "
        "<sip:1001@{host}>;fromParam''~+*_!.-%=\"x\""
        ";tag=_token~1'+`*%!-.\nCall-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{{token}\n"
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\nMax-Forwards: 255\n"
        "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\nContent-Length: 0",
        frozenset({405, 501}),
    ),
    Try(
        "3.1.1.3",
        "escapes in names and parameters",
        invite(
            line="INVITE sip:sips%3Auser%40example.com@{host} SIP/2.0",
            to="To: sip:%75se%72@{host}",
            sender="From: <sip:I%20have%20spaces@{host}>;tag=t{token}",
            contact="Contact: <sip:1001@{here};%6C%72;n%61me=v%61lue%25%34%31>",
        ),
        frozenset({404, 484}),
        SDP,
    ),
    Try(
        "3.1.1.4",
        "an escaped null is a character",
        invite(line="INVITE sip:null-%00-null@{host} SIP/2.0", sender="From: <sip:null-%00-null@{host}>;tag=t{token}"),
        frozenset({404, 484}),
        SDP,
    ),
    Try(
        "3.1.1.5",
        "a percent sign that escapes nothing",
        'RE%47IST%45R {target} SIP/2.0\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\nTo: "%Z%45" <{target}>\n'
        'From: "%Z%45" <sip:1001@{host}>;tag=t{token}\nCall-ID: {token}\nCSeq: 29344 RE%47IST%45R\nMax-Forwards: 70\n'
        "Contact: <sip:alias1@{host}>\nContent-Length: 0",
        frozenset({405, 501}),
    ),
    Try("3.1.1.6", "no space before <", invite(sender="From: caller<sip:1001@{host}>;tag=t{token}"), ACCEPTED, SDP),
    Try(
        "3.1.1.7",
        "long values everywhere",
        invite(
            "Unknown-"
            + "LongLong" * 20
            + "-Name: unknown-"
            + "long" * 80
            + "-value; unknown-"
            + "long" * 30
            + "="
            + "v" * 200,
            *("Via: SIP/2.0/TCP sip%d.example.com;branch=z9hG4bK%s" % (n, "x" * 30) for n in range(12)),  # noqa: UP031
            to='To: "I have a user name of ' + "extreme" * 30 + ' proportion" <{target}>',
            sender="From: <sip:1001@{host}>;tag=t{token};unknownheaderparam" + "name" * 30 + "=" + "value" * 40,
            call_id="Call-ID: {token}long" + "really" * 30,
        ),
        ACCEPTED,
        SDP,
    ),
    Try("3.1.1.8", "octets after the message", invite(), ACCEPTED, SDP, "INVITE sip:other@{host} SIP/2.0\r\nT: x\r\n"),
    Try(
        "3.1.1.9",
        "semicolon in the user part",
        "OPTIONS sip:user;par=u%40example.net@{host} SIP/2.0\nTo: sip:j_user@{host}\n"
        "From: sip:1001@{host};tag=t{token}\n"
        "Max-Forwards: 3\nCall-ID: {token}\nCSeq: 8 OPTIONS\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\n"
        "Accept: application/sdp, application/pkcs7-mime,\n        multipart/mixed\nContent-Length: 0",
        ACCEPTED,
    ),
    Try(
        "3.1.1.10",
        "transports of all kinds",
        "OPTIONS {target} SIP/2.0\nTo: <{target}>\nFrom: <sip:1001@{host}>;tag=t{token}\n"
        "Max-Forwards: 70\nCall-ID: {token}\n"
        "CSeq: 60 OPTIONS\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\n"
        "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bK1\n"
        "Via: SIP/2.0/TLS t4.example.com;branch=z9hG4bK2\nVia: SIP/2.0/UNKNOWN t5.example.com;branch=z9hG4bK3\n"
        "Via: SIP/2.0/TCP t6.example.com;branch=z9hG4bK4\nContent-Length: 0",
        ACCEPTED,
    ),
)
"""Everything here must be understood."""

WRONG: Final = (
    Try(
        "3.1.2.1",
        "separators where none belong",
        invite(
            via="Via: SIP/2.0/UDP {here};;,;,,",
            sender="From: <sip:1001@{host}>;;;;tag=t{token}",
            contact='Contact: "J" <>;;;',
        ),
        BAD,
        SDP,
    ),
    Try(
        "3.1.2.2",
        "a body shorter than told",
        invite(content="Content-Type: application/sdp\nContent-Length: 9999"),
        LENIENT,
        SDP,
    ),
    Try(
        "3.1.2.3", "a negative length", invite(content="Content-Type: application/sdp\nContent-Length: -999"), BAD, SDP
    ),
    Try(
        "3.1.2.4",
        "numbers too large",
        invite("Expires: 1000000000000000000000", cseq="CSeq: 36893488147419103232 INVITE", hops="Max-Forwards: 300"),
        BAD,
        SDP,
    ),
    Try(
        "3.1.2.5",
        "a response with numbers too large",
        "SIP/2.0 503 Service Unavailable\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\nTo: <{target}>;tag=1\n"
        "From: <sip:1001@{host}>;tag=t{token}\nCall-ID: {token}\nCSeq: 9292394834772304023312 OPTIONS\n"
        'Retry-After: 949302838503028349304023988\nWarning: 1812 overture "In Progress"\nContent-Length: 0',
        NOTHING,
    ),
    Try("3.1.2.6", "a quotation that never ends", invite(to='To: "Mr. J. User <sip:j.user@{host}>'), BAD, SDP),
    Try("3.1.2.7", "a Request-URI in brackets", invite(line="INVITE <{target}> SIP/2.0"), BAD, SDP),
    Try("3.1.2.8", "a Request-URI with a space", invite(line="INVITE {target}; lr SIP/2.0"), LENIENT | {484}, SDP),
    Try(
        "3.1.2.9",
        "more than one space in the first line",
        invite(line="INVITE  {target}  SIP/2.0"),
        LENIENT | {484},
        SDP,
    ),
    Try(
        "3.1.2.10",
        "a space at the end of the first line",
        invite(line="INVITE {target} SIP/2.0 "),
        LENIENT | {484},
        SDP,
    ),
    Try(
        "3.1.2.11",
        "headers in the Request-URI",
        invite(line="INVITE {target}?Route=%3Csip:example.com%3E SIP/2.0"),
        LENIENT,
        SDP,
    ),
    Try("3.1.2.12", "a date of another zone", invite("Date: Fri, 01 Jan 2010 16:00:00 EST"), LENIENT, SDP),
    Try(
        "3.1.2.14",
        "spaces within an address",
        invite(to='To: "Watson, Thomas" < sip:t.watson@{host} >'),
        LENIENT,
        SDP,
    ),
    Try(
        "3.1.2.15",
        "a display name that is no token",
        invite(to="To: Bell, Alexander <sip:a.g.bell@{host}>"),
        LENIENT,
        SDP,
    ),
    Try(
        "3.1.2.16",
        "a version that is not ours",
        invite(line="INVITE {target} SIP/7.0", via="Via: SIP/7.0/UDP {here};branch=z9hG4bK{token}"),
        frozenset({400, 505}),
        SDP,
    ),
    Try("3.1.2.17", "methods that differ", invite(cseq="CSeq: 8 OPTIONS"), BAD | {500}, SDP),
    Try(
        "3.1.2.18",
        "an unknown method, and another in CSeq",
        invite(line="NEWMETHOD {target} SIP/2.0", cseq="CSeq: 8 INVITE"),
        frozenset({400, 405, 501}),
        SDP,
    ),
    Try(
        "3.1.2.19",
        "a status of ten digits",
        "SIP/2.0 4294967301 better not break the receiver\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\n"
        "To: <{target}>;tag=1\n"
        "From: <sip:1001@{host}>;tag=t{token}\nCall-ID: {token}\nCSeq: 353494 INVITE\nContent-Length: 0",
        NOTHING,
    ),
    Try(
        "3.2.1",
        "a branch without its cookie's rest",
        invite(via="Via: SIP/2.0/UDP {here};branch=z9hG4bK"),
        LENIENT,
        SDP,
    ),
    Try(
        "3.3.1",
        "what every request must have is missing",
        "INVITE {target} SIP/2.0\nCSeq: 193942 INVITE\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\n"
        "Content-Type: application/sdp\nContent-Length: {length}",
        BAD,
        SDP,
    ),
    Try(
        "3.3.2",
        "a scheme that nobody knows",
        invite(line="INVITE nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0"),
        frozenset({400, 416}),
        SDP,
    ),
    Try(
        "3.3.3",
        "a scheme that is not for calls",
        invite(line="INVITE soap.beep://192.0.2.103:3002 SIP/2.0"),
        frozenset({400, 416}),
        SDP,
    ),
    Try("3.3.4", "unknown schemes in To", invite(to="To: isbn:2983792873"), frozenset({200, 400}), SDP),
    Try(
        "3.3.5",
        "an extension that must be there and is not",
        invite("Require: nothingSupportsThis, nothingSupportsThisEither"),
        frozenset({420}),
        SDP,
    ),
    Try(
        "3.3.6",
        "a body that nobody knows",
        invite(content="Content-Type: application/unknownformat\nContent-Length: {length}"),
        frozenset({415}),
        '<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n',
    ),
    Try(
        "3.3.8",
        "two of what may be there once",
        invite("CSeq: 8 INVITE", "Call-ID: second{token}", "From: <sip:1009@{host}>;tag=other", "Max-Forwards: 5"),
        LENIENT,
        SDP,
    ),
    Try(
        "3.3.9",
        "two lengths",
        invite(content="Content-Type: application/sdp\nContent-Length: 13\nContent-Length: {length}"),
        LENIENT,
        SDP,
    ),
    Try(
        "3.3.10",
        "a 200 to 255.255.255.255",
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\n"
        "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23\n"
        "Call-ID: {token}\nCSeq: 35 INVITE\nFrom: <sip:1001@{host}>;tag=t{token}\nTo: <{target}>;tag=2229\n"
        "Content-Type: application/sdp\nContent-Length: {length}\nContact: <sip:user@{here}>",
        NOTHING,
        SDP,
    ),
    Try(
        "3.3.11",
        "no hops left",
        "OPTIONS {target} SIP/2.0\nTo: <{target}>\nFrom: <sip:1001@{host}>;tag=t{token}\n"
        "Call-ID: {token}\nCSeq: 39234321 OPTIONS\n"
        "Max-Forwards: 0\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token}\nContent-Length: 0",
        frozenset({200, 483}),
    ),
    Try(
        "3.3.15",
        "an Accept without SDP",
        invite("Accept: text/nobodyKnowsThis", content="Content-Length: 0"),
        frozenset({200, 406}),
    ),
    Try(
        "3.4.1",
        "an INVITE of RFC 2543's days",
        "INVITE {target} SIP/2.0\nVia: SIP/2.0/UDP {here}\nFrom: <sip:1001@{host}>\nTo: <{target}>\n"
        "Call-ID: {token}\nCSeq: 1 INVITE\n"
        "Contact: <sip:1001@{here}>\nContent-Type: application/sdp",
        LENIENT,
        SDP,
    ),
)


def _offer(formats: str, attributes: str = "") -> str:
    return SDP.partition("m=")[0] + f"m=audio 49217 RTP/AVP {formats}\r\n{attributes}"


PARTS: Final = f"--b\r\nContent-Type: application/sdp\r\n\r\n{_offer('8P 8')}\r\n--b--\r\n"

FOUND: Final = (
    Try("f1", "a payload type that is no number", invite(), BAD, _offer("8P 8 0")),
    Try("f2", "a payload type written in two ways", invite(), BAD, _offer("08 8 0")),
    Try("f3", "a payload type twice", invite(), BAD, _offer("8 0 8")),
    Try("f4", "a payload type beyond the last", invite(), BAD, _offer("8 0", "a=rtpmap:1000 PCMA/8000\r\n")),
    Try(
        "f5",
        "the same in one of several parts",
        invite(content="Content-Type: multipart/mixed;boundary=b\nContent-Length: {length}"),
        BAD | {415},
        PARTS,
    ),
    Try("f6", "a way back that is no SIP address", invite("Record-Route: <tel:+8613800138000>"), BAD, SDP),
    Try("f7", "a way forth that is no SIP address", invite("Route: <tel:+8613800138000>"), BAD, SDP),
    Try("f8", "a Contact that is no SIP address", invite(contact="Contact: <tel:+8613800138000>"), BAD, SDP),
    Try("f9", "no Contact, and a caller without address", invite(contact="", sender="From: <tel:+1>;tag=t"), BAD, SDP),
)
"""Found by mutation: each of these, or one like it, ended the switch before drivers/pjsip_border.c looked at it."""

TORTURE: Final = (*ODD_BUT_VALID, *WRONG, *FOUND)
