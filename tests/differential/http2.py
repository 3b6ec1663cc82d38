"""Just enough of HTTP/2 (RFC 9113) to be a gRPC health server, well or misbehaving."""

import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACKNOWLEDGED, END_HEADERS = 1, 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def fields(**named):
    """A header block without compression (RFC 7541, 6.2.2); _ in a name is -, and `status` is the pseudo one."""
    block = b""
    for name, value in named.items():
        name = ":status" if name == "status" else name.replace("_", "-")
        for text in (name.encode(), str(value).encode()):
            block += (b"\0" if text == name.encode() else b"") + bytes([len(text)]) + text
    return block


class Call:
    """One request of a client: its stream, and its message without gRPC's five bytes before it."""

    def __init__(self, stream, message):
        self.stream = stream
        self.message = message


def read_call(connection):
    connection.read_exactly(len(PREFACE))
    connection.send(frame(SETTINGS, 0, 0))
    message = b""
    while True:
        head = connection.read_exactly(9)
        payload = connection.read_exactly(struct.unpack("!I", b"\0" + head[:3])[0])
        kind, flags, stream = struct.unpack("!BBI", head[3:])
        if kind == SETTINGS and not flags & ACKNOWLEDGED:
            connection.send(frame(SETTINGS, ACKNOWLEDGED, 0))
        elif kind == PING and not flags & ACKNOWLEDGED:
            connection.send(frame(PING, ACKNOWLEDGED, 0, payload))
        elif kind == DATA:
            message += payload
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            connection.hear(f"asked for {message[5:]!r}")
            return Call(stream, message[5:])


def grpc(answer):
    """A script; `answer`: (connection, call) -> None. Afterwards the client may hang up when it likes."""

    def script(connection):
        answer(connection, read_call(connection))
        connection.stall()

    return script


def health(status, code=0):
    """The answer of a health service: its status (1 SERVING, 2 NOT_SERVING, ...) and gRPC's code."""

    def answer(connection, call):
        message = b"\x08" + bytes([status]) if status else b""
        connection.send(frame(HEADERS, END_HEADERS, call.stream, fields(status=200, content_type="application/grpc")))
        connection.send(frame(DATA, 0, call.stream, b"\0" + struct.pack("!I", len(message)) + message))
        connection.send(frame(HEADERS, END_HEADERS | END_STREAM, call.stream, fields(grpc_status=code)))

    return answer


def code_only(code, http_status=200, content_type="application/grpc"):
    """An answer of headers alone."""
    named = {"status": http_status, "content_type": content_type, **({"grpc_status": code} if code is not None else {})}
    return lambda connection, call: connection.send(frame(HEADERS, END_HEADERS | END_STREAM, call.stream, fields(**named)))


def by_service(connection, call):
    name = call.message[2:].decode()
    health({"": 1, "well": 1, "sick": 2, "odd": 3, "unsaid": 0}.get(name, 0), 0 if name in ("", "well", "sick", "odd", "unsaid") else 5)(
        connection, call)
