#!/usr/bin/python3
"""Write the made captures beside this file, and the seeds in tests/fuzz/corpus.

Standard library only, no clock and no chance: the same bytes each time. Each file
is named for what is in it, or for its fault. Every query is for NAME.example, A,
where NAME says which packet it was, from 192.0.2.1 (or 2001:db8::1) to .53.
"""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 53])
CLIENT6 = bytes.fromhex("20010db8000000000000000000000001")
SERVER6 = bytes.fromhex("20010db8000000000000000000000053")
START = 1469012133  # 2016-07-20T10:55:33Z


def be16(*values):
    return struct.pack(">%dH" % len(values), *values)


def be32(*values):
    return struct.pack(">%dI" % len(values), *values)


# --- DNS -------------------------------------------------------------------------------


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def message(question, flags=0x0100, counts=(1, 0, 0, 0), ident=0x1234, rest=b""):
    return be16(ident, flags, *counts) + question + rest


def query(name, **more):
    return message(wire(name + ".example") + be16(1, 1), **more)


def stream(*messages):
    return b"".join(be16(len(m)) + m for m in messages)


# --- IP --------------------------------------------------------------------------------


def ip4(
    payload, protocol=17, options=b"", ident=1, fragment=0, ends=(CLIENT, SERVER), length=None
):
    header = 20 + len(options)
    total = header + len(payload) if length is None else length
    return (
        bytes([0x40 | header // 4, 0])
        + be16(total, ident, fragment)
        + bytes([64, protocol])
        + be16(0)
        + ends[0]
        + ends[1]
        + options
        + payload
    )


def ip6(payload, protocol=17):
    return (
        be32(6 << 28) + be16(len(payload)) + bytes([protocol, 64]) + CLIENT6 + SERVER6 + payload
    )


def udp(payload, source=4000, target=53, length=None):
    return be16(source, target, 8 + len(payload) if length is None else length, 0) + payload


def tcp(payload, seq, flags=0x18, source=4000, target=53):
    return (
        be16(source, target)
        + be32(seq % 2**32, 1)
        + bytes([0x50, flags])
        + be16(65535, 0, 0)
        + payload
    )


def ask(name, **more):
    return ip4(udp(query(name), **more))


# --- files -----------------------------------------------------------------------------


def save(file, data):
    path = os.path.join(HERE, file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


def ethernet(payload, kind=0x0800):
    return bytes(11) + b"\1" + be16(kind) + payload


def pcap(file, packets, link=1, order="<", magic=0xA1B2C3D4, snaplen=262144, step=1, first=0):
    """packets: frames, or (frame, captured length); one each `step` seconds, from `first`."""
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)
    for i, packet in enumerate(packets):
        frame, kept = packet if isinstance(packet, tuple) else (packet, len(packet))
        data += struct.pack(order + "IIII", START + first + i * step, 123456, kept, len(frame))
        data += frame[:kept]
    save(file, data)
    return data


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(interfaces, packets, order="<"):
    """interfaces: (link type, snaplen, if_tsresol[, if_tsoffset]); packets: (interface,
    ticks, frame)."""
    data = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    for link, snaplen, resolution, *offset in interfaces:
        options = struct.pack(order + "HHB3x", 9, 1, resolution)
        for seconds in offset:
            options += struct.pack(order + "HHq", 14, 8, seconds)
        options += bytes(4)
        data += block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)
    for interface, ticks, frame in packets:
        fixed = struct.pack(
            order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)
        )
        data += block(6, fixed + frame, order)
    return data


