"""What a TLS client asks for in its first message: the name, the protocols, the versions."""

import socket
import struct
import time

VERSIONS = {0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}


def describe(plain):
    """Lines about the ClientHello that waits in a socket, which stays there."""
    end = time.monotonic() + 2
    while True:
        waiting = plain.recv(16384, socket.MSG_PEEK)
        if len(waiting) >= 5 and len(waiting) >= 5 + struct.unpack_from("!H", waiting, 3)[0]:
            break
        if not waiting:  # connected, and went away: what for is nobody's business
            return []
        if waiting[0] != 22 or time.monotonic() > end:
            return ["no ClientHello"]
        time.sleep(0.005)
    if waiting[0] != 22 or waiting[5] != 1:
        return ["no ClientHello"]
    hello = waiting[9:5 + struct.unpack_from("!H", waiting, 3)[0]]
    extensions = dict(_extensions(hello))
    return [f"TLS name: {_name(extensions.get(0))}", f"TLS protocols: {_protocols(extensions.get(16))}",
            f"TLS versions: {_versions(extensions.get(43))}"]


def _extensions(hello):
    at = 34  # version and random
    at += 1 + hello[at]  # session
    at += 2 + struct.unpack_from("!H", hello, at)[0]  # cipher suites
    at += 1 + hello[at]  # compression
    at += 2
    while at + 4 <= len(hello):
        kind, length = struct.unpack_from("!HH", hello, at)
        yield kind, hello[at + 4:at + 4 + length]
        at += 4 + length


def _name(data):
    return data[5:].decode() if data else "none"


def _protocols(data):
    names, at = [], 2
    while data and at < len(data):
        names.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    return " ".join(names) or "none"


def _versions(data):
    if not data:
        return "up to TLS 1.2"
    numbers = struct.unpack_from(f"!{data[0] // 2}H", data, 1)
    return ", ".join(sorted(VERSIONS[each] for each in numbers if each in VERSIONS))
