"""Joins a connection to another address, byte for byte, until either side hangs up."""

import contextlib
import socket
import threading


def join(connection, where):
    host, _, port = where.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), 5) as other:
        other.settimeout(10)
        back = threading.Thread(target=_copy, args=(other, connection.socket), daemon=True)
        back.start()
        other.sendall(connection.take_input())
        _copy(connection.socket, other)
        back.join()


def _copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
