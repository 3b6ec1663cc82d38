"""websocket: the upgrade and a dialogue, with servers that do it well and otherwise. Only versions after 0.28 have the prober."""

import base64
import hashlib

from case import Case, Tcp
from http_scripts import answers, read_request, response

TEXT, BINARY, PING, CLOSE, FINAL = 1, 2, 9, 8, 0x80
TRUSTED = {"tls_config": {"ca_file": "@folder@/ca.pem"}}


def frame(payload, kind=FINAL | TEXT):
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([kind]) + size + payload


def read_frame(connection):
    """(first byte, payload without its mask)"""
    first, size = connection.read_exactly(2)
    mask, payload = connection.read_exactly(4), connection.read_exactly(size & 0x7F)
    return first, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def upgrade(connection, *headers):
    key = read_request(connection).headers.get("sec-websocket-key", "")
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    connection.send(response(b"", "101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", *(headers or [f"Sec-WebSocket-Accept: {accept}"]),
                             length=None))


def says(*frames):
    """Upgrades, sends these, then hears whatever comes until the peer is gone."""

    def script(connection):
        upgrade(connection)
        for each in frames:
            connection.send(each)
        while True:
            first, payload = read_frame(connection)
            connection.hear(f"{first:02x} {payload!r}")

    return script


def echo(connection):
    upgrade(connection)
    while True:
        first, payload = read_frame(connection)
        connection.hear(f"{first:02x} {payload!r}")
        connection.send(frame(payload, first))


def websocket(title, script=echo, target="ws://@server@/path", tls=None, **block):
    return Case("websocket_" + title, "websocket", target, block, Tcp(script, tls), since="0.29")


def dialogue(title, script, *steps, **block):
    return websocket(title, script, query_response=list(steps), **block)


CASES = [
    websocket("plain"), Case("websocket_without_block", "websocket", "ws://@server@/", None, Tcp(echo), since="0.29"),
    websocket("query", target="ws://@server@/a?b=c"), websocket("http_target", target="http://@server@/"), websocket("user", target="ws://a:b@@server@/"),
    websocket("no_scheme", target="@server@"), websocket("refused", target="ws://@closed@/"), websocket("no_such_name", target="ws://nosuch.invalid/"),
    websocket("by_name", target="ws://localhost:@server.port@/", preferred_ip_protocol="ip4"),
    websocket("forbidden", answers(response(b"no", "403 Forbidden"))), websocket("ok_instead", answers(response(b"page"))),
    websocket("redirect", answers(response(b"", "302 Found", "Location: /other"))), websocket("no_http", lambda connection: connection.send(b"hello\r\n")),
    websocket("wrong_accept", lambda connection: upgrade(connection, "Sec-WebSocket-Accept: AAAA")),
    websocket("headers", headers={"X-A": {"values": ["one", "two"]}, "Origin": {"values": ["http://a.example"]}}),
    websocket("host_header", headers={"Host": {"values": ["other.example"]}}),
    websocket("basic_auth", http_config={"basic_auth": {"username": "user", "password": "secret"}}),
    websocket("bearer", http_config={"authorization": {"credentials": "token"}}),
    websocket("tls", target="wss://@server@/", tls={}, http_config=TRUSTED), websocket("tls_untrusted", target="wss://@server@/", tls={}),
    websocket("tls_not_verified", target="wss://@server@/", tls={}, http_config={"tls_config": {"insecure_skip_verify": True}}),
    dialogue("expect", says(frame(b"hello there")), {"expect": "hel+o"}), dialogue("expect_binary", says(frame(b"hello", FINAL | BINARY)), {"expect": "hello"}),
    dialogue("expect_other", says(frame(b"bye")), {"expect": "hello"}), dialogue("expect_second_only", says(frame(b"bye"), frame(b"hello")), {"expect": "hello"}),
    dialogue("expect_after_ping", says(frame(b"x", FINAL | PING), frame(b"hello")), {"expect": "hello"}),
    dialogue("expect_in_pieces", says(frame(b"hel", TEXT), frame(b"lo", FINAL)), {"expect": "hello"}),
    dialogue("closed_instead", says(frame(b"\x03\xe8", FINAL | CLOSE)), {"expect": "hello"}),
    dialogue("send", echo, {"send": "hello"}, {"expect": "^hello$"}), dialogue("send_what_matched", says(frame(b"id 77")), {"expect": "id (\\d+)", "send": "got $1"}),
]
