#!/usr/bin/env python3
"""The Kubernetes base: kustomize builds it, its objects have the right fields and refer to each other, the pod meets the
restricted pod security standard, and Lookout is wired to its pod's application. Components are checked file by file, because
the kustomize of Debian 12 is too old to build them."""
import re

import yaml

import kubernetes_fields
from checking import ROOT, Check, UniqueKeys, load_yaml, tool

BASE = ROOT / "deploy/kubernetes/base"
COMPONENTS = ROOT / "deploy/kubernetes/components"
JOB_OF_THE_RULES = "lookout"
VOLUMES_OF_RESTRICTED = {"configMap", "emptyDir", "secret", "projected", "persistentVolumeClaim", "downwardAPI", "csi", "ephemeral"}
SAFE_SYSCTLS = {"net.ipv4.ping_group_range"}
PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")


def check_fields(check, objects):
    for item in objects:
        kind = (item.get("apiVersion"), item.get("kind"))
        where = f"{item.get('kind')} {item.get('metadata', {}).get('name')}"
        body = {key: value for key, value in item.items() if key not in ("apiVersion", "kind")}
        if check.expect(kind in kubernetes_fields.KINDS, where, f"{kind} is no kind known here"):
            for problem in kubernetes_fields.problems(body, kubernetes_fields.KINDS[kind], where):
                check.fail(where, problem)


def check_security(check, pod):
    context = pod.get("securityContext", {})
    check.expect(context.get("runAsNonRoot") is True, BASE, "the pod may run as root")
    check.expect(context.get("seccompProfile", {}).get("type") == "RuntimeDefault", BASE, "the pod has no seccomp profile")
    sysctls = {sysctl["name"]: sysctl["value"] for sysctl in context.get("sysctls", [])}
    check.expect(sysctls.keys() <= SAFE_SYSCTLS, BASE, f"sysctls {sorted(sysctls)} go beyond the safe ones")
    low, high = map(int, sysctls.get("net.ipv4.ping_group_range", "1 0").split())
    for volume in pod.get("volumes", []):
        check.expect(len(volume) == 2 and volume.keys() - {"name"} <= VOLUMES_OF_RESTRICTED, BASE, f"volume {volume['name']} is of a refused kind")
    for container in pod["initContainers"] + pod["containers"]:
        where = f"container {container['name']}"
        security = container.get("securityContext", {})
        check.expect(security.get("allowPrivilegeEscalation") is False, where, "may gain privileges")
        check.expect(security.get("capabilities") == {"drop": ["ALL"]}, where, "keeps capabilities")
        check.expect(security.get("readOnlyRootFilesystem") is True, where, "can write to its image")
        check.expect(security.get("runAsUser", 0) > 0, where, "needs a numeric user: the kubelet can not tell whether a name is root")
        check.expect(low <= security.get("runAsGroup", -1) <= high, where, "has a group that may not send pings")
        resources = container.get("resources", {})
        check.expect({"cpu", "memory"} <= resources.get("requests", {}).keys() and "memory" in resources.get("limits", {}), where,
                     "needs requests for cpu and memory and a limit for memory")


def check_references(check, objects, pod):
    names = {kind: {item["metadata"]["name"] for item in objects if item["kind"] == kind} for kind in ("ConfigMap", "ServiceAccount")}
    check.expect(pod.get("serviceAccountName") in names["ServiceAccount"], BASE, "the pod's service account is not part of the base")
    check.expect(pod.get("automountServiceAccountToken") is False, BASE, "the pod gets a token for the API server that it does not need")
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    for volume in volumes.values():
        name = volume.get("configMap", {}).get("name")
        check.expect(name is None or (name in names["ConfigMap"] and re.search(r"-[a-z0-9]{10}$", name)), BASE,
                     f"ConfigMap {name} is none that the base generates with a hash")
    ports = {}
    for container in pod["initContainers"] + pod["containers"]:
        where = f"container {container['name']}"
        own = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
        for name, number in own.items():
            check.expect(name and PORT_NAME.fullmatch(name), where, f"port {number} has no valid name: {name!r}")
            check.expect(name not in ports, where, f"port name {name} is taken")
        ports |= own
        for mount in container.get("volumeMounts", []):
            check.expect(mount["name"] in volumes, where, f"mounts {mount['name']}, which is no volume")
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            port = container.get(probe, {}).get("httpGet", {}).get("port")
            check.expect(not isinstance(port, str) or port in own, where, f"{probe} names port {port!r}, which is none of this container's")
    for service in (item for item in objects if item["kind"] == "Service"):
        for port in service["spec"]["ports"]:
            check.expect(port["targetPort"] in ports, "Service", f"targetPort {port['targetPort']!r} is no port name of the pod")
    return ports


def check_selectors(check, objects, deployment):
    template = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [deployment["spec"]["selector"]["matchLabels"]] + [item["spec"]["selector"] for item in objects if item["kind"] == "Service"]
    for selector in selectors:
        check.expect(selector and selector.items() <= template.items(), BASE, f"selector {selector} does not select the pod")


