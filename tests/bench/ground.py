"""What is probed in the benchmarks, and the two exporters that probe it with the same modules file."""

import json
import re
import subprocess

from programs import Failed, Programs, free_port

ADDRESSES = [f"127.0.0.{last}" for last in range(1, 17)]  # so that no pair of addresses runs out of ports
SMALL_BODY = "<html><body>" + "It works. " * 100 + "</body></html>"
LARGE_BODY = "It still works.\n" * (100 * 1024 // 16 - 1) + "This is the end\n"

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
worker_rlimit_nofile 16000;
events {{ worker_connections 8000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
{listens}
    listen unix:{folder}/nginx.socket backlog=4096;
    listen 127.0.0.1:{tls_port} ssl backlog=4096;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    default_type text/html;
    location / {{ return 200 "{body}"; }}
    location = /large {{ alias {folder}/large; }}
  }}
  # Files are not for POST, says nginx, and gives the file all the same: a gRPC server that is always SERVING.
  server {{
    listen 127.0.0.1:{grpc_port} http2 backlog=4096;
    default_type application/grpc;
    location = /grpc.health.v1.Health/Check {{
      alias {folder}/serving;
      add_trailer grpc-status 0;
      error_page 405 =200 $uri;
    }}
  }}
}}
"""

MODULES = """
modules:
  http: {{prober: http, timeout: 10s, http: {{preferred_ip_protocol: ip4}}}}
  http_body:
    prober: http
    timeout: 10s
    http: {{preferred_ip_protocol: ip4, fail_if_body_not_matches_regexp: ["This is (the|an) end"]}}
  https:
    prober: http
    timeout: 10s
    http: {{preferred_ip_protocol: ip4, fail_if_not_ssl: true, tls_config: {{ca_file: {folder}/ca.pem}}}}
  tcp: {{prober: tcp, timeout: 10s, tcp: {{preferred_ip_protocol: ip4}}}}
  tcp_tls:
    prober: tcp
    timeout: 10s
    tcp: {{preferred_ip_protocol: ip4, tls: true, tls_config: {{ca_file: {folder}/ca.pem}}}}
  dns:
    prober: dns
    timeout: 10s
    dns: {{preferred_ip_protocol: ip4, query_name: www.example.org, query_type: A}}
  dns_tcp:
    prober: dns
    timeout: 10s
    dns: {{preferred_ip_protocol: ip4, query_name: www.example.org, query_type: A, transport_protocol: tcp}}
  dns_tls:
    prober: dns
    timeout: 10s
    dns:
      preferred_ip_protocol: ip4
      query_name: www.example.org
      query_type: A
      transport_protocol: tcp
      dns_over_tls: true
      tls_config: {{ca_file: {folder}/ca.pem}}
  icmp: {{prober: icmp, timeout: 10s, icmp: {{preferred_ip_protocol: ip4}}}}
  grpc: {{prober: grpc, timeout: 10s, grpc: {{preferred_ip_protocol: ip4}}}}
"""
UNIX_MODULE = "  unix: {prober: unix, timeout: 10s}\n"


def version_of(peer):
    said = subprocess.run([peer, "--version"], capture_output=True, text=True, check=True)
    return tuple(map(int, re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr).groups()))


class Ground:
    """nginx and a DNS responder on loopback; the ways to start Lookout, blackbox_exporter and the load."""

    def __init__(self, programs: Programs, build, peers, peer):
        self.programs = programs
        self.folder = programs.folder
        self.build = build
        self.peer = peer
        self.has_unix = version_of(peer) >= (0, 28)
        self.unix_path = self.folder / "nginx.socket"
        self.http_port, self.tls_port, self.dns_port, self.dns_tls_port, self.grpc_port = (free_port() for _ in range(5))
        self.modules_file = self.folder / "modules.yml"
        self.modules_file.write_text(MODULES.format(folder=self.folder) + (UNIX_MODULE if self.has_unix else ""))
        self._make_certificates()
        (self.folder / "large").write_text(LARGE_BODY)
        (self.folder / "serving").write_bytes(b"\0\0\0\0\2\x08\x01")
        listens = "\n".join(f"    listen {address}:{self.http_port} backlog=4096;" for address in ADDRESSES)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=self.folder, listens=listens, tls_port=self.tls_port,
                                              grpc_port=self.grpc_port, body=SMALL_BODY))
        programs.start(peers / "nginx", "-e", self.folder / "nginx.log", "-p", self.folder, "-c", configuration)
        programs.start(build / "tests/bench/bench_dns_responder", self.dns_port, self.dns_tls_port, self.folder / "server.pem", self.folder / "server.key")

    def lookout(self, configuration=None, *flags):
        return self._exporter(self.build / "exporter/lookout", configuration or self.modules_file, *flags)

    def blackbox_exporter(self, configuration=None, *flags):
        return self._exporter(self.peer, configuration or self.modules_file, *flags)

    def web_with_tls(self):
        """The flag for an exporter that is itself reached over TLS."""
        file = self.folder / "web.yml"
        file.write_text(f"tls_server_config: {{cert_file: {self.folder}/server.pem, key_file: {self.folder}/server.key}}\n")
        return f"--web.config.file={file}"

    def load(self, exporter, path, **options):
        """Scrapes the exporter with bench_load; returns what became of the scrapes."""
        words = [f"--{name}={value}" for name, value in options.items()]
        status, said = self.programs.run(self.build / "tests/bench/bench_load", f"--port={exporter.port}",
                                         f"--path={path}", *words)
        if status != 0:
            raise Failed(f"bench_load ended with {status}: {said}")
        return json.loads(said)

    def _exporter(self, program, configuration, *flags):
        port = free_port()
        return self.programs.running_for(program, f"--config.file={configuration}",
                                         f"--web.listen-address=127.0.0.1:{port}", *flags, port=port)

    def _make_certificates(self):
        (self.folder / "names").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:false\n")
        for command in [
                "req -x509 -newkey rsa:2048 -noenc -keyout ca.key -out ca.pem -days 30 -subj /CN=Bench-CA",
                "req -newkey rsa:2048 -noenc -keyout server.key -out server.csr -subj /CN=127.0.0.1",
                "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -days 30 -out server.pem"]:
            subprocess.run(["openssl", *command.split()], cwd=self.folder, check=True, capture_output=True)
