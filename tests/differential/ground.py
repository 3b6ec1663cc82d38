"""Everything that is probed, on loopback: a listener for each server of each case, nginx, a port that refuses, files."""

import re
import socket

from certificates import Certificates
from listeners import Listeners
from lookout_e2e import PEERS, Process, free_port, wait_for

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 1000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  ssl_certificate {folder}/server.pem;
  ssl_certificate_key {folder}/server.key;
  default_type text/plain;
  gzip on;
  gzip_min_length 0;
  gzip_types text/plain;
  server {{
    listen 127.0.0.1:{nginx};
    listen 127.0.0.1:{nginx_tls} ssl;
    listen 127.0.0.1:{nginx_h2} ssl http2;
    root {folder}/site;
    location = /moved {{ return 301 /index.txt; }}
    location = /moved_to_tls {{ return 302 https://127.0.0.1:{nginx_tls}/index.txt; }}
    location = /moved_to_h2 {{ return 302 https://127.0.0.1:{nginx_h2}/index.txt; }}
    location = /moved_to_plain {{ return 307 http://127.0.0.1:{nginx}/index.txt; }}
    location = /private {{ auth_basic here; auth_basic_user_file {folder}/users; }}
    location = /name {{ return 200 "$host $ssl_server_name $server_protocol $http_user_agent"; }}
  }}
}}
"""


class Ground:
    def __init__(self, folder, cases):
        self.folder = folder
        self.cases = cases
        self.certificates = Certificates(folder)
        (folder / "secret").write_text("  secret\n")
        (folder / "body.txt").write_text("from a file\n")
        self._places = {"folder": str(folder)}
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses, and nobody else gets it
        self._place("closed", self._closed.getsockname()[1])
        self.nginx = self._start_nginx()
        listeners = Listeners()
        self.listeners = {case.name: {name: server.open(listeners, self.certificates, folder / f"{case.name}.{name}.socket")
                                      for name, server in case.servers().items()} for case in cases}

    def target(self, case):
        return self._settle(case, case.target)

    def parameters(self, case):
        return {name: self._settle(case, value) for name, value in case.parameters.items()}

    def modules(self):
        return {case.name: self._settle(case, case.module()) for case in self.cases}

    def heard(self, case):
        """What its servers heard since they were asked last."""
        return tuple(line if name == "server" else f"{name}: {line}"
                     for name, listener in self.listeners[case.name].items() for line in listener.take())

    def _place(self, name, port):
        self._places[name] = f"127.0.0.1:{port}"
        self._places[f"{name}.port"] = str(port)

    def _settle(self, case, value):
        """With the places in it filled in."""
        if isinstance(value, dict):
            return {key: self._settle(case, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._settle(case, each) for each in value]
        if not isinstance(value, str):
            return value
        places = dict(self._places)
        for name, listener in self.listeners[case.name].items():
            address = listener.socket.getsockname()
            if isinstance(address, str):
                places[name] = address
                continue
            host = f"[{address[0]}]" if ":" in address[0] else address[0]
            places[name], places[f"{name}.port"] = f"{host}:{address[1]}", str(address[1])
        return re.sub(r"@([a-z_0-9]+(?:\.port)?)@", lambda found: places.get(found[1], found[0]), value)

    def _start_nginx(self):
        ports = {name: free_port() for name in ("nginx", "nginx_tls", "nginx_h2")}
        for name, port in ports.items():
            self._place(name, port)
        site = self.folder / "site"
        site.mkdir()
        (site / "index.txt").write_text("It works. " * 30 + "\n")
        (self.folder / "users").write_text("user:{PLAIN}secret\n")
        configuration = self.folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=self.folder, **ports))
        process = Process("nginx", [PEERS / "nginx", "-e", self.folder / "nginx.log", "-p", self.folder, "-c", configuration],
                          self.folder)
        wait_for("nginx to listen", lambda: socket.create_connection(("127.0.0.1", ports["nginx_h2"]), 1).close() or True, 15)
        return process

    def end(self):
        self.nginx.kill()
