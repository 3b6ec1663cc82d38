"""The fields of the Kubernetes objects that deploy/kubernetes uses, with their types, as the API reference has them. A name
that ends in `!` is required. A field that is not here is an error: add it when a manifest needs it, after looking it up."""

QUANTITY = (str, int)
PORT = (str, int)
MAP = {"*": str}
METADATA = {"name!": str, "labels": MAP, "annotations": MAP}
HTTP_PROBE = {
    "httpGet!": {"path!": str, "port!": PORT, "scheme": str},
    "initialDelaySeconds": int, "periodSeconds": int, "timeoutSeconds": int, "successThreshold": int, "failureThreshold": int,
}
CONTAINER = {
    "name!": str, "image!": str, "imagePullPolicy": str, "args": [str], "command": [str],
    "env": [{"name!": str, "value": str}],
    "ports": [{"name": str, "containerPort!": int, "protocol": str}],
    "startupProbe": HTTP_PROBE, "livenessProbe": HTTP_PROBE, "readinessProbe": HTTP_PROBE,
    "resources": {"requests": {"*": QUANTITY}, "limits": {"*": QUANTITY}},
    "securityContext": {
        "runAsUser": int, "runAsGroup": int, "runAsNonRoot": bool, "allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool,
        "capabilities": {"drop": [str], "add": [str]},
    },
    "volumeMounts": [{"name!": str, "mountPath!": str, "readOnly": bool, "subPath": str}],
}
PROJECTION = {
    "serviceAccountToken": {"path!": str, "expirationSeconds": int, "audience": str},
    "configMap": {"name!": str, "items": [{"key!": str, "path!": str}]},
    "downwardAPI": {"items!": [{"path!": str, "fieldRef": {"fieldPath!": str}}]},
}
POD = {
    "serviceAccountName": str, "automountServiceAccountToken": bool, "terminationGracePeriodSeconds": int, "nodeSelector": MAP,
    "securityContext": {
        "runAsNonRoot": bool, "runAsUser": int, "runAsGroup": int, "fsGroup": int, "seccompProfile": {"type!": str},
        "sysctls": [{"name!": str, "value!": str}],
    },
    "initContainers": [CONTAINER | {"restartPolicy": str}],
    "containers!": [CONTAINER],
    "volumes": [{"name!": str, "configMap": {"name!": str, "defaultMode": int}, "emptyDir": {"sizeLimit": QUANTITY, "medium": str},
                 "projected": {"defaultMode": int, "sources!": [PROJECTION]}}],
}
KINDS = {
    ("apps/v1", "Deployment"): {
        "metadata!": METADATA,
        "spec!": {
            "replicas": int, "selector!": {"matchLabels!": MAP}, "revisionHistoryLimit": int,
            "strategy": {"type": str, "rollingUpdate": {"maxSurge": PORT, "maxUnavailable": PORT}},
            "template!": {"metadata!": {"labels!": MAP, "annotations": MAP}, "spec!": POD},
        },
    },
    ("v1", "Service"): {
        "metadata!": METADATA,
        "spec!": {"selector!": MAP, "type": str, "clusterIP": str,
                  "ports!": [{"name": str, "port!": int, "targetPort": PORT, "protocol": str}]},
    },
    ("v1", "ConfigMap"): {"metadata!": METADATA, "data!": MAP},
    ("monitoring.coreos.com/v1", "PodMonitor"): {
        "metadata!": METADATA,
        "spec!": {"selector!": {"matchLabels!": MAP},
                  "podMetricsEndpoints!": [{"port!": str, "path": str, "interval": str, "relabelings": [{"targetLabel!": str, "replacement": str}]}]},
    },
    ("v1", "ServiceAccount"): {"metadata!": METADATA, "automountServiceAccountToken": bool},
    ("rbac.authorization.k8s.io/v1", "Role"): {
        "metadata!": METADATA,
        "rules!": [{"apiGroups!": [str], "resources!": [str], "resourceNames": [str], "verbs!": [str]}],
    },
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): {
        "metadata!": METADATA,
        "roleRef!": {"apiGroup!": str, "kind!": str, "name!": str},
        "subjects!": [{"kind!": str, "name!": str, "namespace": str}],
    },
}


def optional(schema, but):
    """The same schema for a patch: nothing is required any more, except the fields by which lists are merged."""
    if isinstance(schema, list):
        return [optional(schema[0], but)]
    if not isinstance(schema, dict):
        return schema
    return {name if name.removesuffix("!") in but else name.removesuffix("!"): optional(kind, but) for name, kind in schema.items()}


def problems(value, schema, path):
    """Every deviation of a value from its schema, as sentences that begin with where it is."""
    if isinstance(schema, dict):
        return _object_problems(value, schema, path)
    if isinstance(schema, list):
        if not isinstance(value, list):
            return [f"{path} is no list"]
        return [problem for index, item in enumerate(value) for problem in problems(item, schema[0], f"{path}[{index}]")]
    allowed = schema if isinstance(schema, tuple) else (schema,)
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        return [f"{path} is {value!r}, expected {' or '.join(kind.__name__ for kind in allowed)}"]
    return []


def _object_problems(value, schema, path):
    if not isinstance(value, dict):
        return [f"{path} is no mapping"]
    if "*" in schema:
        return [problem for key, item in value.items() for problem in problems(item, schema["*"], f"{path}.{key}")]
    fields = {name.removesuffix("!"): kind for name, kind in schema.items()}
    found = [f"{path}.{name.removesuffix('!')} is missing" for name in schema if name.endswith("!") and name.removesuffix("!") not in value]
    for key, item in value.items():
        found += problems(item, fields[key], f"{path}.{key}") if key in fields else [f"{path}.{key} is no field known here"]
    return found
