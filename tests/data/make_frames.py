#!/usr/bin/python3
"""Write the made dnstap and C-DNS files beside this file, and the seeds of their fuzz
targets.

Standard library only, no clock and no chance: the same bytes each time. Each file is
named for what is in it, or for its fault. As in make_data.py, whose queries these are,
a name says which message it was.
"""
import gzip
import struct

from make_data import (
    CLIENT,
    CLIENT6,
    SERVER,
    SERVER6,
    START,
    be16,
    be32,
    ip4,
    message,
    query,
    save,
    udp,
    wire,
)

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
    bind = blob(2, b"BIND 9.18.49")
    asked = [
        ask("desired", extra=bind),
        answer("desired", extra=bind),
        ask("not-desired", "auth_query", extra=bind),
        answer("not-desired", "auth_response", extra=bind),
        ask("of-others", "resolver_query", extra=bind),
    ]
    yield "bind", stream(*asked)
    yield "bind-authority", stream(*asked[2:3], answer("not-desired", extra=bind))
    yield "bind-and-others", stream(*asked, ask("of-knot", "auth_query", extra=blob(2, b"Knot DNS")))
    yield "two-servers", stream(first, b"\x0a\x03ns2" + first[5:])
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


# --- CBOR and C-DNS ----------------------------------------------------------------------


