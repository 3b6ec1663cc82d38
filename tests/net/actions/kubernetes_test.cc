// Objects of a cluster as actions, against a stand-in for the API server.
#include <filesystem>

#include "tests/net/actions/kubernetes_fixture.h"

namespace lookout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

const std::string kDeployment = "/apis/apps/v1/namespaces/demo/deployments/shop";
const std::string kPods = "/api/v1/namespaces/demo/pods";
const std::string kPodsOfDeployment = "GET " + kPods + "?labelSelector=app%3Dshop%2Ctier%3Dweb";
constexpr std::string_view kRestart = "rollout_restart: deployment/shop";

std::string after_patch(int updated, int available, int observed = 5) {
  return ok(deployment(
      {.generation = 5,
       .observed = observed,
       .updated = updated,
       .available = available,
       .reason = updated == 3 && available == 3 ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"}));
}
const std::string kPatched = ok(deployment({.generation = 5, .resource_version = "51299"}));

TEST_F(Kubernetes, restarts_a_deployment_and_waits_for_its_rollout) {
  serve({ok(deployment()), ok(list("Pod", {pod(), pod({.name = "shop-2"})})), kPatched, after_patch(3, 3, 4),
         after_patch(1, 2), after_patch(3, 3)});
  const ActionResult result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_EQ(result.summary, "deployment/shop restarted");
  EXPECT_EQ(result.output, "deployment/shop restarted: 3 of 3 pods updated, 3 available");
  const std::string get = "GET " + kDeployment;
  EXPECT_THAT(api->lines(), ElementsAre(get, kPodsOfDeployment,
                                        "PATCH " + kDeployment + "?fieldManager=lookout", get, get, get));
  const ApiRequest patch = api->request(2);
  EXPECT_EQ(patch.headers.at("content-type"), "application/strategic-merge-patch+json");
  EXPECT_EQ(patch.headers.at("authorization"), "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
  EXPECT_EQ(patch.headers.at("host"), api->address());
  EXPECT_THAT(
      patch.body,
      MatchesRegex(R"(\{"metadata":\{"resourceVersion":"51203"\},"spec":\{"template":\{"metadata":)"
                   R"(\{"annotations":\{"kubectl.kubernetes.io/restartedAt":"[-0-9]+T[:0-9]+Z"\}\}\}\}\})"));
  EXPECT_EQ(api->request(0).body, "");
  EXPECT_EQ(api->request(0).headers.at("authorization"), "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
}

TEST_F(Kubernetes, need_not_wait) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), kPatched});
  EXPECT_EQ(run("rollout_restart: deployment/shop, wait: false").end, ActionEnd::done);
  EXPECT_THAT(api->requests(), SizeIs(3));
}

TEST_F(Kubernetes, a_conflict_is_met_by_reading_again) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), no(409, "Conflict"),
         ok(deployment({.resource_version = "51204"})), ok(list("Pod", {pod()})), kPatched});
  EXPECT_EQ(run("rollout_restart: deployment/shop, wait: false").end, ActionEnd::done);
  EXPECT_THAT(api->request(2).body, HasSubstr(R"("resourceVersion":"51203")"));
  EXPECT_THAT(api->request(5).body, HasSubstr(R"("resourceVersion":"51204")"));
}

TEST_F(Kubernetes, a_conflict_may_be_somebody_elses_restart) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), no(409, "Conflict"), after_patch(1, 2)});
  const ActionResult result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: a rollout of deployment/shop is under way already");
}

TEST_F(Kubernetes, conflicts_without_end_fail) {
  std::vector<std::string> answers;
  for (int i = 0; i < 4; ++i)
    answers.insert(answers.end(), {ok(deployment()), ok(list("Pod", {pod()})), no(409, "Conflict")});
  serve(answers);
  const ActionResult result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary,
            "not begun: deployment/shop was changed by somebody else each time, 3 times (HTTP 409)");
  EXPECT_THAT(api->requests(), SizeIs(9));
}

