"""Name servers, well and misbehaving: functions that make the messages for a question, over UDP, TCP and TLS."""

import struct
from listeners import Gone

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, CAA, ANY = 1, 2, 5, 6, 12, 15, 16, 28, 33, 257, 255
POINTER = b"\xc0\x0c"  # to the question's name


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.rstrip(".").split(".") if label) + b"\0"


def record(kind, data, owner=POINTER, ttl=3600, of_class=1):
    return owner + struct.pack("!HHIH", kind, of_class, ttl, len(data)) + data


def soa(serial):
    return name("ns.example") + name("admin.example") + struct.pack("!5I", serial, 7200, 3600, 1209600, 300)


def question_of(query):
    """The bytes of the question section."""
    at = 12
    while query[at]:
        at += 1 + query[at]
    return query[12:at + 5]


def message(query, rcode=0, answers=(), authority=(), additional=(), flags=0x8580, identity=None, question=True, counts=None):
    body = (question_of(query) if question else b"") + b"".join([*answers, *authority, *additional])
    counts = counts or (1 if question else 0, len(answers), len(authority), len(additional))
    identity = identity if identity is not None else struct.unpack("!H", query[:2])[0]
    return struct.pack("!HHHHHH", identity, flags | rcode, *counts) + body


def over_udp(make):
    """A script for Udp. `make`: query -> messages."""

    def script(packet, hear):
        hear(f"{len(packet)} bytes, {packet[2:].hex()}")  # all but the identity, which is random
        return make(packet)

    return script


def over_tcp(make):
    def script(connection):
        while True:
            query = connection.read_exactly(struct.unpack("!H", connection.read_exactly(2))[0])
            connection.hear(f"{len(query)} bytes, {query[2:].hex()}")
            for each in make(query):
                if each is None:
                    raise Gone
                connection.send(struct.pack("!H", len(each)) + each)

    return script


def answers_with(**sections):
    return lambda query: [message(query, **sections)]