def head(kind, n):
    for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 24:
            return bytes([kind << 5 | n])
        if n < 1 << 8 * size:
            return bytes([kind << 5 | code]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(value, open_ended=False):
    """The CBOR of numbers, strings, lists and maps; `Raw` stands as it is."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value)) + value.encode()
    is_map = isinstance(value, dict)
    parts = [part for pair in value.items() for part in pair] if is_map else value
    body = b"".join(cbor(part, open_ended) for part in parts)
    if open_ended:
        return (b"\xbf" if is_map else b"\x9f") + body + b"\xff"
    return head(5 if is_map else 4, len(value)) + body


class Raw(bytes):
    pass


ADDRESSES = [CLIENT, SERVER, CLIENT6, SERVER6]
QUERY, RESPONSE = 1, 2


def sign(flags, more=(), server=1):
    """Server, port 53, UDP; type A, class IN."""
    return {0: server, 1: 53, 2: server // 2, 4: flags, 5: 0, 8: 0, 16: 0, -1: 7, **dict(more)}


def tables(names, signatures, **more):
    parts = {0: ADDRESSES, 1: [{0: 1, 1: 1}, {0: 28, 1: 1}]}
    parts[2] = [wire(name + ".example") if name else b"" for name in names]
    parts[3] = signatures
    for key, value in more.items():
        parts[int(key[1:])] = value
    return parts


def item(name, offset=0, signature=0, client=0, **more):
    fields = {0: offset, 1: client, 2: 40000, 3: 0x1234, 4: signature, 5: 64, 7: name}
    for key, value in more.items():
        fields[int(key[1:])] = value
    return {key: value for key, value in fields.items() if value is not None}


def part(names, signatures, items, when=(START, 250000), index=None, more=(), **tabled):
    preamble = {0: list(when)} if when else {}
    if index is not None:
        preamble[1] = index
    return {0: preamble, 1: {0: 9}, 2: tables(names, signatures, **tabled), 3: items, **dict(more)}


def parameters(ticks=10**6, more=()):
    return {0: {0: ticks, 1: 5000, 2: {0: 7}, 3: [0], 4: [1], **dict(more)}, 1: {2: 65535}}


def cdns(*blocks, params=None, version=1, ident="C-DNS", open_ended=False):
    preamble = {0: version, 1: 0, 3: [parameters()] if params is None else params}
    return cbor([ident, preamble, list(blocks)], open_ended)


# Keys of drafts, by those of RFC 8618. A draft's indexes count from 1.
DRAFT_SIGN = {0: 0, 1: 1, 2: 2, 4: 3, 5: 4, 8: 7, 16: 15}
DRAFT_ITEMS = {
    "05": {0: 0, 1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 7, 7: 9, 11: 12, 12: 13},
    "02": {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 11: 9, 12: 10},
}
HAS_QUESTION = 4


def counted_from_1(fields, indexes):
    return {key: value + 1 if key in indexes else value for key, value in fields.items()}


def drafted(block, draft):
    """A block of part() as the compactor wrote it before RFC 8618."""
    tabled = dict(block[2])
    signatures, tabled[3] = tabled[3], []
    for signature in signatures:
        fields = counted_from_1({k: v for k, v in signature.items() if k in DRAFT_SIGN}, {0, 8})
        fields = {DRAFT_SIGN[key]: value for key, value in fields.items()}
        fields[2] = 0  # UDP: bit 1 is IPv6 here, and no reader of ours may need it
        fields[3] = (fields[3] & 35) | (0 if fields[3] & 16 else HAS_QUESTION)
        tabled[3].append(fields)
    tabled[4] = [[n + 1 for n in row] for row in tabled.get(4, [])]
    tabled[5] = [counted_from_1(row, {0, 1}) for row in tabled.get(5, [])]
    tabled[6] = [[n + 1 for n in row] for row in tabled.get(6, [])]
    tabled[7] = [counted_from_1(row, {0, 1, 3}) for row in tabled.get(7, [])]
    items = []
    for fields in block[3]:
        fields = counted_from_1(fields, {1, 4, 7})
        for key in (11, 12):
            if key in fields:
                fields[key] = counted_from_1(fields[key], {0, 1, 2, 3})
        items.append({DRAFT_ITEMS[draft][key]: value for key, value in fields.items()})
    return {0: {1: block[0][0]}, 1: block[1], 2: tabled, 3: items, 4: []}


def draft_file(draft, *blocks):
    preamble = {0: 0, 1: 5, 3: {0: 5}} if draft == "05" else {0: 2, 1: {0: 5}}
    ident = "C-DNS" if draft == "05" else "DNS-STAT"
    return cbor([ident, preamble, [drafted(block, draft) for block in blocks]])


def draft_files(plain):
    pair, none = sign(QUERY | RESPONSE), sign(QUERY | RESPONSE | 16 | 32)
    questions = part(
        ["q1", "q2", "q3"],
        [sign(QUERY)],
        [item(0, _11={0: 0})],
        _4=[[1, 0]],
        _5=[{0: 2, 1: 0}, {0: 1, 1: 1}],
    )
    not_there = part(["x"], [pair, none], [item(0), item(0, signature=1), item(1), item(-1)])
    for draft in DRAFT_ITEMS:
        yield "draft-" + draft, draft_file(draft, plain)
        yield "draft-%s-questions" % draft, draft_file(draft, questions)
        yield "draft-%s-not-look-ups" % draft, draft_file(draft, not_there)
    yield "draft-and-rfc", draft_file("05", plain) + cdns(plain) + draft_file("02", plain)


def cdns_files():
    pair, query_only, response_only = sign(QUERY | RESPONSE), sign(QUERY), sign(RESPONSE)
    six = sign(QUERY, server=3)
    answers = {"_6": [[0]], "_7": [{0: 0, 1: 0, 2: 60, 3: 2}]}
    names = ["first", "second"]
    plain = part(
        names + [""],
        [pair, six],
        [item(0, _6=-5, _12={1: 0}), item(1, 1000000, 1, 2)],
        **answers,
    )
    yield "plain", cdns(plain)
    yield "open", cdns(plain, open_ended=True)
    yield "parts-in-another-order", cdns(dict(reversed(plain.items())))
    yield "two-files", cdns(plain, open_ended=True) + cdns(plain)
    rates = [parameters(), parameters(3), parameters(10**9)]
    yield "ticks", cdns(
        part(names, [query_only], [item(0, 999999)], (START, 999999)),
        part(["thirds"], [query_only], [item(0, 4)], (START, 1), 1),
        part(["nanoseconds"], [query_only], [item(0, 7)], (START, 0), 2),
        params=rates,
    )
    yield "questions", cdns(
        part(
            ["q1", "q2", "q3"],
            [query_only],
            [item(0, _11={0: 0})],
            _4=[[1, 0]],
            _5=[{0: 2, 1: 0}, {0: 1, 1: 1}],
        )
    )
    yield "questions-not-there", cdns(
        part(
            ["q1"],
            [query_only],
            [item(0, _11={0: 1}), item(0, _11={0: 0})],
            _4=[[0]],
            _5=[{0: 9, 1: 0}],
        )
    )
    yield "response-alone", cdns(part(["alone"], [response_only], [item(0)]))
    yield "nothing-said-of-the-message", cdns(part(["bare"], [{}], [item(0), item(0, _4=None)]))
    yield "not-look-ups", cdns(
        part(
            ["x"],
            [
                sign(QUERY | RESPONSE, {5: 5}),
                sign(QUERY | RESPONSE | 16 | 32),
                pair,
            ],
            [item(0), item(0, signature=1), item(0, signature=2)],
            more={4: [{0: 1, 2: 0, 3: 9}], 5: [{0: 1, 1: 0}, {0: 2}]},
        )
    )
    yield "left-out", cdns(
        part(
            ["x"],
            [pair],
            [item(0, client=None), item(None), item(0, offset=None), item(0, _3=None, _2=None)],
        ),
        part(["x"], [pair], [item(0)], when=None),
    )
    yield "bad-references", cdns(
        part(
            ["x"],
            [query_only, sign(QUERY, {8: 9})],
            [item(1), item(0, client=4), item(0, signature=2), item(0, signature=1), 7, item("x")],
        )
    )
    flagged = [parameters(more={5: 3, 6: 24, 7: 44})]
    short = part(["v4", "v6"], [query_only, six], [item(0), item(1, 1, 1, 1), item(0, client=2)])
    short[2][0] = [CLIENT[:3], CLIENT6[:6], CLIENT[:2], SERVER6]
    yield "prefixes", cdns(short, params=flagged)
    cut = cdns(plain, part(["third", "cut"], [query_only], [item(0), item(1)]))
    yield "cut-in-item", cut[:-3]
    yield "cut-in-tables", cut[:-120]
    yield "cut-between-blocks", cdns(plain, plain)[: len(cdns(plain))]
    yield "cut-in-preamble", cut[:20]
    yield "version-2", cdns(plain, version=2)
    yield "draft", cdns(plain, version=0)
    yield "older-draft", cdns(plain, ident="DNS-STAT", version=1)
    yield from draft_files(plain)
    yield "no-ticks", cdns(plain, params=[parameters(0)])
    yield "no-parameters", cdns(plain, params=[])
    yield "parameters-not-there", cdns(plain, part(names, [pair], [item(0)], index=1))
    yield "not-cbor", cdns(plain, Raw(b"\xa1\x00\x1c"))
    yield "block-is-a-number", cdns(plain, 7)
    yield "items-are-a-number", cdns({**plain, 3: 7})
    yield "too-deep", cdns(plain, Raw(b"\xa1\x00" + b"\x81" * 40 + b"\x00"))


# --- the same look-ups in three formats ---------------------------------------------------

ASKED = (("www", 0), ("mail", 7), ("www", 40))  # name, seconds; each answered 30 ms later


def same_look_ups():
    frames, taps, items, names = [], [], [], ["www", "mail", ""]
    for name, after in ASKED:
        ask_us, answer_us = (START + after) * 10**6, (START + after) * 10**6 + 30000
        frames.append((ask_us, ip4(udp(query(name), 40000))))
        frames.append(
            (answer_us, ip4(udp(response(name), 53, 40000), ends=(SERVER, CLIENT)))
        )
        taps.append(ask(name, seconds=START + after, nanoseconds=0))
        taps.append(answer(name, seconds=START + after, nanoseconds=30000000))
        items.append(item(names.index(name), after * 10**6, _6=30000, _12={1: 0}))
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for us, packet in frames:
        data += struct.pack("<IIII", us // 10**6, us % 10**6, len(packet), len(packet)) + packet
    save("same.pcap", data)
    save("same.dnstap", stream(*taps))
    block = part(
        names,
        [sign(QUERY | RESPONSE)],
        items,
        (START, 0),
        _6=[[0]],
        _7=[{0: 0, 1: 0, 2: 60, 3: 2}],
    )
    save("same.cdns", cdns(block))


def main():
    late_type()
    same_look_ups()
    for kind, files in (("dnstap", dnstap_files()), ("cdns", cdns_files())):
        for name, data in files:
            save("%s-%s.%s" % (kind, name, kind), data)
            save("../fuzz/corpus/fuzz_%s/%s" % (kind, name), data)


if __name__ == "__main__":
    main()
