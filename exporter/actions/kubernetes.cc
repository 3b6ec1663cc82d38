#include "exporter/actions/kubernetes.h"

#include <array>
#include <ctime>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporter/actions/http_call.h"
#include "exporter/actions/json_at.h"
#include "exporter/actions/kubernetes_api.h"
#include "exporter/actions/kubernetes_objects.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr int kConflict = 409, kNotFound = 404;
constexpr int kMaximumConflicts = 3;
constexpr Duration kPollPause = std::chrono::seconds(1);
constexpr std::size_t kNamedPods = 5;  // of those that are too many

std::string_view resource_of(const Workload& workload) {
  constexpr std::array<std::string_view, 3> kResources{"deployments", "statefulsets", "daemonsets"};
  return kResources.at(static_cast<std::size_t>(workload.kind));
}

// As kubectl writes it.
std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string names_of(const json::array& pods) {
  std::vector<std::string_view> names;
  for (const json::value& pod : pods) {
    if (names.size() == kNamedPods) break;
    names.push_back(text_at(pod, "/metadata/name"));
  }
  return fmt::format("{}{}", fmt::join(names, ", "), pods.size() > kNamedPods ? ", ..." : "");
}

bool has_controller(const json::value& pod) {
  for (const json::value& owner : items_at(pod, "/metadata/ownerReferences")) {
    json::error_code none;
    const json::value* controller = owner.find_pointer("/controller", none);
    if (controller != nullptr && controller->is_bool() && controller->get_bool()) return true;
  }
  return false;
}

// Why this pod is not deleted; empty: go on.
std::string hindrance_of_pod(const json::value& pod) {
  const std::string_view name = text_at(pod, "/metadata/name");
  if (!text_at(pod, "/metadata/deletionTimestamp").empty())
    return fmt::format("pod {} is being deleted already", name);
  if (!has_controller(pod))
    return fmt::format("pod {} has no controller, so nobody would make it anew", name);
  return trouble_of_pod(pod);
}

class ClusterChange {
 public:
  ClusterChange(const KubernetesAction& action, ActionRun& run)
      : action_(action), run_(run), api_(action.server, run.net, run.secrets) {}

  Task<ActionResult> carry_out();

 private:
  Task<ActionResult> restart(Workload workload);
  Task<Granted<json::value>> try_restart(Workload workload);
  Task<ActionResult> scale(Scaling scaling);
  Task<ActionResult> delete_pod(PodChoice choice);
  Task<Granted<json::value>> find_pod(PodChoice choice);
  Task<ActionResult> wait_for_rollout(Workload workload, std::string what_was_done);
  Task<ActionResult> wait_until_gone(std::string pod, std::string uid);
  Task<Granted<json::value>> read(const Workload& workload);
  static Task<> pause();

  ActionResult without_change(const KubernetesRefusal& refusal) const;
  ActionResult done(std::string summary) const { return {ActionEnd::done, std::move(summary), run_.output}; }

  const KubernetesAction& action_;
  ActionRun& run_;
  KubernetesApi api_;
};

ActionResult ClusterChange::without_change(const KubernetesRefusal& refusal) const {
  const std::string& output = refusal.output.empty() ? run_.output : refusal.output;
  if (run_.begun) return {ActionEnd::ambiguous, refusal.why, output};
  return {ActionEnd::failed, "not begun: " + refusal.why, output};
}

Task<> ClusterChange::pause() {
  Timer timer(co_await asio::this_coro::executor, kPollPause);
  co_await timer.async_wait(use_task);
}

Task<Granted<json::value>> ClusterChange::read(const Workload& workload) {
  return api_.read(
      {.verb = "get", .group = "apps", .resource = resource_of(workload), .name = workload.name});
}

Task<ActionResult> ClusterChange::carry_out() {
  if (const auto found = api_.find_namespace(action_.object_namespace); !found)
    co_return without_change(found.error());
  if (action_.scale) co_return co_await scale(*action_.scale);
  if (action_.delete_pod) co_return co_await delete_pod(*action_.delete_pod);
  co_return co_await restart(*action_.rollout_restart);
}

Task<ActionResult> ClusterChange::restart(Workload workload) {
  for (int conflicts = 0; conflicts < kMaximumConflicts;) {
    const Granted<json::value> restarted = co_await try_restart(workload);
    if (restarted) co_return co_await wait_for_rollout(workload, print_config(workload) + " restarted");
    if (restarted.error().status != kConflict) co_return without_change(restarted.error());
    ++conflicts;
  }
  co_return ActionResult{
      ActionEnd::failed,
      fmt::format("not begun: {} was changed by somebody else each time, {} times (HTTP 409)",
                  print_config(workload), kMaximumConflicts),
      run_.output};
}

