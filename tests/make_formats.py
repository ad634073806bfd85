#!/usr/bin/python3
"""Write the look-ups of a capture in every format that dnsclaim reads.

usage: make_formats.py [--times N] CAPTURE FOLDER FORMAT...

FOLDER/FORMAT then holds them; --times repeats the capture N times, end to end. Standard
library only, and none of dnsclaim: the capture (pcap or pcapng; Ethernet or IP; UDP, and
TCP whose segments are in order) is read here. A format without a writer is an error, so
that whoever adds a format adds it here too. A format cannot spell every name
(UNSPELLABLE): look-ups for others are left out.
"""
import collections
import json
import os
import re
import socket
import struct
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "data"))
import make_frames as frames  # noqa: E402
from make_data import be16, be32  # noqa: E402

TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA",
         33: "SRV", 35: "NAPTR", 43: "DS", 46: "RRSIG", 48: "DNSKEY", 65: "HTTPS", 255: "ANY"}
RCODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DNS = 53

# Names in dnsclaim's spelling (\\DDD) that a format has no spelling for.
UNSPELLABLE = {"unbound": re.compile(r"[^-a-z0-9_*.]"),
               "dnsmasq": re.compile(r"\\(?!032|092)")}


# --- reading a capture --------------------------------------------------------------------


def packets_of_pcap(data):
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    unit = 1 if b"\x3c" in data[:4] else 1000
    link, = struct.unpack(order + "I", data[20:24])
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, n, _ = struct.unpack(order + "4I", data[at:at + 16])
        yield link, seconds * 10**9 + fraction * unit, data[at + 16:at + 16 + n]
        at += 16 + n


def packets_of_pcapng(data):
    """Little-endian, of one interface, times in microseconds: what nsd-live is."""
    at, link = 0, 0
    while at + 12 <= len(data):
        kind, n = struct.unpack("<2I", data[at:at + 8])
        if kind == 1:
            link, = struct.unpack("<H", data[at + 8:at + 10])
        elif kind == 6:
            _, high, low, cap = struct.unpack("<4I", data[at + 8:at + 24])
            yield link, (high << 32 | low) * 1000, data[at + 28:at + 28 + cap]
        at += n


def ip_of_link(link, data):
    if link == 1:
        return data[14:] if data[12:14] in (b"\x08\x00", b"\x86\xdd") else b""
    return data if link == 101 else b""


def transport_of_ip(data):
    """(protocol, source, target, payload), or None."""
    if data[:1] and data[0] >> 4 == 4:
        length, = struct.unpack(">H", data[2:4])
        return data[9], data[12:16], data[16:20], data[(data[0] & 15) * 4:length]
    if data[:1] and data[0] >> 4 == 6:
        length, = struct.unpack(">H", data[4:6])
        return data[6], data[8:24], data[24:40], data[40:40 + length]
    return None


class Streams:
    """The messages of TCP segments that come in order, once or again."""

    def __init__(self):
        self.next, self.held = {}, collections.defaultdict(bytes)

    def messages(self, key, segment):
        sequence, = struct.unpack(">I", segment[4:8])
        flags, data = segment[13], segment[(segment[12] >> 4) * 4:]
        if flags & 2:
            self.next[key], self.held[key] = (sequence + 1) % 2**32, b""
            sequence += 1
        seen = (self.next.setdefault(key, sequence) - sequence) % 2**32
        if seen >= len(data):
            return
        self.held[key] += data[seen:]
        self.next[key] = (sequence + len(data)) % 2**32
        while len(self.held[key]) >= 2:
            length, = struct.unpack(">H", self.held[key][:2])
            if len(self.held[key]) < 2 + length:
                return
            yield self.held[key][2:2 + length]
            self.held[key] = self.held[key][2 + length:]


def name_at(message, at):
    """(labels, what follows)"""
    labels = []
    while message[at]:
        if message[at] >= 0xc0:
            rest, _ = name_at(message, (message[at] & 63) << 8 | message[at + 1])
            return labels + rest, at + 2
        labels.append(message[at + 1:at + 1 + message[at]])
        at += 1 + message[at]
    return labels, at + 1