def check_sidecar(check, objects, pod, ports):
    """Lookout watches the application over the loopback interface, and the application's liveness asks Lookout."""
    lookout = next((container for container in pod["initContainers"] if container["name"] == "lookout"), None)
    if not check.expect(lookout, BASE, "no init container lookout"):
        return
    check.expect(lookout.get("restartPolicy") == "Always", BASE, "lookout is no sidecar: restartPolicy is not Always")
    check.expect(lookout["image"].partition(":")[0] == "lookout", BASE, "the image is not called lookout")
    configuration = next(item for item in objects if item["kind"] == "ConfigMap")["data"]["lookout.yml"]
    mount = next((mount["mountPath"] for mount in lookout.get("volumeMounts", []) if mount["name"] == "lookout-config"), "")
    check.expect(f"--config.file={mount}/lookout.yml" in lookout.get("args", []), BASE, "lookout does not read the mounted configuration")
    targets = {target["name"]: target for target in yaml.load(configuration, Loader=UniqueKeys)["targets"]}
    for container in pod["containers"]:
        where = f"container {container['name']}"
        liveness = container.get("livenessProbe", {}).get("httpGet", {})
        check.expect(liveness.get("port") == ports.get("lookout"), where, "its liveness probe does not ask Lookout")
        name = liveness.get("path", "").removeprefix("/health/")
        if check.expect(name in targets, where, f"its liveness probe asks for {name!r}, which is no target of the configuration"):
            own = {f"http://127.0.0.1:{port['containerPort']}" for port in container["ports"]}
            check.expect(targets[name]["address"].rstrip("/") in own, where, f"target {name} is watched elsewhere: {targets[name]['address']}")
        check.expect("startupProbe" in container, where, "without a startup probe, a slow start would be taken for a failure")


def check_components(check, template_labels, ports, base):
    for file in sorted(COMPONENTS.glob("*/kustomization.yaml")):
        component = load_yaml(file)
        check.expect(component.get("kind") == "Component", file, "is no component")
        objects = [load_yaml(file.parent / name) for name in component["resources"]]
        check_fields(check, objects)
        check_roles(check, file, objects)
        check_patches(check, file, component, objects, base)
        for monitor in (item for item in objects if item["kind"] == "PodMonitor"):
            selector = monitor["spec"]["selector"]["matchLabels"]
            check.expect(selector and selector.items() <= template_labels.items(), file, f"selector {selector} does not select the pod")
            for endpoint in monitor["spec"]["podMetricsEndpoints"]:
                check.expect(endpoint["port"] in ports, file, f"port {endpoint['port']} is no port name of the pod")
                jobs = [rule["replacement"] for rule in endpoint.get("relabelings", []) if rule["targetLabel"] == "job"]
                check.expect(jobs == [JOB_OF_THE_RULES], file, f"the alerting rules expect the job {JOB_OF_THE_RULES}")


def check_roles(check, file, objects):
    """What is bound is there, and no role allows more than single verbs on single kinds."""
    names = {kind: {item["metadata"]["name"] for item in objects if item["kind"] == kind} for kind in ("Role", "ServiceAccount")}
    for binding in (item for item in objects if item["kind"] == "RoleBinding"):
        check.expect(binding["roleRef"]["kind"] == "Role" and binding["roleRef"]["name"] in names["Role"], file,
                     f"binds {binding['roleRef']}, which is no Role of the component")
        for subject in binding["subjects"]:
            check.expect(subject["kind"] == "ServiceAccount" and subject["name"] in names["ServiceAccount"], file,
                         f"binds to {subject}, which is no ServiceAccount of the component")
    for role in (item for item in objects if item["kind"] == "Role"):
        for rule in role["rules"]:
            words = rule["apiGroups"] + rule["resources"] + rule["verbs"] + rule.get("resourceNames", [])
            check.expect(not any("*" in word for word in words), file, f"allows everything of {rule}")
            changes = set(rule["verbs"]) - {"get", "list", "watch", "create"}
            check.expect(not changes or rule.get("resourceNames"), file, f"allows {sorted(changes)} on all {rule['resources']}")


def check_patches(check, file, component, objects, base):
    """A patch meets an object of the base, names only containers that this has, and the account that it asks for."""
    accounts = {item["metadata"]["name"] for item in objects if item["kind"] == "ServiceAccount"}
    for patch in (load_yaml(file.parent / each["path"]) for each in component.get("patches", [])):
        met = [item for item in base if item["kind"] == patch["kind"] and item["metadata"]["name"] == patch["metadata"]["name"]]
        if not check.expect(len(met) == 1, file, f"{patch['kind']} {patch['metadata']['name']} is no object of the base"):
            continue
        pod, patched = (item["spec"]["template"]["spec"] for item in (met[0], patch))
        fields = kubernetes_fields.optional(kubernetes_fields.POD, but={"name"})
        for problem in kubernetes_fields.problems(patched, fields, f"{file.parent.name}: spec"):
            check.fail(file, problem)
        check.expect(patched.get("serviceAccountName", "") in accounts | {""}, file, "the account is none of the component")
        volumes = {volume["name"] for volume in patched.get("volumes", []) + pod["volumes"]}
        for kind in ("initContainers", "containers"):
            for container in patched.get(kind, []):
                check.expect(container["name"] in {each["name"] for each in pod[kind]}, file, f"the base has no {container['name']}")
                for mount in container.get("volumeMounts", []):
                    check.expect(mount["name"] in volumes, file, f"mounts {mount['name']}, which is no volume")


def main():
    check = Check("Kubernetes base")
    kubectl = tool("kubectl", "kubernetes-client")
    built = check.run(kubectl, "kustomize", BASE, where=BASE)
    objects = list(yaml.load_all(built.stdout, Loader=UniqueKeys)) if built.returncode == 0 else []
    check_fields(check, objects)
    if not check.failures:
        deployment = next(item for item in objects if item["kind"] == "Deployment")
        pod = deployment["spec"]["template"]["spec"]
        check_selectors(check, objects, deployment)
        check_security(check, pod)
        ports = check_references(check, objects, pod)
        check_sidecar(check, objects, pod, ports)
        check_components(check, deployment["spec"]["template"]["metadata"]["labels"], ports, objects)
    check.finish()


if __name__ == "__main__":
    main()