TEST_F(Kubernetes, does_not_fight_the_kubelet) {
  for (const char* reason : {"CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"}) {
    serve({ok(deployment()), ok(list("Pod", {pod(), pod({.name = "shop-2", .waiting = reason})}))});
    const ActionResult result = run(kRestart);
    EXPECT_EQ(result.end, ActionEnd::failed);
    EXPECT_THAT(result.summary,
                HasSubstr(fmt::format("not begun: container app of pod shop-2 waits in {}", reason)));
    EXPECT_THAT(api->requests(), SizeIs(2));
  }
}

TEST_F(Kubernetes, a_container_that_is_only_being_made_is_no_reason) {
  serve({ok(deployment()), ok(list("Pod", {pod({.waiting = "ContainerCreating"})})), kPatched});
  EXPECT_EQ(run("rollout_restart: deployment/shop, wait: false").end, ActionEnd::done);
}

TEST_F(Kubernetes, leaves_alone_what_a_restart_would_not_help) {
  const std::vector<Refused> cases{
      {deployment({.generation = 5}), "a rollout of deployment/shop is under way already"},
      {deployment({.updated = 1}), "a rollout of deployment/shop is under way already"},
      {deployment({.reason = "ReplicaSetUpdated"}), "a rollout of deployment/shop is under way already"},
      {deployment({.reason = "ProgressDeadlineExceeded"}), "the last rollout of deployment/shop failed"},
      {deployment({.replicas = 0, .updated = 0, .available = 0}), "deployment/shop is scaled to 0"},
      {deployment({.further_spec = R"("paused":true,)"}), "deployment/shop is paused"},
  };
  for (const Refused& each : cases) {
    serve({ok(each.object)});
    const ActionResult result = run(kRestart);
    EXPECT_EQ(result.end, ActionEnd::failed);
    EXPECT_THAT(result.summary, HasSubstr("not begun: " + each.why));
    EXPECT_THAT(api->requests(), SizeIs(1));
  }
}

TEST_F(Kubernetes, restarts_a_statefulset) {
  serve({ok(statefulset()), ok(list("Pod", {pod()})), ok(statefulset()),
         ok(statefulset({.updated = 1, .available = 2, .update = "shop-8d00"})),
         ok(statefulset({.updated = 2, .available = 2, .current = "shop-8d00", .update = "shop-8d00"}))});
  const ActionResult result = run("rollout_restart: statefulset/shop");
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_EQ(api->request(0).line, "GET /apis/apps/v1/namespaces/demo/statefulsets/shop");
  EXPECT_EQ(api->request(1).line,
            "GET " + kPods + "?labelSelector=app%20in%20%28shop%2Cshop2%29%2C%21canary");
  EXPECT_EQ(api->request(2).line,
            "PATCH /apis/apps/v1/namespaces/demo/statefulsets/shop?fieldManager=lookout");
  EXPECT_THAT(api->requests(), SizeIs(5));
}

TEST_F(Kubernetes, leaves_alone_a_statefulset_that_a_rollout_would_not_restart) {
  const std::vector<Refused> cases{
      {statefulset({.update = "shop-8d00"}), "a rollout of statefulset/shop is under way already"},
      {statefulset({.strategy = R"({"type":"OnDelete"})"}), "the update strategy OnDelete"},
      {statefulset({.strategy = R"({"type":"RollingUpdate","rollingUpdate":{"partition":1}})"}),
       "by a partition"},
  };
  for (const Refused& each : cases) {
    serve({ok(each.object)});
    EXPECT_THAT(run("rollout_restart: statefulset/shop").summary, HasSubstr(each.why));
    EXPECT_THAT(api->requests(), SizeIs(1));
  }
}

TEST_F(Kubernetes, restarts_a_daemonset) {
  serve({ok(daemonset()), ok(list("Pod", {pod()})), ok(daemonset()), ok(daemonset({.updated = 1})),
         ok(daemonset({.available = 2}))});
  EXPECT_EQ(run("rollout_restart: daemonset/shop").end, ActionEnd::done);
  EXPECT_EQ(api->request(2).line, "PATCH /apis/apps/v1/namespaces/demo/daemonsets/shop?fieldManager=lookout");
}

