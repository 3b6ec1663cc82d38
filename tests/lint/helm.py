#!/usr/bin/env python3
"""The Helm chart: helm lints and renders it with several sets of values, and what comes out is held against the same schemas and
rules as the kustomizations. Values that are misspelt or cannot work are refused. Lookout accepts the configuration.

    helm.py PROGRAM"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from checking import ROOT, Check, UniqueKeys, load_json, load_yaml
from cluster import check_objects, check_schemas, cluster_tool, of_kind, project_version, workload

CHART = ROOT / "deploy/helm/lookout"
RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.rules.yml"))
MONITOR = {"selfMonitor": {"enabled": True, "labels": {"a": "b"}, "additionalMetricsRelabels": {"cluster": "one"}}, "enabled": True,
           "defaults": {"additionalRelabeling": [{"targetLabel": "zone", "replacement": "z"}]},
           "targets": [{"name": "example", "url": "http://example.com/healthz", "hostname": "example.com", "interval": "60s"},
                       {"name": "other", "url": "other.example:443", "module": "tcp_connect", "additionalMetricsRelabels": {"team": "demo"},
                        "additionalRelabeling": [{"targetLabel": "x", "replacement": "w"}]}]}
EVERYTHING = {
    "secretConfig": True, "replicas": 2, "persistence": {"enabled": False}, "recovery": {"deployments": ["shop"]},
    "config": {"modules": {"http_2xx": {"prober": "http"}}, "targets": [{"name": "shop", "address": "http://shop.demo.svc/", "module": "http_2xx"}]},
    "extraArgs": ["--log.format=json"], "extraEnv": {"HTTP_PROXY": "http://proxy:3128", "NUMBER": 5},
    "extraVolumes": [{"name": "more", "emptyDir": {}}], "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
    "extraSecretMounts": [{"name": "secret", "mountPath": "/etc/secrets", "secretName": "mine", "defaultMode": 420}],
    "extraManifests": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-extra"}, "data": {"a": "b"}}],
    "global": {"imageRegistry": "registry.example.org"}, "image": {"pullSecrets": ["pull"], "digest": "sha256:" + "0" * 64},
    "commonLabels": {"team": "demo"}, "releaseLabel": True, "podAnnotations": {"a": "b"}, "pod": {"labels": {"c": "d"}},
    "nodeSelector": {"kubernetes.io/os": "linux"}, "tolerations": [{"key": "a", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
    "priorityClassName": "high", "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a.example"]}], "dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.53"]},
    "podDisruptionBudget": {"maxUnavailable": 1}, "serviceAccount": {"annotations": {"a": "b"}}, "service": {"type": "NodePort", "labels": {"e": "f"}, "annotations": {"g": "h"}},
    "ingress": {"enabled": True, "className": "nginx", "hosts": [{"host": "{{ .Release.Name }}.example", "paths": [{"path": "/"}]}], "tls": [{"secretName": "tls"}]},
    "networkPolicy": {"enabled": True, "allowMonitoringNamespace": True}, "serviceMonitor": MONITOR,
    "grafanaDashboards": {"enabled": True, "annotations": {"folder": "Lookout"}},
    "prometheusRule": {"enabled": True, "additionalLabels": {"a": "b"}, "rules": [{"alert": "Mine", "expr": "vector(1)"}]},
}
CASES = {
    "helm, as it is": {},
    "helm, everything": EVERYTHING,
    "helm, sharded": {"shards": 4, "recovery": {"deployments": ["shop"]}, "config": {"recovery": {"lease": {"name": "watch"}}},
                      "persistence": {"storageClassName": "fast"}, "prometheusRule": {"enabled": True}, "serviceMonitor": {"selfMonitor": {"enabled": True}}},
    "helm, a secret of one's own": {"configExistingSecretName": "mine", "serviceAccount": {"name": "watcher"}},
}
REFUSED = {
    "persistance": {"persistance": {"enabled": False}},
    "selfMonitor/interval": {"serviceMonitor": {"selfMonitor": {"interval": "15"}}},
    "shards": {"shards": 0},
    "digest": {"image": {"digest": "latest"}},
    "url": {"serviceMonitor": {"targets": [{"name": "x"}]}},
    "share one journal": {"replicas": 2},
    "either shards or replicas": {"replicas": 2, "shards": 2, "persistence": {"enabled": False}},
}


class Helm:
    """With folders of its own, so that no repository or plug-in of this machine takes part."""

    def __init__(self, folder):
        self.program = cluster_tool("helm")
        self.folder = Path(folder)
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "HELM_CACHE_HOME": folder, "HELM_CONFIG_HOME": folder, "HELM_DATA_HOME": folder}

    def run(self, *words, values=None):
        file = self.folder / "values.yaml"
        file.write_text(yaml.safe_dump(values or {}), encoding="utf-8")
        return subprocess.run([self.program, *words, "--values", file], capture_output=True, text=True, env=self.environment, timeout=60, check=False)

    def render(self, values):
        return self.run("template", "watch", CHART, "--namespace", "monitoring", values=values)


def check_rendered(check, case, objects):
    """Every object bears the labels by which helm and people know it, and is in the release's namespace."""
    for item in objects:
        where = f"{case}: {item['kind']} {item['metadata']['name']}"
        if item["metadata"]["name"].endswith("-extra"):
            continue
        check.expect(item["metadata"].get("namespace") == "monitoring", where, "is in no namespace, or another")
        labels = item["metadata"].get("labels", {})
        check.expect(labels.get("app.kubernetes.io/instance") == "watch" and labels.get("app.kubernetes.io/managed-by") == "Helm", where, f"has the labels {labels}")


