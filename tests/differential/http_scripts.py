"""HTTP servers, well and misbehaving, at the level of bytes."""

import gzip
import time
import zlib
from typing import NamedTuple

from listeners import Gone

TEXT = b"The quick brown fox jumps over the lazy dog. " * 3
GZIP = gzip.compress(TEXT, mtime=0)
RAW_DEFLATE = zlib.compress(TEXT)[2:-4]
# TEXT as brotli -q 11 has it: the standard library has none of its own.
BROTLI = bytes.fromhex("1b8600882c0e78d3d0955d9710bb172ba9cad092cc8cad415ce6f236c8199e9e0a7b830d387048206f24b941a715ce1c1e27aa2938c2a1fb3418")


class Request(NamedTuple):
    method: str
    path: str
    headers: dict  # lower case
    body: bytes


def read_request(connection):
    """Tells the transcript about it, headers in alphabetical order: their order means nothing."""
    number = 1 + sum(line.endswith((" HTTP/1.1", " HTTP/1.0")) for line in connection.listener.heard)
    head = connection.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
    lines = [line for line in head[1:] if line]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = read_chunks(connection)
    else:
        body = connection.read_exactly(int(headers.get("content-length", 0)))
    for line in [head[0], *map(normal, sorted(lines, key=str.lower))]:
        connection.hear(f"{number} {line}")
    if body:
        connection.hear(f"{number} body: {body!r}")
    method, path, _ = head[0].split(" ", 2)
    return Request(method, path, headers, body)


def normal(header):
    """Neither the case of a name nor blanks around a value mean anything, and the key of a websocket is random."""
    name, _, value = header.partition(":")
    return f"{name.title()}: {'(random)' if name.lower() == 'sec-websocket-key' else value.strip()}"


def read_chunks(connection):
    body = b""
    while size := int(connection.read_until(b"\r\n").split(b";")[0], 16):
        body += connection.read_exactly(size)
        connection.read_exactly(2)
    connection.read_until(b"\r\n")
    return body


def response(body=b"", status="200 OK", *headers, version="HTTP/1.1", length=True):
    """The bytes of one. length: True says the body's own, a number says that one, None says none."""
    lines = [f"{version} {status}", *headers]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length is True else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(*pieces, trailer=b""):
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n" + trailer + b"\r\n"


def answers(*pieces, then=None):
    """A server that gives these bytes (or does these things: functions of the connection) to each request."""

    def script(connection):
        read_request(connection)
        send_all(connection, pieces)
        if then:
            then(connection)

    return script


def send_all(connection, pieces):
    for each in pieces:
        if callable(each):
            each(connection)
        else:
            connection.send(each)


def pages(found, otherwise=response(b"no such page", "404 Not Found")):
    """By path; a page is bytes, or a function of (connection, request)."""

    def script(connection):
        request = read_request(connection)
        page = found.get(request.path, otherwise)
        if callable(page):
            page(connection, request)
        else:
            connection.send(page)

    return script


def redirect(location, status="302 Found", *headers, body=b"moved"):
    return response(body, status, f"Location: {location}", *headers)


def echoed_cookie(connection, request):
    connection.send(response(request.headers.get("cookie", "none").encode()))


def countdown(connection):
    """/N redirects to /N-1, and /0 is well."""
    request = read_request(connection)
    left = int(request.path[1:] or 0)
    connection.send(redirect(f"/{left - 1}") if left else response(b"here"))


def round_and_round(connection):
    request = read_request(connection)
    connection.send(redirect("/" + str(int(request.path[1:] or 0) + 1)))


def basic_auth(connection):
    request = read_request(connection)
    if request.headers.get("authorization") == "Basic dXNlcjpzZWNyZXQ=":
        connection.send(response(b"welcome"))
    else:
        connection.send(response(b"who?", "401 Unauthorized", 'WWW-Authenticate: Basic realm="here"'))


def stall(connection):
    connection.stall()


def reset(connection):
    connection.reset()


def pause(seconds):
    return lambda _: time.sleep(seconds)


def drip(connection):
    """A byte each tenth of a second, for ever."""
    while True:
        connection.send(b"x")
        time.sleep(0.1)


def flood(connection):
    """Eight megabytes, as one body without an end that was told."""
    for _ in range(128):
        connection.send(b"y" * 65536)


def silent(connection):
    read_request(connection)
    connection.stall()


def hangs_up_at_once(connection):
    raise Gone


def hangs_up_after_request(connection):
    read_request(connection)


def interim(connection):
    read_request(connection)
    connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    connection.send(response(b"final"))


def proxy(connection):
    """A forward proxy: absolute URLs are answered here, CONNECT is taken and joined to what it names."""
    from tunnel import join  # it is nobody else's

    head = connection.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
    for line in [head[0], *map(normal, sorted(line for line in head[1:] if line))]:
        connection.hear(f"proxy: {line}")
    method, where, _ = head[0].split(" ", 2)
    if method == "CONNECT":
        connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        join(connection, where)
    else:
        connection.send(response(b"from the proxy"))


def refusing_proxy(status):
    def script(connection):
        connection.hear("proxy: " + connection.read_until(b"\r\n").decode().strip())
        connection.read_until(b"\r\n\r\n")
        connection.send(response(b"no", status))

    return script
