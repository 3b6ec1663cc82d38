// Units as actions, against a real systemd with units of the test's own, on its own socket and on a real bus.
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/actions/action_fixture.h"
#include "tests/net/actions/api_stand_in.h"
#include "tests/net/actions/real_systemd.h"
#include "tests/support/patience.h"

namespace lookout::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string unit_property(const RealSystemd& manager, const std::string& unit, const std::string& property) {
  return manager.systemctl(fmt::format("show --value -p {} {}", property, unit));
}

void wait_for(const RealSystemd& manager, const std::string& unit, const std::string& state) {
  for (int i = 0; i < 100 * kPatience && unit_property(manager, unit, "SubState") != state; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_EQ(unit_property(manager, unit, "SubState"), state);
}

class Systemd : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    manager = new RealSystemd();
    manager->add_unit("shop.service", "ExecStart=/bin/sleep 300");
    manager->add_unit("broken.service", "Type=oneshot\nExecStart=/bin/false");
    manager->add_unit("slow.service", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 0.5");
    manager->add_unit("endless.service", "Type=oneshot\nExecStart=/bin/sleep 300");
    manager->add_unit("coming-back.service", "ExecStart=/bin/false\nRestart=always\nRestartSec=300");
  }
  static void TearDownTestSuite() { delete std::exchange(manager, nullptr); }
  void TearDown() override { manager->systemctl("stop '*.service'"); }

  static ActionResult run(const std::string& keys) {
    return run_once(fmt::format("{{systemd: {{socket: {}, {}}}}}", manager->private_socket(), keys));
  }
  static std::string show(const std::string& unit, const std::string& property) {
    return unit_property(*manager, unit, property);
  }
  static inline RealSystemd* manager = nullptr;
};

TEST_F(Systemd, restarts_a_unit) {
  manager->systemctl("start shop");
  const std::string before = show("shop", "MainPID");
  const ActionResult result = run("restart: shop.service");
  EXPECT_EQ(result.end, ActionEnd::done);
  EXPECT_EQ(result.summary, "job done: shop.service is active (running)");
  EXPECT_NE(show("shop", "MainPID"), before);
  EXPECT_EQ(show("shop", "ActiveState"), "active");
}

TEST_F(Systemd, brings_back_a_unit_that_was_killed) {
  manager->systemctl("start shop");
  manager->systemctl("kill --signal=KILL shop");
  wait_for(*manager, "shop", "failed");
  EXPECT_EQ(run("restart: shop.service").summary, "job done: shop.service is active (running)");
}

TEST_F(Systemd, starts_a_unit_that_is_not_running_and_leaves_one_that_is) {
  EXPECT_EQ(run("start: shop.service").summary, "job done: shop.service is active (running)");
  const std::string before = show("shop", "MainPID");
  const ActionResult again = run("start: shop.service");
  EXPECT_EQ(again.end, ActionEnd::failed);
  EXPECT_EQ(again.summary, "not begun: shop.service runs already: it is active (running)");
  EXPECT_EQ(show("shop", "MainPID"), before);
}

TEST_F(Systemd, a_unit_that_fails_to_start_is_a_failed_action) {
  const ActionResult result = run("restart: broken.service");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "job failed: broken.service is failed (failed)");
}

TEST_F(Systemd, is_done_when_the_unit_has_started) {
  EXPECT_EQ(run("restart: slow.service").summary, "job done: slow.service is active (exited)");
}

TEST_F(Systemd, a_unit_that_systemd_does_not_know_is_not_touched) {
  const ActionResult result = run("restart: nosuch.service");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: Unit nosuch.service not found.");
}

TEST_F(Systemd, leaves_alone_what_systemd_is_about_to_restart) {
  manager->systemctl("start --no-block coming-back");
  wait_for(*manager, "coming-back", "auto-restart");
  const ActionResult result = run("restart: coming-back.service");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary,
            "not begun: systemd restarts coming-back.service by itself: it is activating (auto-restart)");
}

TEST_F(Systemd, a_job_without_an_end_is_ambiguous) {
  const ActionResult result = run("restart: endless.service, timeout: 300ms");
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "no end within 0.3 s");
}

