// Single pods as actions, and what the configuration of `kubernetes:` refuses.
#include "tests/net/actions/kubernetes_fixture.h"

namespace lookout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string kPods = "/api/v1/namespaces/demo/pods";

TEST_F(Kubernetes, deletes_a_pod_and_waits_until_it_is_gone) {
  serve({ok(pod()), ok(pod({.deleting = true})), ok(pod({.deleting = true})), no(404, "NotFound")});
  const ActionResult result = run("delete_pod: shop-6d4cf56db6-x2x9k");
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_EQ(result.summary, "pod shop-6d4cf56db6-x2x9k deleted");
  const std::string path = kPods + "/shop-6d4cf56db6-x2x9k";
  EXPECT_THAT(api->lines(), ElementsAre("GET " + path, "DELETE " + path, "GET " + path, "GET " + path));
  EXPECT_EQ(api->request(1).body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"5f3a90c1"}})");
  EXPECT_EQ(api->request(1).headers.at("content-type"), "application/json");
}

TEST_F(Kubernetes, a_pod_of_a_statefulset_is_gone_when_another_has_its_name) {
  serve({ok(pod()), ok(pod({.deleting = true})), ok(pod({.uid = "another"}))});
  EXPECT_EQ(run("delete_pod: shop-6d4cf56db6-x2x9k").end, ActionEnd::done);
}

TEST_F(Kubernetes, deletes_the_one_pod_that_matches) {
  serve({ok(list("Pod", {pod({.name = "shop-1", .uid = "u-1"})})), ok(pod()), no(404, "NotFound")});
  EXPECT_EQ(run("delete_pod: {selector: 'app=shop,!canary'}").end, ActionEnd::done);
  EXPECT_THAT(api->lines(), ElementsAre("GET " + kPods + "?labelSelector=app%3Dshop%2C%21canary",
                                        "DELETE " + kPods + "/shop-1", "GET " + kPods + "/shop-1"));
  EXPECT_THAT(api->request(1).body, HasSubstr(R"("uid":"u-1")"));
}

TEST_F(Kubernetes, deletes_nothing_unless_exactly_one_pod_matches) {
  serve({ok(list("Pod", {}))});
  EXPECT_EQ(run("delete_pod: {selector: app=shop}").summary, "not begun: no pod matches app=shop");
  serve({ok(list("Pod", {pod({.name = "shop-1"}), pod({.name = "shop-2"})}))});
  const ActionResult result = run("delete_pod: {selector: app=shop}");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: 2 pods match app=shop, and exactly one may: shop-1, shop-2");
  EXPECT_THAT(api->requests(), SizeIs(1));
}

TEST_F(Kubernetes, leaves_alone_a_pod_that_a_deletion_would_not_help) {
  const std::vector<Refused> cases{
      {pod({.owned = false}), "has no controller, so nobody would make it anew"},
      {pod({.deleting = true}), "is being deleted already"},
      {pod({.waiting = "CrashLoopBackOff"}), "waits in CrashLoopBackOff: the kubelet restarts it already"},
  };
  for (const Refused& each : cases) {
    serve({ok(each.object)});
    const ActionResult result = run("delete_pod: shop-6d4cf56db6-x2x9k");
    EXPECT_EQ(result.end, ActionEnd::failed);
    EXPECT_THAT(result.summary, HasSubstr(each.why));
    EXPECT_THAT(api->requests(), SizeIs(1));
  }
}

TEST_F(Kubernetes, a_pod_that_is_another_by_now_is_not_deleted) {
  serve({ok(pod()), no(409, "Conflict", "the UID in the precondition does not match")});
  const ActionResult result = run("delete_pod: shop-6d4cf56db6-x2x9k");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: HTTP 409: the UID in the precondition does not match");
}

TEST(KubernetesConfig, says_what_is_wrong) {
  const auto problem = [](std::string_view keys) {
    return problems_of_action(fmt::format("{{kubernetes: {{{}}}}}", keys));
  };
  EXPECT_THAT(problem("namespace: demo"), ElementsAre(HasSubstr("this action does nothing")));
  for (const char* object :
       {"shop", "deployment/", "deployment/*", "pod/shop", "deployment/shop/scale", "''"})
    EXPECT_THAT(problem(fmt::format("rollout_restart: {}", object)),
                ElementsAre(HasSubstr("names no object")))
        << object;
  EXPECT_THAT(problem("rollout_restart: deployment/shop, delete_pod: shop"),
              ElementsAre(HasSubstr("rollout_restart or delete_pod, not both")));
  EXPECT_THAT(problem("delete_pod: ''"), ElementsAre(HasSubstr("names no pod")));
  EXPECT_THAT(problem("delete_pod: {}"), ElementsAre(HasSubstr("selects every pod")));
  EXPECT_THAT(problem("delete_pod: {selector: ' '}"), ElementsAre(HasSubstr("selects every pod")));
  EXPECT_THAT(problem("scale: {replicas: 3}"), ElementsAre(HasSubstr("scale names no object")));
  EXPECT_THAT(problem("scale: {deployment: shop}"), ElementsAre(HasSubstr("replicas: write 1 to 1000")));
  EXPECT_THAT(problem("scale: {deployment: shop, replicas: 0}"),
              ElementsAre(HasSubstr("replicas: write 1 to 1000")));
  EXPECT_THAT(problem("scale: {deployment: shop, statefulset: shop, replicas: 1}"),
              ElementsAre(HasSubstr("deployment or statefulset, not both")));
  EXPECT_THAT(problem("rollout_restart: deployment/shop, namespace: 'a/b'"),
              ElementsAre(HasSubstr("no name of a namespace")));
  EXPECT_THAT(problem("rollout_restart: deployment/shop, api_server: 'https://k:6443'"),
              ElementsAre(HasSubstr("write the object's namespace")));
}

TEST(KubernetesConfig, is_printed_as_it_is_written) {
  std::string shown;
  ConfigPrinter(shown).fields(
      *action_of("{kubernetes: {delete_pod: {selector: 'app=shop'}, namespace: demo}}"));
  ConfigPrinter(shown).fields(*action_of("{kubernetes: {rollout_restart: daemonset/agent}}"));
  EXPECT_EQ(shown,
            "kubernetes:\n  delete_pod:\n    selector: \"app=shop\"\n  namespace: demo\n"
            "kubernetes:\n  rollout_restart: daemonset/agent\n");
}

TEST(KubernetesConfig, knows_what_is_a_restart) {
  EXPECT_TRUE(action_of("{kubernetes: {rollout_restart: deployment/shop}}")->restarts());
  EXPECT_TRUE(action_of("{kubernetes: {delete_pod: shop}}")->restarts());
  EXPECT_FALSE(action_of("{kubernetes: {scale: {deployment: shop, replicas: 2}}}")->restarts());
}

}  // namespace
}  // namespace lookout::test
