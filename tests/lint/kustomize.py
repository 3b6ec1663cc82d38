#!/usr/bin/env python3
"""The kustomizations of deploy/kubernetes, alone and with their components: kubectl builds them, their objects are what the
published schemas say and refer to each other, pods meet the restricted pod security standard, Lookout accepts its
configuration (lint.configurations) and is wired to what it watches."""
import os
import re
import tempfile
from pathlib import Path

import yaml

from checking import ROOT, Check, UniqueKeys
from cluster import check_objects, check_schemas, cluster_tool, containers, of_kind, project_version, workload

FOLDER = ROOT / "deploy/kubernetes"
# Which component is for which kustomization.
COMPONENTS = {
    "standalone": ["servicemonitor", "probe", "recovery"],
    "sharded": ["servicemonitor", "probe", "recovery"],
    "sidecar": ["podmonitor"],
    "sidecar-legacy": ["podmonitor"],
}


def build(check, kubectl, name, components=()):
    """As a person would use it: from a kustomization of their own."""
    with tempfile.TemporaryDirectory() as folder:
        here = {each: os.path.relpath(FOLDER / each, Path(folder).resolve()) for each in (name, "components")}
        text = {"resources": [here[name]], "components": [f"{here['components']}/{each}" for each in components]}
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
        built = check.run(kubectl, "kustomize", folder, where=FOLDER / name)
    check.expect(not built.stderr.strip(), FOLDER / name, built.stderr.strip())
    return list(yaml.load_all(built.stdout, Loader=UniqueKeys)) if built.returncode == 0 else []


def check_configuration(check, case, objects):
    """The pod reads a configuration with a hash in its name, so that a new one rolls out; returns its targets."""
    pod = workload(objects)["spec"]["template"]["spec"]
    lookout = next((each for each in containers(pod) if each["name"] == "lookout"), None)
    if not check.expect(lookout, case, "no container lookout"):
        return {}, None
    check.expect(lookout["image"] == f"lookout:{project_version()}", case, f"the image is {lookout['image']}")
    generated = of_kind(objects, "ConfigMap")[0]
    check.expect(re.search(r"^lookout-[a-z0-9]{10}$", generated["metadata"]["name"]), case, "the configuration's name has no hash")
    mount = next((mount["mountPath"] for mount in lookout.get("volumeMounts", []) if mount["name"] == "lookout-config"), "")
    check.expect(f"--config.file={mount}/lookout.yml" in lookout.get("args", []), case, "lookout does not read the mounted configuration")
    return {target["name"]: target for target in yaml.load(generated["data"]["lookout.yml"], Loader=UniqueKeys)["targets"]}, lookout


def check_sidecar(check, case, objects, ports, targets):
    """Lookout watches the application over the loopback interface, and the application's liveness asks Lookout."""
    pod = workload(objects)["spec"]["template"]["spec"]
    native = [each["name"] for each in pod.get("initContainers", []) if each.get("restartPolicy") == "Always"]
    check.expect((native == ["lookout"]) != case.startswith("sidecar-legacy"), case, f"containers that stay among those that begin: {native}")
    for container in pod["containers"]:
        if container["name"] == "lookout":
            continue
        where = f"{case}: container {container['name']}"
        liveness = container.get("livenessProbe", {}).get("httpGet", {})
        check.expect(liveness.get("port") == ports.get("lookout"), where, "its liveness probe does not ask Lookout")
        name = liveness.get("path", "").removeprefix("/health/")
        if check.expect(name in targets, where, f"its liveness probe asks for {name!r}, which is no target of the configuration"):
            own = {f"http://127.0.0.1:{port['containerPort']}" for port in container["ports"]}
            check.expect(targets[name]["address"].rstrip("/") in own, where, f"target {name} is watched elsewhere: {targets[name]['address']}")
        check.expect("startupProbe" in container, where, "without a startup probe, a slow start would be taken for a failure")


def check_probes(check, case, objects):
    """A Probe asks the service that is there, for a module that the configuration has."""
    for probe in of_kind(objects, "Probe"):
        service = of_kind(objects, "Service")[0]
        meta, port = service["metadata"], service["spec"]["ports"][0]["port"]
        asked = probe["spec"]["prober"]["url"]
        check.expect(asked == f"{meta['name']}.{meta['namespace']}.svc:{port}", case, f"the Probe asks {asked}, which is no service here")
        configuration = yaml.load(of_kind(objects, "ConfigMap")[0]["data"]["lookout.yml"], Loader=UniqueKeys)
        check.expect(probe["spec"]["module"] in configuration["modules"], case, f"the Probe wants the module {probe['spec']['module']}")


def check_recovery(check, case, objects):
    """The token goes to the container that uses it, and to no other."""
    pod = workload(objects)["spec"]["template"]["spec"]
    for container in containers(pod):
        has = any(mount["name"] == "lookout-token" for mount in container.get("volumeMounts", []))
        check.expect(has == ("recovery" in case and container["name"] == "lookout"), f"{case}: container {container['name']}",
                     "has a token that is not for it, or lacks its own")


def check_case(check, case, objects):
    ports = check_objects(check, case, objects)
    targets, lookout = check_configuration(check, case, objects)
    if lookout is None:
        return
    if case.startswith("sidecar"):
        check_sidecar(check, case, objects, ports, targets)
    check_probes(check, case, objects)
    check_recovery(check, case, objects)


def main():
    check = Check("Kubernetes")
    kubectl = cluster_tool("kubectl")
    used = {component for components in COMPONENTS.values() for component in components}
    there = {path.parent.name for path in FOLDER.glob("components/*/kustomization.yaml")}
    check.expect(used == there, FOLDER, f"components {sorted(used ^ there)} are for nothing")
    check.expect(COMPONENTS.keys() == {path.parent.name for path in FOLDER.glob("*/kustomization.yaml")}, FOLDER, "a kustomization is not looked at")
    cases = {}
    for name, components in COMPONENTS.items():
        cases[name] = build(check, kubectl, name)
        cases |= {f"{name} with {each}": build(check, kubectl, name, [each]) for each in components}
    check_schemas(check, cases)
    for case, objects in cases.items():
        if objects:
            check_case(check, case, objects)
    check.finish()


if __name__ == "__main__":
    main()