def pcapngs():
    frame, bare = ethernet(ask("first")), ask("second")
    half = START << 10 | 512  # 2^-10 s
    save(
        "pcapng.pcapng",
        section(
            [(1, 262144, 6), (1, 262144, 0x8A)],
            [(0, START * 10**6 + 250000, frame), (1, half, ethernet(bare))],
        ),
    )
    two = section(
        [(1, 262144, 9), (101, 65535, 6)],
        [(0, START * 10**9 + 7, frame), (1, START * 10**6 + 8, bare)],
    )
    save("pcapng-two-links.pcapng", two)
    ticks = START * 10**6 + 1
    save(
        "pcapng-sections.pcapng",
        section([(1, 65535, 6)], [(0, ticks, ethernet(ask("little")))])
        + section(
            [(101, 65535, 6), (101, 65535, 6, 3600)],
            [(0, ticks, ask("big")), (1, ticks, ask("offset"))],
            ">",
        ),
    )
    save(
        "pcapng-simple-packet.pcapng",
        section([(101, 65535, 6)], []) + block(3, struct.pack("<I", len(bare)) + bare),
    )
    save("pcapng-cut.pcapng", two[:-9])
    save("pcapng-no-interface.pcapng", section([], [(0, 0, bare)]))
    save(
        "pcapng-bad-length.pcapng",
        section([(101, 65535, 6)], [(0, ticks, bare)]) + struct.pack("<II", 6, 33) + bytes(33),
    )


def links():
    inner = ask("nflog")
    snap = bytes.fromhex("aaaa03000000") + be16(0x0800)
    wlan = bytes.fromhex("0801") + bytes(22) + snap
    pcap("link-null.pcap", [struct.pack("<I", 2) + ask("null")], 0)
    pcap("link-null-swapped.pcap", [struct.pack(">I", 2) + ask("null-swapped")], 0)
    pcap("link-loop.pcap", [be32(2) + ask("loop")], 108)
    pcap("link-raw.pcap", [ask("raw"), ip6(udp(query("raw-6")))], 101)
    pcap("link-ipv4.pcap", [ask("ipv4")], 228)
    pcap("link-ipv6.pcap", [ip6(udp(query("ipv6")))], 229)
    pcap("link-ppp.pcap", [be16(0xFF03, 0x21) + ask("ppp"), b"\x21" + ask("ppp-short")], 9)
    pcap("link-fddi.pcap", [bytes(13) + snap + ask("fddi")], 10)
    pcap("link-802.11.pcap", [wlan + ask("wlan")], 105)
    pcap(
        "link-radiotap.pcap", [bytes.fromhex("0000080000000000") + wlan + ask("radiotap")], 127
    )
    pcap("link-sll.pcap", [be16(0, 1, 6, 0, 0, 0, 0, 0x0800) + ask("sll")], 113)
    pcap(
        "link-nflog.pcap",
        [
            bytes([2, 0, 0, 0])
            + struct.pack("<HHI", 8, 1, 0)
            + struct.pack("<HH", 4 + len(inner), 9)
            + inner
        ],
        239,
    )
    pcap("link-unknown.pcap", [ask("unknown")], 147)


def tunnels():
    def gre(kind, payload, flags=0, fields=b""):
        return ip4(be16(flags, kind) + fields + payload, 47)

    outer = (bytes([198, 51, 100, 1]), bytes([198, 51, 100, 2]))

    def over_udp(port, payload):
        return ip4(udp(payload, 5000, port), ends=outer)

    options = bytes([1, 1, 1, 0])
    hop = bytes([17, 0, 1, 4, 0, 0, 0, 0])
    tag = be16(7)
    frames = [
        ethernet(ask("plain")),
        ethernet(tag + be16(0x0800) + ask("vlan"), 0x8100),
        ethernet(tag + be16(0x8100) + tag + be16(0x0800) + ask("qinq"), 0x88A8),
        ethernet(be32(0x00064000) + be32(0x00064140) + ask("mpls"), 0x8847),
        ethernet(
            bytes.fromhex("11000001") + be16(2 + len(ask("pppoe")), 0x21) + ask("pppoe"), 0x8864
        ),
        ethernet(ip4(udp(query("options")), options=options)),
        ethernet(ip6(udp(query("ipv6"))), 0x86DD),
        ethernet(ip6(hop + udp(query("hop-by-hop")), 0), 0x86DD),
        ethernet(ip4(ask("ipip"), 4, ends=outer)),
        ethernet(ip4(ip6(udp(query("6in4"))), 41, ends=outer)),
        ethernet(gre(0x0800, ask("gre"))),
        ethernet(gre(0x0800, ask("gre-key"), 0x2000, be32(99))),
        ethernet(gre(0x6558, ethernet(ask("gre-bridge")))),
        ethernet(gre(0x88BE, be32(0x10000000, 0) + ethernet(ask("erspan-2")), 0x1000, be32(1))),
        ethernet(gre(0x88BE, ethernet(ask("erspan-1")))),
        ethernet(over_udp(4789, be32(0x08000000, 0x100) + ethernet(ask("vxlan")))),
        ethernet(over_udp(6081, be16(0, 0x6558) + be32(0x100) + ethernet(ask("geneve")))),
        ethernet(
            over_udp(2152, bytes([0x30, 255]) + be16(len(ask("gtpu"))) + be32(5) + ask("gtpu"))
        ),
        ethernet(
            over_udp(
                2152,
                bytes([0x32, 255])
                + be16(4 + len(ask("gtpu-seq")))
                + be32(5, 0)
                + ask("gtpu-seq"),
            )
        ),
        ethernet(over_udp(3544, ip6(udp(query("teredo"))))),
        ethernet(ask("padding") + b"\0\0\0padding that is not data"),
    ]
    pcap("tunnels.pcap", frames)


