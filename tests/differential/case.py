"""A row of the matrix: a module, a target, and the servers that this case has for itself.

In targets, modules and parameters stand @NAME@ for the address of a server (host:port, or a path) and @NAME.port@ for its
port alone; NAME is `server` or one of `more`, or one of the ground's own: nginx, nginx_tls, nginx_h2, closed. @folder@ holds
certificates and files.
"""

import copy
from dataclasses import dataclass, field
from typing import Any, Callable, Optional


@dataclass(frozen=True)
class Tcp:
    script: Callable
    tls: Optional[dict] = None  # words for Certificates.server
    address: str = "127.0.0.1"
    starttls: bool = False  # the script begins TLS itself

    def open(self, listeners, certificates, _):
        return with_tls(listeners.tcp(self.script, self.address), self, certificates)


@dataclass(frozen=True)
class Udp:
    script: Callable
    address: str = "127.0.0.1"

    def open(self, listeners, _certificates, _path):
        return listeners.udp(self.script, self.address)


@dataclass(frozen=True)
class Unix:
    script: Callable
    tls: Optional[dict] = None
    starttls: bool = False

    def open(self, listeners, certificates, path):
        return with_tls(listeners.unix(self.script, path), self, certificates)


def with_tls(listener, server, certificates):
    if server.tls is not None or server.starttls:
        listener.context = certificates.server(**(server.tls or {}))
        listener.tls_first = not server.starttls
    return listener


@dataclass
class Case:
    name: str
    prober: str
    target: str
    block: Any = None  # of the prober; None: the module has none
    server: Any = None
    more: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)
    timeout: str = "2s"
    since: str = "0.23"  # the first version of the peer that has all of it
    blind: bool = False  # what servers hear is not compared

    def module(self):
        found = {"prober": self.prober, "timeout": self.timeout}
        if self.block is not None:
            found[self.prober] = copy.deepcopy(self.block)
        return found

    def servers(self):
        return {"server": self.server, **self.more} if self.server else self.more