// Of the object as it was read and of no later one.
Task<Granted<json::value>> ClusterChange::try_restart(Workload workload) {
  const Granted<json::value> object = co_await read(workload);
  if (!object) co_return object.error();
  if (std::string why = hindrance(workload, *object); !why.empty())
    co_return KubernetesRefusal{0, std::move(why)};
  const std::string selector = selector_of(*object);
  if (selector.empty()) co_return KubernetesRefusal{0, print_config(workload) + " selects no pods"};
  const Granted<json::value> pods =
      co_await api_.read({.verb = "list",
                          .group = "",
                          .resource = "pods",
                          .query = "labelSelector=" + percent_encoded(selector)});
  if (!pods) co_return pods.error();
  for (const json::value& pod : items_at(*pods, "/items")) {
    if (std::string why = trouble_of_pod(pod); !why.empty()) co_return KubernetesRefusal{0, std::move(why)};
  }
  const json::object annotations{{"kubectl.kubernetes.io/restartedAt", utc_now()}};
  const json::object patch{{"metadata", {{"resourceVersion", text_at(*object, "/metadata/resourceVersion")}}},
                           {"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}};
  co_return co_await api_.change({.verb = "patch",
                                  .group = "apps",
                                  .resource = resource_of(workload),
                                  .name = workload.name,
                                  .query = "fieldManager=lookout",
                                  .body = json::serialize(patch),
                                  .content_type = "application/strategic-merge-patch+json"},
                                 run_.begun);
}

Task<ActionResult> ClusterChange::scale(Scaling scaling) {
  const Workload workload = scaling.workload();
  KubernetesCall call{.verb = "get",
                      .group = "apps",
                      .resource = resource_of(workload),
                      .name = workload.name,
                      .subresource = "scale"};
  const Granted<json::value> before = co_await api_.read(call);
  if (!before) co_return without_change(before.error());
  const std::int64_t replicas = number_at(*before, "/spec/replicas");
  if (replicas == scaling.replicas) {
    co_return without_change(
        {0, fmt::format("{} has {} replicas already", print_config(workload), scaling.replicas)});
  }
  const json::object patch{{"metadata", {{"resourceVersion", text_at(*before, "/metadata/resourceVersion")}}},
                           {"spec", {{"replicas", scaling.replicas}}}};
  call.verb = "patch";
  call.query = "fieldManager=lookout";
  call.body = json::serialize(patch);
  call.content_type = "application/merge-patch+json";
  const Granted<json::value> after = co_await api_.change(call, run_.begun);
  if (!after) co_return without_change(after.error());
  co_return co_await wait_for_rollout(
      workload, fmt::format("{} scaled from {} to {}", print_config(workload), replicas, scaling.replicas));
}

Task<Granted<json::value>> ClusterChange::find_pod(PodChoice choice) {
  if (choice.selector.empty())
    co_return co_await api_.read({.verb = "get", .group = "", .resource = "pods", .name = choice.name});
  const Granted<json::value> list =
      co_await api_.read({.verb = "list",
                          .group = "",
                          .resource = "pods",
                          .query = "labelSelector=" + percent_encoded(choice.selector)});
  if (!list) co_return list.error();
  const json::array& pods = items_at(*list, "/items");
  if (pods.size() == 1) co_return pods.front();
  if (pods.empty()) co_return KubernetesRefusal{0, "no pod matches " + choice.selector};
  co_return KubernetesRefusal{0, fmt::format("{} pods match {}, and exactly one may: {}", pods.size(),
                                             choice.selector, names_of(pods))};
}

Task<ActionResult> ClusterChange::delete_pod(PodChoice choice) {
  const Granted<json::value> pod = co_await find_pod(choice);
  if (!pod) co_return without_change(pod.error());
  if (std::string why = hindrance_of_pod(*pod); !why.empty()) co_return without_change({0, std::move(why)});
  const std::string name(text_at(*pod, "/metadata/name")), uid(text_at(*pod, "/metadata/uid"));
  // This very pod, not one that has got its name since.
  const json::object options{
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"preconditions", {{"uid", uid}}}};
  const Granted<json::value> deleted = co_await api_.change(
      {.verb = "delete", .group = "", .resource = "pods", .name = name, .body = json::serialize(options)},
      run_.begun);
  if (!deleted) co_return without_change(deleted.error());
  co_return co_await wait_until_gone(name, uid);
}

Task<ActionResult> ClusterChange::wait_until_gone(std::string pod, std::string uid) {
  run_.output = fmt::format("pod {} is being deleted", pod);
  while (action_.wait) {
    const Granted<json::value> now =
        co_await api_.read({.verb = "get", .group = "", .resource = "pods", .name = pod});
    const bool gone = now ? text_at(*now, "/metadata/uid") != uid : now.error().status == kNotFound;
    if (gone) break;
    co_await pause();
  }
  co_return done(fmt::format("pod {} deleted", pod));
}

// An API server that cannot be asked for a while does not end the waiting: the rollout goes on without it.
Task<ActionResult> ClusterChange::wait_for_rollout(Workload workload, std::string what_was_done) {
  run_.output = what_was_done;
  while (action_.wait) {
    const Granted<json::value> object = co_await read(workload);
    const Rollout rollout = object ? rollout_of(workload, *object) : Rollout{};
    if (object) run_.output = fmt::format("{}: {}", what_was_done, rollout.progress);
    if (rollout.over) break;
    if (!rollout.failed.empty() || (!object && object.error().status == kNotFound)) {
      co_return ActionResult{ActionEnd::failed,
                             fmt::format("{}, but {}", what_was_done,
                                         object ? "its rollout failed: " + rollout.failed : "it is gone"),
                             run_.output};
    }
    co_await pause();
  }
  co_return done(what_was_done);
}

}  // namespace

Task<ActionResult> run_kubernetes(const KubernetesAction& action, ActionRun& run) {
  ClusterChange change(action, run);
  co_return co_await change.carry_out();
}

}  // namespace lookout
