#include "tests/net/actions/kubernetes_fixture.h"

#include <fmt/ranges.h>

namespace lookout::test {

std::string deployment(const DeploymentState& state) {
  return fmt::format(
      R"({{"kind":"Deployment","apiVersion":"apps/v1","metadata":{{"name":"shop","namespace":"demo",)"
      R"("uid":"0b1e","resourceVersion":"{}","generation":{}}},"spec":{{{}"replicas":{},"selector":{{)"
      R"("matchLabels":{{"app":"shop","tier":"web"}}}},"template":{{"metadata":{{"labels":{{"app":"shop",)"
      R"("tier":"web"}}}}}},"strategy":{{"type":"RollingUpdate","rollingUpdate":{{"maxSurge":"25%"}}}}}},)"
      R"("status":{{"observedGeneration":{},"replicas":{},"updatedReplicas":{},"readyReplicas":{},)"
      R"("availableReplicas":{},"conditions":[{{"type":"Available","status":"True",)"
      R"("reason":"MinimumReplicasAvailable"}},{{"type":"Progressing","status":"True","reason":"{}"}}]}}}})",
      state.resource_version, state.generation, state.further_spec, state.replicas, state.observed,
      state.replicas, state.updated, state.available, state.available, state.reason);
}

std::string statefulset(const StatefulSetState& state) {
  return fmt::format(
      R"({{"kind":"StatefulSet","apiVersion":"apps/v1","metadata":{{"name":"shop","namespace":"demo",)"
      R"("resourceVersion":"7","generation":2}},"spec":{{"replicas":2,"selector":{{"matchExpressions":[)"
      R"({{"key":"app","operator":"In","values":["shop","shop2"]}},{{"key":"canary","operator":"DoesNotExist"}}]}},)"
      R"("updateStrategy":{}}},"status":{{"observedGeneration":2,"replicas":2,"readyReplicas":{},)"
      R"("currentReplicas":2,"updatedReplicas":{},"availableReplicas":{},"currentRevision":"{}",)"
      R"("updateRevision":"{}"}}}})",
      state.strategy, state.available, state.updated, state.available, state.current, state.update);
}

std::string daemonset(const DaemonSetState& state) {
  return fmt::format(
      R"({{"kind":"DaemonSet","apiVersion":"apps/v1","metadata":{{"name":"shop","namespace":"demo",)"
      R"("resourceVersion":"7","generation":2}},"spec":{{"selector":{{"matchLabels":{{"app":"shop"}}}},)"
      R"("updateStrategy":{{"type":"RollingUpdate"}}}},"status":{{"observedGeneration":2,)"
      R"("currentNumberScheduled":{},"desiredNumberScheduled":{},"numberReady":{},)"
      R"("updatedNumberScheduled":{},"numberAvailable":{}}}}})",
      state.wanted, state.wanted, state.available, state.updated, state.available);
}

std::string pod(const PodState& state) {
  const std::string owner =
      R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"shop-6d4cf56db6","controller":true}],)";
  const std::string container_state =
      state.waiting.empty()
          ? R"({"running":{"startedAt":"2026-11-25T03:00:00Z"}})"
          : fmt::format(R"({{"waiting":{{"reason":"{}","message":"back-off"}}}})", state.waiting);
  return fmt::format(
      R"({{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"{}","namespace":"demo",{}{}"uid":"{}"}},)"
      R"("spec":{{"containers":[{{"name":"app"}}]}},"status":{{"phase":"Running","containerStatuses":[)"
      R"({{"name":"app","ready":false,"restartCount":3,"state":{}}}]}}}})",
      state.name, state.owned ? owner : "",
      state.deleting ? R"("deletionTimestamp":"2026-11-25T03:04:21Z",)" : "", state.uid, container_state);
}

std::string list(std::string_view kind, const std::vector<std::string>& items) {
  return fmt::format(
      R"({{"kind":"{}List","apiVersion":"v1","metadata":{{"resourceVersion":"51210"}},"items":[{}]}})", kind,
      fmt::join(items, ","));
}

std::string status(int code, std::string_view reason, std::string_view message) {
  return fmt::format(
      R"({{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":"{}","reason":"{}","code":{}}})",
      message, reason, code);
}

std::string ok(const std::string& object) { return api_answer(200, object); }

std::string no(int code, std::string_view reason, std::string_view message) {
  return api_answer(code, status(code, reason, message));
}

Kubernetes::Kubernetes() { std::ofstream(token_file) << "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"; }

void Kubernetes::serve(std::vector<std::string> answers) {
  api.emplace(std::move(answers), ScriptedServer::Options{.tls = &tls});
}

std::string Kubernetes::keys_of_server() const {
  return fmt::format("api_server: 'https://{}', token_file: {}, ca_file: {}", api->address(), token_file,
                     certificates.authority_file());
}

ActionResult Kubernetes::run(std::string_view keys) const {
  return run_once(fmt::format("{{kubernetes: {{namespace: demo, {}, {}}}}}", keys_of_server(), keys));
}

}  // namespace lookout::test
