#!/usr/bin/python3
"""Ask a DNS server on loopback a fixed list of questions.

usage: ask.py PORT

Standard library only. Each message leaves in the first seven tenths of a second by the
clock, so that a server which logs it within the other three logs the same second as a
capture. The list is gone through twice, with a second of silence between; what the
second round asks again, it asks from the same port with the same id. Prints how many
queries were sent and how many were answered.
"""
import socket
import struct
import sys
import time

CLIENTS = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
CLIENT6 = "::1"
TYPES = {"A": 1, "NS": 2, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
         "DS": 43, "HTTPS": 65, "ANY": 255, "TYPE65280": 65280}
IN, CH = 1, 3
RD, AD = 0x0100, 0x0020

# Bytes that text has to escape, each as the label before example.test.
ODD_LABELS = [b"a.b", b"a b", b"a\\b", b"a\tb", b"a\"b", b"a,b", b"a(b", b"a;b", b"a@b", b"a$b",
              b"a'b", b"a/b", b"a#b", b"a:b", b"a\x00b", b"a\xffb", b"a\x7fb", b"xn--bcher-kva",
              b"_sip._tcp", b"*", b"query: ", b" is ", b" from "]


def wire(labels):
    return b"".join(bytes([len(x)]) + x for x in labels) + b"\0"


def name(text):
    return wire([x.encode() for x in text.split(".") if x])


def edns(flags=0, options=b""):
    return b"\0" + struct.pack(">HHIH", 41, 1232, flags, len(options)) + options


CLIENT_SUBNET = struct.pack(">HHHBB", 8, 7, 1, 24, 0) + bytes([198, 51, 100])


def message(number, qname, qtype, flags=RD, qclass=IN, extra=b""):
    header = struct.pack(">6H", number, flags, 1, 0, 0, 1 if extra else 0)
    return header + qname + struct.pack(">HH", TYPES[qtype], qclass) + extra


def plain_questions():
    """(name on the wire, type, what else message() takes)"""
    www = name("www.example.test")
    for qtype in TYPES:
        yield www, qtype, {}
    yield name("wWw.eXaMpLe.TeSt"), "A", {}
    yield name("WWW.EXAMPLE.TEST"), "AAAA", {}
    yield name("no-such.example.test"), "A", {}
    yield name("No-Such.example.test"), "MX", {}
    yield name("alias.example.test"), "A", {}
    yield name("1.2.0.192.in-addr.arpa"), "PTR", {}
    yield name("www.example.org"), "A", {}
    yield wire([]), "NS", {}
    yield wire([b"x" * 63, b"y" * 63, b"z" * 63, b"w" * 48, b"example", b"test"]), "A", {}
    yield www, "A", {"extra": edns()}
    yield www, "AAAA", {"extra": edns(0x8000)}
    yield www, "TXT", {"extra": edns(0, CLIENT_SUBNET)}
    yield www, "MX", {"flags": RD | AD}
    yield name("quiet.example.test"), "A", {"flags": 0}
    yield name("version.bind"), "TXT", {"qclass": CH}
    for label in ODD_LABELS:
        yield wire([label, b"example", b"test"]), "A", {}


def not_questions():
    """What is no look-up, and gets an error or no answer."""
    www = name("www.example.test")
    yield message(90, www, "A", flags=0x8180)  # a response
    for opcode in (1, 2, 4, 5):  # IQUERY, STATUS, NOTIFY, UPDATE
        yield message(90 + opcode, name("example.test"), "SOA", flags=opcode << 11)
    yield struct.pack(">6H", 97, RD, 0, 0, 0, 0)  # no question
    yield message(98, www, "A")[:-2]  # cut in the question
    yield b"\0\1\2"


class Sender:
    def __init__(self, port):
        self.port, self.sent, self.answered = port, 0, 0
        self.sockets = {}

    def socket_from(self, client, number):
        """The same for the same (client, number), so that the port is the same."""
        if (client, number) not in self.sockets:
            family = socket.AF_INET6 if ":" in client else socket.AF_INET
            udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.bind((client, 0))
            udp.connect(("::1" if ":" in client else "127.0.0.1", self.port))
            self.sockets[client, number] = udp
        return self.sockets[client, number]

    def wait_for_answers(self, reader, expected, seconds=1.0):
        reader.settimeout(seconds)
        try:
            while expected > 0 and reader.recv(65535):
                expected -= 1
                self.answered += 1
        except OSError:  # no answer in time, or the server closed the connection
            pass

    def udp(self, client, number, data, answers=1):
        wait_for_first_part_of_a_second()
        udp = self.socket_from(client, number)
        udp.send(data)
        self.sent += answers
        self.wait_for_answers(udp, answers, 1.0 if answers else 0.02)

    def tcp(self, client, messages):
        """All in one segment of one connection."""
        wait_for_first_part_of_a_second()
        family = socket.AF_INET6 if ":" in client else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as tcp:
            tcp.bind((client, 0))
            tcp.settimeout(5.0)  # a busy machine
            tcp.connect(("::1" if ":" in client else "127.0.0.1", self.port))
            tcp.sendall(b"".join(struct.pack(">H", len(m)) + m for m in messages))
            self.sent += len(messages)
            stream = tcp.makefile("rb")
            try:
                for _ in messages:
                    length, = struct.unpack(">H", stream.read(2))
                    stream.read(length)
                    self.answered += 1
            except (OSError, struct.error):
                pass


def wait_for_first_part_of_a_second():
    now = time.time() % 1
    if not 0.05 < now < 0.7:
        time.sleep((1.05 - now) % 1)


def one_round(sender):
    for i, (qname, qtype, more) in enumerate(plain_questions()):
        client = CLIENTS[i % len(CLIENTS)]
        sender.udp(client, i, message(1000 + i, qname, qtype, **more))
        if i % 5 == 0:  # asked again: a retry
            sender.udp(client, i, message(1000 + i, qname, qtype, **more))
        if i % 4 == 0:
            sender.udp(CLIENT6, i, message(2000 + i, qname, qtype, **more))
    www, txt = name("www.example.test"), name("TCP.example.test")
    sender.tcp(CLIENTS[0], [message(3000, www, "A")])
    sender.tcp(CLIENTS[1], [message(3001 + i, txt, t) for i, t in enumerate(("A", "AAAA", "TXT"))])
    sender.tcp(CLIENT6, [message(3010, www, "MX")])


def main(port):
    sender = Sender(int(port))
    one_round(sender)
    time.sleep(2)
    one_round(sender)
    for i, data in enumerate(not_questions()):
        sender.udp(CLIENTS[0], 500 + i, data, answers=0)
    print("%d sent, %d answered" % (sender.sent, sender.answered))


if __name__ == "__main__":
    main(*sys.argv[1:])