def parse(message, m):
    """Fill m from a DNS message."""
    m.id, flags, questions, answers, *more = struct.unpack(">6H", message[:12])
    m.response, m.opcode, m.rcode = flags >> 15, flags >> 11 & 15, flags & 15
    m.questions, m.ttl, m.dns, at = [], None, message, 12
    for _ in range(questions):
        labels, at = name_at(message, at)
        m.questions.append((labels, struct.unpack(">H", message[at:at + 2])[0]))
        at += 4
    for i in range(answers + sum(more)):
        _, at = name_at(message, at)
        kind, _, ttl, length = struct.unpack(">2HIH", message[at:at + 10])
        if i < answers:
            m.ttl = ttl if m.ttl is None else min(m.ttl, ttl)
        elif kind == 41:  # OPT: the upper bits of the code
            m.rcode |= ttl >> 24 << 4
        at += 10 + length
    return m


def messages_of_capture(path):
    """Each DNS message from or to port 53."""
    with open(path, "rb") as f:
        data = f.read()
    streams = Streams()
    packets = packets_of_pcapng if data[:4] == b"\x0a\x0d\x0d\x0a" else packets_of_pcap
    for link, t, packet in packets(data):
        found = transport_of_ip(ip_of_link(link, packet))
        if found is None or found[0] not in (6, 17):
            continue
        protocol, source, target, segment = found
        sport, dport = struct.unpack(">2H", segment[:4])
        if DNS not in (sport, dport):
            continue
        key = source, sport, target, dport
        for message in [segment[8:]] if protocol == 17 else streams.messages(key, segment):
            try:
                m = parse(message, SimpleNamespace(t=t))
            except (IndexError, struct.error):
                continue  # malformed, counted by no format
            m.client, m.port, m.server = (source, sport, target)
            if m.response:
                m.client, m.port, m.server = (target, dport, source)
            yield m


# --- spelling ---------------------------------------------------------------------------


def address(raw):
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def endpoint(m):
    text = address(m.client)
    return ("%s:%d" if len(m.client) == 4 else "[%s]:%d") % (text, m.port)


def spelt(labels, escape="\\%03d", keep=b""):
    """Presentation form, in the case of the capture."""
    return ".".join("".join(
        chr(c) if 0x20 < c < 0x7f and c not in b".\\" or c in keep else escape % c
        for c in label) for label in labels) or "."


def type_name(qtype):
    return TYPES.get(qtype, "TYPE%d" % qtype)


def rcode_name(rcode):
    return RCODES[rcode] if rcode < len(RCODES) else str(rcode)


