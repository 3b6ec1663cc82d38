"""A day in a minute, for the dashboards: real Lookout, blackbox_exporter and Prometheus, and targets of every sort of luck."""
import ssl
import subprocess
import threading
import time

from lookout_e2e import PEERS, Lookout, Prometheus, ScriptedService, free_port, http, wait_for

CONFIG = """
modules:
  http_2xx: {{prober: http}}
  https: {{prober: http, http: {{tls_config: {{insecure_skip_verify: true}}}}}}
  tcp: {{prober: tcp}}
  no_secret: {{prober: http, http: {{bearer_token_file: {folder}/missing}}}}
target_defaults: {{module: http_2xx, interval: 500ms, timeout: 400ms, failure_threshold: 2, success_threshold: 2}}
targets:
  - name: shop
    address: {shop}
    module: https
    severity: critical
    recovery: shop
    checkpoints: [{{name: here}}, {{name: second-way}}, {{name: afar, address: "{nobody_https}"}}]
  - {{name: docs, address: "{docs}"}}
  - {{name: search, address: "{slow}", degraded_above: 50ms}}
  - {{name: mail, address: "{nobody}", module: tcp, severity: critical, recovery: mail}}
  - {{name: webmail, address: "http://{nobody}/", depends_on: [mail]}}
  - {{name: moody, address: "{moody}", severity: info, failure_threshold: 1, success_threshold: 1}}
  - {{name: moving, address: "{docs}"}}
  - {{name: locked, address: "{docs}", module: no_secret}}
maintenance: [{{targets: [moving], start: "{now}", duration: 1h, reason: new rooms}}]
recovery:
  mode: auto
  brake: {{down_fraction: 1}}
  actions: {{restart-shop: {{exec: {{argv: [/bin/true]}}}}, restart-mail: {{exec: {{argv: [/bin/false]}}}}}}
  plans:
    shop: {{cooldown: 1s, steps: [{{action: restart-shop, attempts: 1, settle: 2s}}]}}
    mail: {{cooldown: 1s, steps: [{{action: restart-mail, attempts: 1, settle: 0s}}]}}
"""
BLACKBOX_CONFIG = "modules: {https: {prober: http, http: {tls_config: {insecure_skip_verify: true}}}}\n"
PROMETHEUS_CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: lookout
    static_configs: [{{targets: ["{lookout}"]}}]
  - &probe
    job_name: lookout-probe
    metrics_path: /probe
    params: {{module: [https]}}
    static_configs: [{{targets: ["{shop}", "{nobody_https}"]}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{lookout}"}}
  - job_name: blackbox
    metrics_path: /probe
    params: {{module: [https]}}
    static_configs: [{{targets: ["{shop}", "{nobody_https}"]}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{blackbox}"}}
"""


class Day:
    """`scenario` owns what is started. When live() is over, the shop's second incident is open."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.shop = ScriptedService(scenario, self.certificate())
        self.docs, self.moody = ScriptedService(scenario), ScriptedService(scenario)
        self.slow = ScriptedService(scenario, delay=0.08)
        self.nobody = f"127.0.0.1:{free_port()}"
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
        self.watcher = Lookout(scenario, CONFIG.format(
            folder=scenario.folder, shop=self.shop.url, docs=self.docs.url, slow=self.slow.url, moody=self.moody.url, nobody=self.nobody,
            nobody_https=f"https://{self.nobody}/", now=now), [f"--storage.path={scenario.folder}/data"])
        self.prometheus = Prometheus(scenario, PROMETHEUS_CONFIG.format(
            lookout=f"127.0.0.1:{self.watcher.port}", blackbox=self.blackbox(), shop=self.shop.url, nobody_https=f"https://{self.nobody}/"))

    def certificate(self):
        key, certificate = self.scenario.folder / "key.pem", self.scenario.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", key, "-out", certificate,
                        "-days", "20", "-subj", "/CN=shop", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def blackbox(self):
        address = f"127.0.0.1:{free_port()}"
        self.scenario.start("blackbox", [PEERS / "blackbox_exporter", f"--config.file={self.scenario.file('blackbox.yml', BLACKBOX_CONFIG)}",
                                         f"--web.listen-address={address}"])
        wait_for("blackbox_exporter", lambda: http(f"http://{address}/-/healthy").status == 200, 15)
        return address

    def live(self, good=3, bad=3):
        """Some seconds of well-being, an incident, recovery, some more, another incident."""
        threading.Thread(target=self.be_moody, daemon=True).start()
        self.prometheus.wait_for('lookout_target_up{target="shop"}', 1, 20)
        time.sleep(good)  # it is the day that takes time, not the wait for anything
        self.shop.fail_next(1_000_000)
        self.prometheus.wait_for('sum(lookout_incident_active{target="shop"})', 1, 15)
        time.sleep(bad)
        self.shop.fail_next(0)
        self.prometheus.wait_for('sum(lookout_incident_active{target="shop"})', 0, 15)
        time.sleep(good)
        self.shop.fail_next(1_000_000)
        self.prometheus.wait_for('sum(lookout_incident_active{target="shop"})', 1, 15)
        self.prometheus.wait_for('lookout_target_flapping{target="moody"}', 1, 20)

    def be_moody(self):
        while self.prometheus.running():
            self.moody.fail_next(2)
            time.sleep(2)
