"""Servers on loopback that a test scripts: each case has its own, so what it heard is that case's alone.

A script is a function of a Connection, and runs in a thread of its own for each of them. It ends when its peer is gone,
so that waiting for the scripts means waiting until everything that a probe sent has been heard.
"""

import contextlib
import select
import selectors
import socket
import ssl
import threading

from client_hello import describe

LIMIT_SECONDS = 10  # a script's longest wait for its peer


class Gone(Exception):
    """The peer hung up."""


class Connection:
    def __init__(self, plain, listener):
        plain.settimeout(LIMIT_SECONDS)
        self.socket = plain
        self.listener = listener
        self._input = b""

    def hear(self, line):
        self.listener.heard.append(line)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone from error

    def read_some(self):
        if not self._input:
            try:
                self._input = self.socket.recv(65536)
            except OSError as error:
                raise Gone from error
            if not self._input:
                raise Gone
        data, self._input = self._input, b""
        return data

    def read_until(self, end):
        data = b""
        while end not in data:
            try:
                data += self.read_some()
            except Gone:
                if data:
                    self.hear(f"and hung up after {data!r}")
                raise
        data, found, self._input = data.partition(end)
        return data + found

    def read_exactly(self, count):
        data = self.take_input()
        while len(data) < count:
            data += self.read_some()
        data, self._input = data[:count], data[count:]
        return data

    def take_input(self):
        """What was read and not used yet."""
        data, self._input = self._input, b""
        return data

    def read_line(self):
        line = self.read_until(b"\n")
        self.hear(f"{line!r}")
        return line

    def stall(self):
        """Until the peer gives up."""
        with contextlib.suppress(Gone):
            while True:
                self.read_some()

    def start_tls(self, context):
        """The greeting of the client is looked at before OpenSSL gets it."""
        for line in describe(self.socket):
            self.hear(line)
        try:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        except OSError as error:
            raise Gone from error

    def reset(self):
        """Hangs up with an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        raise Gone

    def close(self):
        with contextlib.suppress(OSError):
            if isinstance(self.socket, ssl.SSLSocket):
                self.socket.settimeout(1)
                self.socket = self.socket.unwrap()
        # What is unread would make closing a reset, and a reset would take what was sent with it.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(1)
            while self.socket.recv(65536):
                pass
        self.abandon()

    def abandon(self):
        with contextlib.suppress(OSError):
            self.socket.close()


class Listener:
    """A socket and its script. `heard` grows while a probe runs; take() hands it over and begins anew."""

    def __init__(self, script, listening):
        self.script = script
        self.socket = listening
        self.context = None  # of TLS
        self.tls_first = False  # before the script begins
        self.heard = []
        self._running = set()
        self._changed = threading.Condition()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def serve(self):
        """Called when somebody is there."""
        with self._changed:
            plain, _ = self.socket.accept()
            thread = threading.Thread(target=self._converse, args=(plain,), daemon=True)
            self._running.add(thread)
            thread.start()

    def _converse(self, plain):
        connection = Connection(plain, self)
        try:
            if self.tls_first:
                connection.start_tls(self.context)
            self.script(connection)
            connection.close()
        except Gone:
            connection.abandon()
        finally:
            with self._changed:
                self._running.discard(threading.current_thread())
                self._changed.notify_all()

    def _settled(self):
        """Nobody converses, and nobody waits to be let in."""
        return not self._running and not select.select([self.socket], [], [], 0)[0]

    def take(self):
        with self._changed:
            self._changed.wait_for(self._settled, LIMIT_SECONDS)
            heard, self.heard = self.heard, []
        return heard


class DatagramListener:
    """A UDP socket; its script gets a packet and returns those to answer with."""

    def __init__(self, script, bound):
        self.script = script
        self.socket = bound
        self.heard = []

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def serve(self):
        packet, peer = self.socket.recvfrom(65536)
        for answer in self.script(packet, self.heard.append):
            self.socket.sendto(answer, peer)

    def take(self):
        heard, self.heard = self.heard, []
        return heard


class Listeners:
    """All of them; one thread sees who has a visitor."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        threading.Thread(target=self._serve, daemon=True).start()

    def tcp(self, script, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return self._watch(Listener(script, self._bound(family, socket.SOCK_STREAM, (address, 0))))

    def unix(self, script, path):
        return self._watch(Listener(script, self._bound(socket.AF_UNIX, socket.SOCK_STREAM, str(path))))

    def udp(self, script, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return self._watch(DatagramListener(script, self._bound(family, socket.SOCK_DGRAM, (address, 0))))

    @staticmethod
    def _bound(family, kind, address):
        made = socket.socket(family, kind)
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(64)
        return made

    def _watch(self, listener):
        self._selector.register(listener.socket, selectors.EVENT_READ, listener)
        return listener

    def _serve(self):
        while True:
            for key, _ in self._selector.select(0.05):  # soon sees those that were added meanwhile
                key.data.serve()
