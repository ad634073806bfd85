#!/usr/bin/python3
"""Write the made dnstap and C-DNS files beside this file, and the seeds of their fuzz
targets.

Standard library only, no clock and no chance: the same bytes each time. Each file is
named for what is in it, or for its fault. As in make_data.py, whose queries these are,
a name says which message it was.
"""
import gzip
import struct

from make_data import CLIENT, CLIENT6, SERVER, SERVER6, START, be16, be32, message, query, save, wire

ANSWER = be16(0xC00C, 1, 1) + be32(60) + be16(4) + bytes([192, 0, 2, 80])  # A, TTL 60


def response(name, **more):
    return query(name, flags=0x8180, counts=(1, 1, 0, 0), rest=ANSWER, **more)


# --- protocol buffers and frame streams --------------------------------------------------

CONTENT_TYPE = b"protobuf:dnstap.Dnstap"
ACCEPT, BEGIN, STOP, READY, FINISH = 1, 2, 3, 4, 5
TYPES = ("auth", "resolver", "client", "forwarder", "stub", "tool", "update")


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n)


def fixed32(field, n):
    return varint(field << 3 | 5) + struct.pack("<I", n)


def blob(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def dnstap(
    kind,
    dns,
    seconds=START,
    nanoseconds=250,
    client=CLIENT,
    server=SERVER,
    extra=b"",
):
    """A Dnstap message of type "client_query" and so on; None leaves a field out."""
    who, what = kind.split("_")
    late = what == "response"
    m = number(1, 2 * TYPES.index(who) + 1 + late) + number(2, 1) + number(3, 1)
    for field, value in ((4, client), (5, server)):
        if value is not None:
            m += blob(field, value)
    m += number(6, 40000) + number(7, 53)
    if seconds is not None:
        m += number(12 if late else 8, seconds)
    if nanoseconds is not None:
        m += fixed32(13 if late else 9, nanoseconds)
    if dns is not None:
        m += blob(14 if late else 10, dns)
    return blob(1, b"ns1") + extra + blob(14, m) + number(15, 1)


def frame(data):
    return be32(len(data)) + data


def control(kind, content_type=CONTENT_TYPE):
    fields = be32(1, len(content_type)) + content_type if content_type else b""
    return be32(0, 4 + len(fields), kind) + fields


def stream(*messages):
    return control(BEGIN) + b"".join(map(frame, messages)) + control(STOP, b"")


def ask(name, kind="client_query", **more):
    return dnstap(kind, query(name), **more)


def answer(name, kind="client_response", **more):
    return dnstap(kind, response(name), **more)


def dnstap_files():
    first, second = ask("first"), ask("second", client=CLIENT6, server=SERVER6)
    every = [
        dnstap(who + what, dns(who))
        for who in TYPES
        for what, dns in (("_query", query), ("_response", response))
    ]
    yield "plain", stream(first, answer("first"), second)
    yield "both-ways", (
        control(READY) + control(ACCEPT) + stream(first, second) + control(FINISH, b"")
    )
    yield "two-streams", stream(first) + stream(second)
    yield "all-types", stream(*every)
    yield "resolver-and-forwarder", stream(
        ask("to-forwarder", "forwarder_query"), ask("to-authority", "resolver_query")
    )
    yield "responses-alone", stream(answer("first"), answer("second"))
    yield "bare", first
    yield "times", stream(
        ask("second-of-all-nines", nanoseconds=999999999),
        ask("second-and-more", nanoseconds=1000000000),
        ask("no-seconds", seconds=None),
        ask("past-2262", seconds=1 << 40),
        ask("no-nanoseconds", nanoseconds=None),
    )
    yield "not-look-ups", stream(
        dnstap("client_query", message(wire("example") + be16(6, 1), flags=0x2800)),  # UPDATE
        dnstap("client_query", message(b"", counts=(0, 0, 0, 0))),
        ask("type-99").replace(
            number(1, 5) + number(2, 1), number(1, 99) + number(2, 1)
        ),
        blob(1, b"ns1") + number(15, 2),
    )
    yield "bad-messages", stream(
        ask("no-client", client=None),
        ask("client-of-5-bytes", client=b"12345"),
        dnstap("client_query", None),
        dnstap("client_query", response("response-in-a-query")),
        dnstap("client_query", query("cut")[:14]),
        b"\xff\xff\xff",
    )
    whole = stream(first, second)
    yield "cut-in-frame", whole[:-30]
    yield "cut-in-length", control(BEGIN) + frame(first) + frame(second)[:3]
    yield "no-stop", control(BEGIN) + frame(first) + frame(second)
    yield "other-content-type", control(BEGIN, b"protobuf:other") + frame(first)
    yield "no-content-type", control(BEGIN, b"") + frame(first)
    yield "data-before-start", control(READY) + frame(first)
    yield "frame-too-long", control(BEGIN) + be32((1 << 20) + 1) + first
    yield "bad-control", control(BEGIN) + frame(first) + be32(0, 5) + b"what?"


def late_type():
    """More than 4 MiB of resolver queries, then a client's; small when compressed."""
    long = ask("early", "resolver_query", extra=blob(3, bytes(900000)))
    data = stream(*[long] * 5, ask("late"))
    save("dnstap-type-comes-late.dnstap.gz", gzip.compress(data, mtime=0))


def main():
    late_type()
    for name, data in dnstap_files():
        save("dnstap-%s.dnstap" % name, data)
        save("../fuzz/corpus/fuzz_dnstap/" + name, data)


if __name__ == "__main__":
    main()
