"""The grpc prober against the implementation that gRPC's own makers ship for Node.js."""

import subprocess
import unittest
from pathlib import Path

from lookout_e2e import Lookout, Scenario, free_port, parse_metrics, pick, wait_for

MODULES = """
modules:
  server: {{prober: grpc, grpc: {{}}}}
  well: {{prober: grpc, grpc: {{service: well}}}}
  unwell: {{prober: grpc, grpc: {{service: unwell}}}}
  unknown: {{prober: grpc, grpc: {{service: unknown}}}}
  tls: {{prober: grpc, grpc: {{tls: true, tls_config: {{ca_file: {folder}/server.pem, server_name: localhost}}}}}}
"""
CALLS = 50  # of the kind that is easily lost: an answer without a body, and a stream that is reset at once


class GrpcTest(Scenario):
    def setUp(self):
        super().setUp()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc",
                        "-keyout", "server.key", "-out", "server.pem", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"], cwd=self.folder, check=True, capture_output=True)
        self.plain, self.tls, self.empty = free_port(), free_port(), free_port()
        here = Path(__file__).resolve().parent
        server = self.start("grpc_health", ["node", here / "grpc_health.js", self.plain, self.tls, self.empty,
                                            self.folder / "server.pem", self.folder / "server.key"])
        wait_for("the gRPC servers to listen", lambda: "ready" in server.output(), 30)
        self.watcher = Lookout(self, MODULES.format(folder=self.folder))

    def probe(self, module, port):
        return parse_metrics(self.watcher.get(f"/probe?module={module}&target=127.0.0.1:{port}").body)

    def expect(self, module, port, success, code, health=None):
        samples = self.probe(module, port)
        [[verdict], [status]] = pick(samples, "probe_success"), pick(samples, "probe_grpc_status_code")
        self.assertEqual((verdict.value, status.value), (success, code), module)
        statuses = {each.labels["serving_status"] for each in pick(samples, "probe_grpc_healthcheck_response") if each.value}
        self.assertEqual(statuses, {health} if health else set(), module)
        return samples

    def test_every_health_is_told(self):
        self.expect("server", self.plain, 1, 0, "SERVING")
        self.expect("well", self.plain, 1, 0, "SERVING")
        self.expect("unwell", self.plain, 0, 0, "NOT_SERVING")
        self.expect("unknown", self.plain, 0, 5)

    def test_over_tls(self):
        samples = self.expect("tls", self.tls, 1, 0, "SERVING")
        self.assertEqual(pick(samples, "probe_grpc_ssl")[0].value, 1)
        self.assertEqual(len(pick(samples, "probe_ssl_earliest_cert_expiry")), 1)
        self.expect("tls", self.plain, 0, 14)
        self.expect("server", self.tls, 0, 14)

    def test_a_server_without_health_service_is_never_taken_for_a_dead_one(self):
        for _ in range(CALLS):
            self.expect("server", self.empty, 0, 12)


if __name__ == "__main__":
    unittest.main()