def fragments():
    data = udp(query("in-three-fragments"))
    more = 0x2000
    pieces = [(0, 16), (16, 32), (32, len(data))]

    def four(a, b, ident=7):
        return ip4(data[a:b], ident=ident, fragment=a // 8 | (more if b < len(data) else 0))

    data6 = udp(query("in-three-fragments-6"))

    def six(a, b):
        last = b >= len(data6)
        return ip6(bytes([17, 0]) + be16(a | (0 if last else 1)) + be32(7) + data6[a:b], 44)

    pcap(
        "fragments.pcap",
        [four(*pieces[2]), four(*pieces[0]), four(*pieces[1])]
        + [six(16, 32), six(32, len(data6)), six(0, 16)],
        101,
    )
    pcap("fragment-lost.pcap", [four(*pieces[0]), four(*pieces[2]), ask("after")], 101)
    pcap(
        "fragments-too-late.pcap",
        [four(*pieces[0]), four(*pieces[1]), four(*pieces[2])],
        101,
        step=31,
    )
    pcap(
        "fragment-past-the-end.pcap",
        [
            ip4(bytes(16), fragment=0x1FFF | more),
            four(*pieces[2], 9),
            ip4(bytes(96), ident=9, fragment=more),
            ask("after"),
        ],
        101,
    )


def segments():
    """One connection a file: `at` counts from the first byte of data."""
    isn = 0xFFFFFFF0  # wraps inside the first message

    def syn(data=b"", number=isn):
        return ip4(tcp(data, number, 2), 6)

    def send(at, data, number=isn):
        return ip4(tcp(data, number + 1 + at), 6)

    one, two, three = (stream(query(n)) for n in ("one", "two", "three"))
    whole = one + two + three
    padded = stream(query("padded", counts=(1, 0, 0, 1), rest=bytes(40)))
    second, third, cut = len(one), len(one + two), len(one) + 5
    cases = {
        "one-by-one": [syn(), send(0, one), send(second, two)],
        "many-in-one": [syn(), send(0, whole)],
        "length-alone": [syn(), send(0, one[:2]), send(2, one[2:])],
        "byte-by-byte": [syn()] + [send(i, one[i : i + 1]) for i in range(len(one))],
        "over-borders": [syn(), send(0, whole[:cut]), send(cut, whole[cut:])],
        "out-of-order": [syn(), send(cut, whole[cut:]), send(0, whole[:cut])],
        "overlap": [syn(), send(0, whole[:cut]), send(cut - 9, whole[cut - 9 :])],
        "retransmission": [syn(), send(0, one), send(0, one), syn(), send(second, two)],
        "mid-stream": [send(0, one[9:]), send(len(one) - 9, two)],
        "hole": [syn(), send(0, one), send(third, three)],
        "hole-in-message": [syn(), send(0, one[:-3]), send(third, three)],
        "hole-behind-question": [syn(), send(0, padded[:-9]), send(len(padded), three)],
        "fast-open": [syn(one), send(second, two)],
        "port-used-again": [syn(), send(0, one[:9]), syn(number=5000), send(0, two, 5000)],
        "no-length": [syn(), send(0, b"\0\3abcdef"), send(8, two)],
    }
    for name, packets in cases.items():
        pcap("tcp-" + name + ".pcap", packets, 101)


def rotated():
    """One capture, and the same cut inside a TCP message, before a hole, and a datagram."""
    data = udp(query("in-three-fragments"))
    one, two, three = (stream(query(n)) for n in ("one", "two", "three"))
    whole = one + two + three
    cut, third = len(one) + 5, len(one + two)

    def piece(a, b):
        more = 0x2000 if b < len(data) else 0
        return ip4(data[a:b], ident=7, fragment=a // 8 | more)

    def send(a, b):
        return ip4(tcp(whole[a:b], 1001 + a), 6)

    before = [ask("before"), ip4(tcp(b"", 1000, 2), 6), send(0, cut), send(third, len(whole))]
    before += [piece(0, 16)]
    after = [piece(32, len(data)), send(cut, third), piece(16, 32), ask("after")]
    pcap("rotated.pcap", before + after, 101)
    pcap("rotated-1.pcap", before, 101)
    pcap("rotated-2.pcap", after, 101, first=len(before))
    pcap("rotated-overlaps.pcap", after, 101, first=len(before) - 2)
    pcap("rotated-late.pcap", after, 101, first=len(before) + 30)
    ticks = [(START + len(before) + i) * 10**6 + 123456 for i in range(len(after))]
    frames = [(0, t, ethernet(frame)) for t, frame in zip(ticks, after)]
    save("rotated-2.pcapng", section([(1, 262144, 6)], frames))


def faults():
    loop = wire("a")[:-1] + be16(0xC00C) + be16(1, 1)
    label = "a" * 63
    longest = ".".join([label, label, label, "a" * 61])
    pcap("pointer-loop.pcap", [ip4(udp(message(loop)))], 101)
    pcap("pointer-out-of-message.pcap", [ip4(udp(message(be16(0xC0FF) + be16(1, 1))))], 101)
    pcap("extended-label.pcap", [ip4(udp(message(b"\x41\3" + be16(1, 1))))], 101)
    pcap("name-of-255-octets.pcap", [ip4(udp(message(wire(longest) + be16(1, 1))))], 101)
    pcap("name-of-256-octets.pcap", [ip4(udp(message(wire(longest + "a") + be16(1, 1))))], 101)
    pcap("name-of-all-bytes.pcap", [ip4(udp(message(b"\6.\\\0\x80 A\0" + be16(1, 1))))], 101)
    full = ask("cut-behind-the-question")
    pcap("packet-cut-in-question.pcap", [(ask("cut"), 45), ask("after")], 101)
    long = ip4(udp(query("cut-behind-the-question", rest=bytes(40), counts=(1, 0, 0, 1))))
    pcap("packet-cut-behind-question.pcap", [(long, len(full) + 4)], 101)
    pcap(
        "message-ends-in-question.pcap", [ip4(udp(query("ends")[:-3])), ip4(udp(b"short"))], 101
    )
    record = b"\xc0\x0c" + be16(1, 1, 0, 60, 400)  # says 400 bytes of data, has none
    pcap(
        "bad-answer.pcap",
        [
            ip4(
                udp(
                    query("bad-answer", flags=0x8180, counts=(1, 1, 0, 0), rest=record),
                    53,
                    4000,
                )
            )
        ],
        101,
    )
    pcap(
        "two-questions.pcap",
        [
            ip4(
                udp(
                    message(
                        wire("q1.example") + be16(1, 1) + wire("q2.example") + be16(28, 1),
                        counts=(2, 0, 0, 0),
                    )
                )
            )
        ],
        101,
    )
    many = b"".join(b"\0" + be16(kind, 1) for kind in range(1, 4098))
    pcap("many-questions.pcap", [ip4(udp(message(many, counts=(4097, 0, 0, 0))))], 101)
    pcap(
        "fewer-questions-than-said.pcap", [ip4(udp(query("said-9", counts=(9, 0, 0, 0))))], 101
    )
    pcap(
        "not-look-ups.pcap",
        [
            ip4(udp(query("update", flags=0x2800))),
            ip4(udp(message(b"", counts=(0, 0, 0, 0)))),
            ip4(udp(query("mdns"), 5353, 5353)),
            ip4(udp(query("llmnr"), 4000, 5355)),
            ip4(udp(query("nbns"), 137, 137)),
            ip4(bytes([3, 3]) + bytes(6) + ask("quoted"), 1),
            ip4(udp(query("elsewhere"), 4000, 5300)),
            ip4(bytes(20), 132),
        ],
        101,
    )
    pcap(
        "bad-headers.pcap",
        [
            ip4(udp(query("ip-length")), length=12),
            b"\x4f" + ip4(udp(query("ip-header")))[1:30],
            ip4(udp(query("udp-length"), length=5)),
            ip4(tcp(b"", 1)[:12] + b"\x10" + tcp(b"", 1)[13:], 6),
            b"\x45\0",
        ],
        101,
    )
    pcap(
        "query-from-port-53.pcap",
        [ip4(udp(query("from-53"), 53, 53)), ip4(udp(query("to-4000"), 53, 4000))],
        101,
    )


def subnets():
    """A resolver asks for a /24, for one IPv6 address, for nobody (0 bits), for nobody named."""

    def asking(name, *subnet):
        option = be16(8, len(subnet)) + bytes(subnet) if subnet else b""
        opt = b"\0" + be16(41, 4096, 0, 0, len(option)) + option
        return ip4(udp(query(name, counts=(1, 0, 0, 1), rest=opt)))

    v6 = bytes.fromhex("20010db8000000000000000000000007")
    pcap(
        "client-subnet.pcap",
        [
            asking("for-a-24", 0, 1, 24, 0, 198, 51, 100),
            asking("for-one", 0, 2, 128, 0, *v6),
            asking("for-nobody", 0, 1, 0, 0),
            ask("unnamed"),
        ],
        101,
    )


def corpus():
    """Seeds of the fuzz targets: messages, and captures small enough to mutate."""
    record = b"\xc0\x0c" + be16(1, 1, 0, 60, 4) + bytes(4)
    option = b"\0" + be16(41, 4096, 256, 0, 0)
    seeds = {
        "query": query("query"),
        "answer": query("answer", flags=0x8180, counts=(1, 2, 0, 0), rest=2 * record),
        "edns": query("edns", flags=0x8180, counts=(1, 1, 0, 1), rest=record + option),
        "two-questions": message(
            wire("a") + be16(1, 1) + b"\1b\xc0\x0c" + be16(28, 1), counts=(2, 0, 0, 0)
        ),
        "pointer-loop": message(b"\1a\xc0\x0c" + be16(1, 1)),
        "only-a-header": message(b"", counts=(0, 0, 0, 0)),
    }
    for name, seed in seeds.items():
        save("../fuzz/corpus/fuzz_dns/" + name, seed)
    for name in (
        "tunnels.pcap",
        "fragments.pcap",
        "fragment-past-the-end.pcap",
        "tcp-hole.pcap",
        "tcp-out-of-order.pcap",
        "tcp-overlap.pcap",
        "tcp-no-length.pcap",
        "link-802.11.pcap",
        "link-nflog.pcap",
        "link-ppp.pcap",
        "bad-headers.pcap",
        "file-cut.pcap",
        "pcapng.pcapng",
        "pcapng-two-links.pcapng",
        "pcapng-sections.pcapng",
        "pcapng-cut.pcapng",
    ):
        with open(os.path.join(HERE, name), "rb") as source:
            save("../fuzz/corpus/fuzz_pcap/" + name, source.read())


def main():
    links()
    tunnels()
    fragments()
    segments()
    rotated()
    faults()
    two = [ethernet(ask("first")), ethernet(ask("second"))]
    pcap("big-endian.pcap", two, order=">")
    pcap("nanoseconds.pcap", two, magic=0xA1B23C4D)
    data = pcap("file-cut.pcap", two)
    save("file-cut.pcap", data[:-7])
    pcapngs()
    subnets()
    corpus()


if __name__ == "__main__":
    main()