TEST_F(Kubernetes, a_rollout_that_fails_is_a_failure) {
  serve(
      {ok(deployment()), ok(list("Pod", {pod()})), kPatched,
       ok(deployment({.generation = 5, .observed = 5, .updated = 1, .reason = "ProgressDeadlineExceeded"}))});
  const ActionResult result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "deployment/shop restarted, but its rollout failed: ProgressDeadlineExceeded");
}

TEST_F(Kubernetes, a_rollout_without_end_is_ambiguous_and_tells_how_far_it_got) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), kPatched, after_patch(1, 2), after_patch(1, 2),
         after_patch(1, 2), after_patch(1, 2), after_patch(1, 2)});
  const ActionResult result = run("rollout_restart: deployment/shop, timeout: 3s");
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "no end within 3 s");
  EXPECT_EQ(result.output, "deployment/shop restarted: 1 of 3 pods updated, 2 available");
}

TEST_F(Kubernetes, an_api_server_that_is_away_for_a_while_does_not_end_the_waiting) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), kPatched, kHangUp, no(503, "ServiceUnavailable"),
         after_patch(3, 3)});
  EXPECT_EQ(run(kRestart).end, ActionEnd::done);
}

TEST_F(Kubernetes, tells_what_the_role_lacks) {
  serve({no(403, "Forbidden", "deployments.apps is forbidden")});
  ActionResult result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary,
            "not begun: HTTP 403: the Role lacks the verb get for deployments of apps in namespace demo");
  EXPECT_THAT(result.output, HasSubstr("deployments.apps is forbidden"));
  serve({ok(deployment()), no(403, "Forbidden")});
  EXPECT_EQ(run(kRestart).summary,
            "not begun: HTTP 403: the Role lacks the verb list for pods in namespace demo");
  serve({ok(deployment()), ok(list("Pod", {pod()})), no(403, "Forbidden")});
  result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary,
            "not begun: HTTP 403: the Role lacks the verb patch for deployments of apps in namespace demo");
}

TEST_F(Kubernetes, a_token_that_is_not_accepted_fails) {
  serve({no(401, "Unauthorized", "Unauthorized")});
  EXPECT_EQ(run(kRestart).summary, "not begun: HTTP 401: the API server does not accept the token");
}

TEST_F(Kubernetes, an_object_that_is_not_there_fails) {
  serve({no(404, "NotFound")});
  EXPECT_EQ(run(kRestart).summary, "not begun: HTTP 404: there is no deployments/shop in namespace demo");
}

TEST_F(Kubernetes, what_is_not_answered_before_the_change_is_not_begun) {
  serve({ok(deployment()), kHangUp});
  const ActionResult result = run(kRestart);
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("not begun: request/closed"));
}

TEST_F(Kubernetes, a_change_that_is_not_answered_is_ambiguous) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), kHangUp});
  EXPECT_EQ(run(kRestart).end, ActionEnd::ambiguous);
  serve({ok(deployment()), ok(list("Pod", {pod()})), kSilence});
  const ActionResult result = run("rollout_restart: deployment/shop, timeout: 3s");
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "no end within 3 s");
  serve({ok(deployment()), ok(list("Pod", {pod()})), no(504, "Timeout")});
  EXPECT_EQ(run(kRestart).end, ActionEnd::ambiguous);
}

TEST_F(Kubernetes, only_the_authority_of_the_cluster_is_trusted) {
  serve({ok(deployment())});
  const TestCertificates others;
  const ActionResult result = run_once(fmt::format(
      "{{kubernetes: {{rollout_restart: deployment/shop, namespace: demo, api_server: 'https://{}', "
      "token_file: {}, ca_file: {}}}}}",
      api->address(), token_file, others.authority_file()));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("not begun: tls/certificate_untrusted"));
  EXPECT_THAT(api->requests(), SizeIs(0));
}