TEST_F(Systemd, a_job_that_somebody_cancels_has_failed) {
  std::thread somebody([] {
    wait_for(*manager, "endless", "start");
    manager->systemctl("stop endless");
  });
  const ActionResult result = run("restart: endless.service");
  somebody.join();
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, StartsWith("job canceled: endless.service is "));
}

TEST(SystemdAlone, that_goes_away_leaves_an_ambiguous_action) {
  RealSystemd manager;
  manager.add_unit("endless.service", "Type=oneshot\nExecStart=/bin/sleep 5");
  std::thread somebody([&] {
    wait_for(manager, "endless", "start");
    manager.kill();
  });
  const ActionResult result = run_once(
      fmt::format("{{systemd: {{socket: {}, restart: endless.service}}}}", manager.private_socket()));
  somebody.join();
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "D-Bus: Connection reset by peer");
}

TEST(SystemdAlone, is_reached_over_a_bus_that_may_refuse) {
  RealSystemd manager(true);
  manager.add_unit("shop.service", "ExecStart=/bin/sleep 300");
  const auto run = [&](std::string_view keys) {
    return run_once(fmt::format("{{systemd: {{socket: {}, timeout: 10s, {}}}}}", manager.bus_socket(), keys));
  };
  const ActionResult restarted = run("restart: shop.service");
  EXPECT_EQ(restarted.end, ActionEnd::done) << restarted.summary;
  EXPECT_EQ(restarted.summary, "job done: shop.service is active (running)");
  manager.systemctl("stop shop");
  const ActionResult denied = run("start: shop.service");
  EXPECT_EQ(denied.end, ActionEnd::failed);
  EXPECT_THAT(denied.summary, StartsWith("not begun: "));
  EXPECT_THAT(denied.summary, HasSubstr("let Lookout's user manage shop.service by a rule of polkit"));
  EXPECT_EQ(manager.systemctl("is-active shop"), "inactive");
}

TEST(SystemdAlone, that_cannot_be_reached_is_not_touched) {
  const ActionResult result =
      run_once("{systemd: {socket: /nowhere/systemd/private, restart: shop.service}}");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: /nowhere/systemd/private: No such file or directory");
}

TEST(SystemdAlone, whoever_speaks_something_else_is_not_believed) {
  const std::string path = fmt::format("/tmp/lookout-no-systemd-{}.sock", ::getpid());
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 OK\r\n\r\n"), kHangUp, std::string(5000, 'x')}) {
    std::filesystem::remove(path);
    ScriptedServer server(
        [&](Peer& peer) {
          peer.read_some();
          if (answer != kHangUp) peer.send(answer);
        },
        {.address = path});
    const ActionResult result =
        run_once(fmt::format("{{systemd: {{socket: {}, restart: shop.service, timeout: 5s}}}}", path));
    EXPECT_EQ(result.end, ActionEnd::failed) << answer;
    EXPECT_THAT(result.summary, StartsWith("not begun: ")) << answer;
    EXPECT_THAT(result.summary, testing::Not(HasSubstr("no end within"))) << answer;
  }
  std::filesystem::remove(path);
}

TEST(SystemdConfig, names_one_unit) {
  EXPECT_THAT(problems_of_action("{systemd: {restart: shop}}").at(0),
              HasSubstr("\"shop\" is no name of one unit; write it in full, e.g. shop.service"));
  EXPECT_EQ(problems_of_action("{systemd: {restart: \"shop*.service\"}}").size(), 1U);
  EXPECT_EQ(problems_of_action("{systemd: {restart: \"../shop.service\"}}").size(), 1U);
  EXPECT_EQ(problems_of_action("{systemd: {start: a.service, restart: b.service}}").size(), 1U);
  EXPECT_EQ(problems_of_action("{systemd: {}}").size(), 1U);
  EXPECT_EQ(problems_of_action("{systemd: {restart: \"shop@1.service\", socket: bus}}").size(), 1U);
  EXPECT_EQ(problems_of_action("{systemd: {restart: \"getty@tty1.service\"}}").size(), 0U);
}

}  // namespace
}  // namespace lookout::test
