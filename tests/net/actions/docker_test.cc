// Containers as actions, against a stand-in for Docker's engine on a local socket, with answers as the engine
// of 24.0 (API 1.43) gives them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/net/actions/action_fixture.h"
#include "tests/net/actions/api_stand_in.h"

namespace lookout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kEngine =
    "Api-Version: 1.43\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: Docker/24.0.7 (linux)\r\n";

// The engine's answer; it sends no Content-Length with a 204.
std::string engine(int status, std::string_view message = {}) {
  if (message.empty()) return fmt::format("HTTP/1.1 {} Reason\r\n{}\r\n", status, kEngine);
  const std::string body = fmt::format("{{\"message\":\"{}\"}}\n", message);
  return fmt::format("HTTP/1.1 {} Reason\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                     status, kEngine, body.size(), body);
}

class Docker : public testing::Test {
 protected:
  ~Docker() override { ::unlink(path.c_str()); }
  ScriptedServer::Options options() const {
    ::unlink(path.c_str());
    return {.address = path};
  }
  ActionResult run(std::string_view keys) const {
    return run_once(fmt::format("{{docker: {{socket: {}, {}}}}}", path, keys));
  }
  const std::string path = fmt::format("/tmp/lookout-docker-{}.sock", ::getpid());
};

TEST_F(Docker, restarts_a_container) {
  ApiStandIn api({engine(204)}, options());
  const ActionResult result = run("restart: shop_web-1.blue");
  EXPECT_EQ(result.end, ActionEnd::done);
  EXPECT_EQ(result.summary, "HTTP 204");
  EXPECT_THAT(api.lines(), ElementsAre("POST /containers/shop_web-1.blue/restart?t=10"));
  const ApiRequest request = api.request(0);
  EXPECT_EQ(request.headers.at("host"), "docker");
  EXPECT_EQ(request.headers.at("content-length"), "0");
  EXPECT_EQ(request.body, "");
}

TEST_F(Docker, says_how_long_the_container_may_take_to_end) {
  ApiStandIn api({engine(204)}, options());
  EXPECT_EQ(run("restart: shop, stop_timeout: 1m30s, timeout: 2m").end, ActionEnd::done);
  EXPECT_THAT(api.lines(), ElementsAre("POST /containers/shop/restart?t=90"));
}

TEST_F(Docker, starts_a_container) {
  ApiStandIn api({engine(204)}, options());
  EXPECT_EQ(run("start: shop").end, ActionEnd::done);
  EXPECT_THAT(api.lines(), ElementsAre("POST /containers/shop/start"));
}

TEST_F(Docker, a_container_that_runs_is_not_started) {
  ApiStandIn api({engine(304)}, options());
  const ActionResult result = run("start: shop");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "HTTP 304: the container runs already");
}

TEST_F(Docker, a_container_that_is_not_there_fails) {
  ApiStandIn api({engine(404, "No such container: shop")}, options());
  const ActionResult result = run("restart: shop");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "HTTP 404: No such container: shop");
  EXPECT_THAT(result.output, HasSubstr("HTTP/1.1 404\n"));
}

TEST_F(Docker, what_the_engine_can_not_do_fails) {
  ApiStandIn api({engine(409, "Container 5f3a is marked for removal and cannot be started"),
                  engine(500, "driver failed programming external connectivity: port is already allocated")},
                 options());
  EXPECT_EQ(run("restart: shop").summary,
            "HTTP 409: Container 5f3a is marked for removal and cannot be started");
  const ActionResult result = run("restart: shop");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("HTTP 500: driver failed"));
}

TEST_F(Docker, without_an_engine_it_is_not_begun) {
  const ActionResult result = run("restart: shop");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary,
            fmt::format("not begun: connect/not_found: \"{}\": No such file or directory", path));
}

TEST_F(Docker, an_engine_that_does_not_answer_is_ambiguous) {
  ApiStandIn api({kSilence}, options());
  const ActionResult result = run("restart: shop, stop_timeout: 0s, timeout: 300ms");
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "no end within 0.3 s");
}

TEST_F(Docker, an_engine_that_hangs_up_is_ambiguous) {
  ApiStandIn api({kHangUp}, options());
  const ActionResult result = run("restart: shop");
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_THAT(result.summary, HasSubstr("request/closed"));
}

TEST_F(Docker, an_answer_that_breaks_off_in_its_head_is_ambiguous) {
  ApiStandIn api({"HTTP/1.1 204 No Content\r\nApi-Ver"}, options());
  EXPECT_EQ(run("restart: shop").end, ActionEnd::ambiguous);
}

TEST(DockerConfig, says_what_is_wrong) {
  EXPECT_THAT(problems_of_action("{docker: {socket: /run/docker.sock}}"),
              ElementsAre(HasSubstr("this action does nothing")));
  EXPECT_THAT(problems_of_action("{docker: {restart: a, start: b}}"),
              ElementsAre(HasSubstr("restart or start, not both")));
  for (const char* name : {"''", "../images", "a/b", "'a b'", "'*'", "-a", "'a?t=0'"}) {
    EXPECT_THAT(problems_of_action(fmt::format("{{docker: {{restart: {}}}}}", name)),
                ElementsAre(HasSubstr("no name of one container")))
        << name;
  }
  EXPECT_THAT(problems_of_action("{docker: {restart: a, stop_timeout: 1500ms}}"),
              ElementsAre(HasSubstr("whole seconds")));
  EXPECT_THAT(problems_of_action("{docker: {restart: a, stop_timeout: 30s}}"),
              ElementsAre(HasSubstr("leaves no time within the timeout of 30s")));
  EXPECT_THAT(problems_of_action("{docker: {restart: a, socket: docker.sock}}"),
              ElementsAre(HasSubstr("begins with a slash")));
}

TEST(DockerConfig, is_a_restart) {
  const auto action = action_of("{docker: {restart: shop, timeout: 1m}}");
  EXPECT_TRUE(action->restarts());
  EXPECT_EQ(action->kind(), "docker");
  EXPECT_EQ(action->timeout(), std::chrono::minutes(1));
}

}  // namespace
}  // namespace lookout::test