def stamp(t, form):
    return time.strftime(form, time.gmtime(t // 10**9))


def seconds(t):
    return "%d.%09d" % divmod(t, 10**9)


def lookups(messages, format_name=None):
    """(message, labels, type) of each question of a query, spelt by that format."""
    bad = UNSPELLABLE.get(format_name)
    for m in messages:
        if not m.response and m.opcode == 0:
            for labels, qtype in m.questions:
                if not bad or not bad.search(spelt(labels).lower()):
                    yield m, labels, qtype


# --- a writer a format: from all messages to text or bytes --------------------------------


def pcap(messages):
    """Nanoseconds, without links; each message in a datagram of its own."""
    out = [struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101)]
    for m in messages:
        ends = [(m.client, m.port), (m.server, DNS)][::-1 if m.response else 1]
        (source, sport), (target, dport) = ends
        udp = be16(sport, dport, 8 + len(m.dns), 0) + m.dns
        if len(source) == 4:
            ip = be16(0x4500, 20 + len(udp), 0, 0, 64 << 8 | 17, 0) + source + target
        else:
            ip = be32(6 << 28) + be16(len(udp), 17 << 8 | 64) + source + target
        n = len(ip) + len(udp)
        out.append(struct.pack("<4I", *divmod(m.t, 10**9), n, n) + ip + udp)
    return b"".join(out)


def dnstap(messages):
    return frames.stream(*(frames.dnstap(
        "client_response" if m.response else "client_query", m.dns, *divmod(m.t, 10**9),
        client=m.client, server=m.server) for m in messages))


class Table:
    """Distinct values, and the place of each."""

    def __init__(self):
        self.places, self.values = {}, []

    def place(self, value):
        key = repr(value)
        if key not in self.places:
            self.places[key] = len(self.values)
            self.values.append(value)
        return self.places[key]


def cdns_item(m, start, t):
    """An item of one query or one response; t are the block's tables by their keys."""
    wire = [b"".join(bytes([len(x)]) + x for x in labels) + b"\0" for labels, _ in m.questions]
    kinds = [t[1].place({0: qtype, 1: 1}) for _, qtype in m.questions]
    places = [t[2].place(name) for name in wire]
    signature = {0: t[0].place(m.server), 1: DNS, 2: int(len(m.server) == 16),
                 4: frames.RESPONSE if m.response else frames.QUERY, 5: m.opcode}
    if m.response:
        signature[16] = m.rcode
    if kinds:
        signature[8] = kinds[0]
    else:
        signature[4] |= 32 if m.response else 16
    item = {0: m.t - start, 1: t[0].place(m.client), 2: m.port, 3: m.id,
            4: t[3].place(signature)}
    if places:
        item[7] = places[0]
    if len(places) > 1:
        more = [t[5].place({0: n, 1: k}) for n, k in list(zip(places, kinds))[1:]]
        item[12 if m.response else 11] = {0: t[4].place(more)}
    elif m.response and m.ttl is not None and places:
        record = t[7].place({0: places[0], 1: kinds[0], 2: m.ttl, 3: places[0]})
        item[12] = {1: t[6].place([record])}
    return item


def cdns(messages):
    blocks = []
    for at in range(0, len(messages), 5000):
        part = messages[at:at + 5000]
        start = min(m.t for m in part)
        tables = {key: Table() for key in range(8)}
        items = [cdns_item(m, start, tables) for m in part]
        blocks.append({0: {0: list(divmod(start, 10**9))},
                       2: {key: t.values for key, t in tables.items() if t.values}, 3: items})
    return frames.cdns(*blocks, params=[frames.parameters(10**9)])


def zeek(messages):
    yield "#separator \\x09"
    yield "#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns"
    yield "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttrans_id\tquery\tqtype"
    for m, labels, qtype in lookups(messages):
        name = spelt(labels, "\\x%02x") if labels else "(empty)"
        yield "\t".join((seconds(m.t), "C1", address(m.client), str(m.port), address(m.server),
                         "53", str(m.id), name, str(qtype)))


def zeek_json(messages):
    for m, labels, qtype in lookups(messages):
        cells = {"uid": "C1", "id.orig_h": address(m.client), "id.orig_p": m.port,
                 "id.resp_h": address(m.server), "id.resp_p": 53, "trans_id": m.id,
                 "query": spelt(labels) if labels else "", "qtype": qtype}
        yield '{"ts":%s,' % seconds(m.t) + json.dumps(cells)[1:]


def suricata_eve(messages):
    for m in messages:
        source, target = (m.server, m.client) if m.response else (m.client, m.server)
        event = {"timestamp": stamp(m.t, "%Y-%m-%dT%H:%M:%S") + ".%06d+0000" % (
                     m.t // 1000 % 10**6),
                 "event_type": "dns", "src_ip": address(source), "dest_ip": address(target),
                 "src_port": DNS if m.response else m.port,
                 "dest_port": m.port if m.response else DNS}
        for labels, qtype in m.questions if m.opcode == 0 else ():
            event["dns"] = {"type": "answer" if m.response else "query", "id": m.id,
                            "rrname": spelt(labels) if labels else "",
                            "rrtype": type_name(qtype)}
            if m.response:
                event["dns"]["rcode"] = rcode_name(m.rcode)
            yield json.dumps(event)


def cloudflare(messages):
    for m, labels, qtype in lookups(messages):
        yield json.dumps({"Datetime": stamp(m.t, "%Y-%m-%dT%H:%M:%SZ"),
                          "QueryName": spelt(labels), "QueryType": qtype,
                          "SrcIP": address(m.client), "SrcPort": m.port,
                          "DstIP": address(m.server)})


def adguard(messages):
    for m, labels, qtype in lookups(messages):
        yield json.dumps({"T": stamp(m.t, "%%Y-%%m-%%dT%%H:%%M:%%S.%09dZ" % (m.t % 10**9)),
                          "QH": spelt(labels).lower(), "QT": type_name(qtype), "QC": "IN",
                          "CP": "", "IP": address(m.client), "Result": {}, "Elapsed": 7})


def bind(messages):
    for m, labels, qtype in lookups(messages):
        day = stamp(m.t, "%d-{}-%Y %H:%M:%S").format(MONTHS[time.gmtime(m.t // 10**9)[1] - 1])
        name = spelt(labels)
        yield "%s.%03d queries: info: client @0x7f00 %s#%d (%s): query: %s IN %s + (%s)" % (
            day, m.t // 10**6 % 1000, address(m.client), m.port, name, name, type_name(qtype),
            address(m.server))


def unbound(messages):
    for m, labels, qtype in lookups(messages, "unbound"):
        line = "[%d] unbound[7:0] info: %s %s %s IN" % (
            m.t // 10**9, address(m.client), spelt(labels + [b""]) if labels else ".",
            type_name(qtype))
        yield line
        yield line + " NOERROR 0.000000 1 51"


def dnsmasq(messages):
    for m, labels, qtype in lookups(messages, "dnsmasq"):
        at = time.gmtime(m.t // 10**9)
        start = "%s %2d %s dnsmasq[7]: " % (
            MONTHS[at[1] - 1], at[2], stamp(m.t, "%H:%M:%S"))
        kind = TYPES.get(qtype, "type=%d" % qtype)
        name = spelt(labels, keep=b" \\")
        yield start + "query[%s] %s from %s" % (kind, name, address(m.client))
        yield start + "config %s is NXDOMAIN" % name


def powerdns(messages):
    """The Authoritative Server's line and both of the Recursor's, in turn."""
    for i, (m, labels, qtype) in enumerate(lookups(messages)):
        at = time.gmtime(m.t // 10**9)
        start = "%s %02d %s " % (MONTHS[at[1] - 1], at[2], stamp(m.t, "%H:%M:%S"))
        name, kind = spelt(labels), type_name(qtype)
        who = endpoint(m)
        if i % 3 == 0:
            yield start + "Remote %s wants '%s|%s', do = 0, bufsize = 512: packetcache MISS" % (
                address(m.client), name, kind)
        elif i % 3 == 1:
            yield start + "1 [1/1] question for '%s|%s' from %s" % (name, kind, who)
        else:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"')
            yield start + 'msg="Question" ts="%d.%03d" qname="%s" qtype="%s" remote="%s"' % (
                m.t // 10**9, m.t // 10**6 % 1000, quoted, kind, who)


def dnsdist(messages):
    """Nanoseconds without leading zeros, the id's bytes swapped."""
    for m, labels, qtype in lookups(messages):
        name = spelt(labels + [b""]) if labels else "."
        yield "[%d.%d] Packet from %s for %s %s with id %d" % (
            *divmod(m.t, 10**9), endpoint(m), name, type_name(qtype),
            int.from_bytes(m.id.to_bytes(2, "big"), "little"))


def counts(messages):
    total = collections.Counter(
        (address(m.client), spelt(labels), type_name(qtype), m.t // 10**9)
        for m, labels, qtype in lookups(messages))
    yield "client\tname\tqtype\tstart\tcount"
    for (client, name, kind, second), n in total.items():
        yield "%s\t%s\t%s\t%d\t%d" % (client, name, kind, second, n)


def delimited(messages):
    yield "time\tclient\tname\tqtype\tid\tport\tserver"
    for m, labels, qtype in lookups(messages):
        yield "\t".join((seconds(m.t), address(m.client), spelt(labels), type_name(qtype),
                         str(m.id), str(m.port), address(m.server)))


WRITERS = {"pcap": pcap, "dnstap": dnstap, "cdns": cdns, "zeek": zeek, "zeek-json": zeek_json,
           "suricata-eve": suricata_eve, "cloudflare": cloudflare, "adguard": adguard,
           "bind": bind, "unbound": unbound, "dnsmasq": dnsmasq, "powerdns": powerdns,
           "dnsdist": dnsdist, "counts": counts,
           "delimited": delimited}

# Formats that hold no look-up at a time, so that a capture cannot be written in them.
NO_LOOKUPS = {
    "cof": "counts of answers over intervals, of no client",
    "passivedns": "answers since the last line, by anybody",
}


def repeated(messages, times):
    """The same again and again, each time a whole number of seconds later."""
    ends = [m.t for m in messages]
    step = ((max(ends) - min(ends)) // 10**9 + 1) * 10**9
    return [SimpleNamespace(**{**vars(m), "t": m.t + i * step})
            for i in range(times) for m in messages]


def write(folder, name, messages):
    if name not in WRITERS:
        sys.exit("make_formats.py: expected a format with a writer, found '%s'; "
                 "add one to WRITERS" % name)
    made = WRITERS[name](messages)
    if not isinstance(made, bytes):
        made = "".join(line + "\n" for line in made).encode()
    with open(os.path.join(folder, name), "wb") as f:
        f.write(made)


def main(*args):
    times = 1
    if args[0] == "--times":
        times, args = int(args[1]), args[2:]
    capture, folder, *names = args
    messages = repeated(list(messages_of_capture(capture)), times)
    for name in names:
        write(folder, name, messages)


if __name__ == "__main__":
    main(*sys.argv[1:])