TEST_F(Kubernetes, the_token_is_read_anew_for_each_call_and_never_told) {
  std::ofstream(token_file) << "second.token.of-the-account\n";
  serve({no(403, "Forbidden", "second.token.of-the-account may not")});
  const ActionResult result = run(kRestart);
  EXPECT_EQ(api->request(0).headers.at("authorization"), "Bearer second.token.of-the-account");
  EXPECT_THAT(result.output, HasSubstr("<secret> may not"));
  EXPECT_THAT(result.output, Not(HasSubstr("second.token")));
}

TEST_F(Kubernetes, an_unreadable_token_is_not_begun) {
  std::filesystem::remove(token_file);
  serve({});
  EXPECT_THAT(run(kRestart).summary, HasSubstr(token_file + ": No such file or directory"));
}

TEST_F(Kubernetes, the_environment_of_a_pod_says_where_the_api_server_is) {
  serve({ok(deployment()), ok(list("Pod", {pod()})), kPatched});
  ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", std::to_string(api->server().port()).c_str(), 1);
  const ActionResult result =
      run_once(fmt::format("{{kubernetes: {{rollout_restart: deployment/shop, namespace: demo, wait: false, "
                           "token_file: {}, ca_file: {}}}}}",
                           token_file, certificates.authority_file()));
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  ::unsetenv("KUBERNETES_SERVICE_PORT");
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_EQ(api->request(0).headers.at("host"), api->address());
}

TEST_F(Kubernetes, an_account_whose_token_is_not_there_is_not_begun) {
  ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  const ActionResult result = run_once("{kubernetes: {rollout_restart: deployment/shop, namespace: demo}}");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  ::unsetenv("KUBERNETES_SERVICE_PORT");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("/var/run/secrets/kubernetes.io/serviceaccount/token: No such file"));
}

TEST(KubernetesOutside, of_a_cluster_it_is_not_begun) {
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  const ActionResult result = run_once("{kubernetes: {rollout_restart: deployment/shop, namespace: demo}}");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("Lookout runs in no pod of Kubernetes; write api_server"));
}

std::string scale_of(int replicas) {
  return fmt::format(
      R"({{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{{"name":"shop","resourceVersion":"51203"}},)"
      R"("spec":{{"replicas":{}}},"status":{{"replicas":{},"selector":"app=shop"}}}})",
      replicas, replicas);
}

TEST_F(Kubernetes, scales_a_deployment) {
  serve({ok(scale_of(1)), ok(scale_of(3)), after_patch(3, 1), after_patch(3, 3)});
  const ActionResult result = run("scale: {deployment: shop, replicas: 3}");
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_EQ(result.summary, "deployment/shop scaled from 1 to 3");
  EXPECT_THAT(api->lines(), ElementsAre("GET " + kDeployment + "/scale",
                                        "PATCH " + kDeployment + "/scale?fieldManager=lookout",
                                        "GET " + kDeployment, "GET " + kDeployment));
  EXPECT_EQ(api->request(1).body, R"({"metadata":{"resourceVersion":"51203"},"spec":{"replicas":3}})");
  EXPECT_EQ(api->request(1).headers.at("content-type"), "application/merge-patch+json");
}

TEST_F(Kubernetes, does_not_scale_to_what_is_there_already) {
  serve({ok(scale_of(3))});
  EXPECT_EQ(run("scale: {deployment: shop, replicas: 3}").summary,
            "not begun: deployment/shop has 3 replicas already");
}

TEST_F(Kubernetes, scaling_tells_what_the_role_lacks) {
  serve({ok(scale_of(1)), no(403, "Forbidden")});
  EXPECT_EQ(
      run("scale: {statefulset: shop, replicas: 3}").summary,
      "not begun: HTTP 403: the Role lacks the verb patch for statefulsets/scale of apps in namespace demo");
}

}  // namespace
}  // namespace lookout::test