def check_configuration(check, program, case, objects, folder):
    made = [item for item in of_kind(objects, "ConfigMap", "Secret") if "lookout.yml" in item.get("data", item.get("stringData", {}))]
    for item in made:
        file = Path(folder) / "lookout.yml"
        file.write_text(item.get("data", item.get("stringData"))["lookout.yml"], encoding="utf-8")
        check.run(program, "check", file, where=case)
    volume = next(volume for volume in workload(objects)["spec"]["template"]["spec"]["volumes"] if volume["name"] == "config")
    name = volume.get("configMap", {}).get("name") or volume.get("secret", {}).get("secretName")
    check.expect([item["metadata"]["name"] for item in made] == [name] or (not made and name == "mine"), case, f"the pod reads {name}")


def check_details(check, cases):
    everything, sharded = cases["helm, everything"], cases["helm, sharded"]
    rule = of_kind(sharded, "PrometheusRule")[0]
    groups = [group for file in RULES for group in load_yaml(file)["groups"]]
    check.expect(groups and rule["spec"]["groups"] == groups, CHART, "the bundled rules are not those of deploy/prometheus")
    check.expect(of_kind(everything, "PrometheusRule")[0]["spec"]["groups"][-1]["rules"] == EVERYTHING["prometheusRule"]["rules"], CHART, "own rules are missing")
    shipped = {file.name: load_json(file) for file in (ROOT / "dashboards").glob("*.json")}
    found = {name: json.loads(text) for item in of_kind(everything, "ConfigMap") if "grafana_dashboard" in item["metadata"].get("labels", {})
             for name, text in item["data"].items()}
    check.expect(shipped and found == shipped, CHART, f"dashboards {sorted(found)} are not those of dashboards/")
    leases = [rule["resourceNames"] for rule in of_kind(sharded, "Role")[0]["rules"] if "leases" in rule["resources"] and "resourceNames" in rule]
    check.expect(leases == [[f"watch-{shard}" for shard in range(4)]], CHART, f"leases of shards: {leases}")
    check.expect(of_kind(sharded, "Service")[0]["spec"].get("clusterIP") == "None", CHART, "the Service of a StatefulSet has an address of its own")
    chart = load_yaml(CHART / "Chart.yaml")
    check.expect((chart["version"], chart["appVersion"]) == (project_version(),) * 2, CHART, "its versions are not the project's")
    image = workload(everything)["spec"]["template"]["spec"]["containers"][0]["image"]
    check.expect(image == "registry.example.org/lookout@sha256:" + "0" * 64, CHART, f"image {image}")
    asked = {item["metadata"]["name"]: item["spec"]["endpoints"][0] for item in of_kind(everything, "ServiceMonitor") if item["spec"]["endpoints"][0]["path"] == "/probe"}
    check.expect(asked["watch-lookout-example"]["params"] == {"module": ["http_2xx"], "target": ["http://example.com/healthz"], "hostname": ["example.com"]}, CHART, f"{asked}")
    check.expect((asked["watch-lookout-example"]["interval"], asked["watch-lookout-other"]["interval"]) == ("60s", "30s"), CHART, "an interval is not its target's")
    check.expect(len(asked["watch-lookout-other"]["relabelings"]) == 2, CHART, "relabelings of a target do not come beside the defaults")


def check_values_are_told(check, schema, values, path=""):
    """What the schema knows stands in values.yaml, where people read of it."""
    for name, known in schema.get("properties", {}).items():
        if check.expect(name in values, CHART / "values.yaml", f"{path}{name} is not told"):
            if isinstance(values[name], dict):
                check_values_are_told(check, known, values[name], f"{path}{name}.")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    check = Check("Helm chart")
    with tempfile.TemporaryDirectory() as folder:
        helm = Helm(folder)
        linted = helm.run("lint", "--strict", CHART)
        check.expect(linted.returncode == 0, CHART, linted.stdout + linted.stderr)
        values, schema = load_yaml(CHART / "values.yaml"), load_json(CHART / "values.schema.json")
        check_values_are_told(check, schema, values | {"podDisruptionBudget": {"minAvailable": 0, "maxUnavailable": 0}})
        cases = {}
        for case, values in CASES.items():
            rendered = helm.render(values)
            check.expect(rendered.returncode == 0, case, rendered.stderr)
            cases[case] = [item for item in yaml.load_all(rendered.stdout, Loader=UniqueKeys) if item]
        for said, values in REFUSED.items():
            rendered = helm.render(values)
            check.expect(rendered.returncode != 0 and said in rendered.stderr, CHART, f"{values} is not refused with a word of {said!r}: {rendered.stderr}")
        check_schemas(check, cases)
        for case, objects in cases.items():
            if objects:
                check_objects(check, case, objects)
                check_rendered(check, case, objects)
                check_configuration(check, program, case, objects, folder)
        if not check.failures:
            check_details(check, cases)
    check.finish()


if __name__ == "__main__":
    main()
