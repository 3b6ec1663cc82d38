// Programs as actions, real ones.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/net/actions/action_fixture.h"

namespace lookout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Exec, a_program_that_ends_well_is_done) {
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'echo restarted; echo and more >&2']}}");
  EXPECT_EQ(result.end, ActionEnd::done);
  EXPECT_EQ(result.summary, "exit status 0");
  EXPECT_EQ(result.output, "restarted\nand more\n");
}

TEST(Exec, another_status_is_a_failure) {
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'echo no such unit; exit 5']}}");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "exit status 5");
  EXPECT_EQ(result.output, "no such unit\n");
}

TEST(Exec, a_signal_is_a_failure) {
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'kill -TERM $$']}}");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "ended by signal 15 (Terminated)");
}

TEST(Exec, no_shell_looks_at_arguments) {
  const ActionResult result = run_once("{exec: {argv: [printf, '%s|', '$HOME; rm -rf x', \"a b\", '*']}}");
  EXPECT_EQ(result.output, "$HOME; rm -rf x|a b|*|");
}

TEST(Exec, a_program_that_is_not_there_is_not_begun) {
  const ActionResult result = run_once("{exec: {argv: [/nowhere/restart]}}");
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: /nowhere/restart: No such file or directory");
}

TEST(Exec, its_environment_is_small_and_says_what_failed) {
  ::setenv("LOOKOUT_TEST_OF_SECRETS", "hunter2", 1);
  const ActionResult result = run_once("{exec: {argv: [env], environment: {TOKEN: deadbeef, LANG: C}}}");
  EXPECT_THAT(result.output, HasSubstr("LOOKOUT_TARGET=shop\n"));
  EXPECT_THAT(result.output, HasSubstr("LOOKOUT_STAGE=connect\n"));
  EXPECT_THAT(result.output, HasSubstr("LOOKOUT_CAUSE=refused\n"));
  EXPECT_THAT(result.output, HasSubstr("LOOKOUT_ATTEMPT=20261125-030421-5f3a90c1.1\n"));
  EXPECT_THAT(result.output, HasSubstr("LANG=C\n"));
  EXPECT_THAT(result.output, HasSubstr("TOKEN=<secret>\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("LOOKOUT_TEST_OF_SECRETS")));
  EXPECT_THAT(result.output, Not(HasSubstr("deadbeef")));
}

TEST(Exec, has_no_descriptors_of_ours) {
  const int leak = ::fcntl(0, F_DUPFD, 77);  // not close-on-exec, as a careless library would leave one
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'cd /proc/self/fd && echo *; readlink 0']}}");
  ::close(leak);
  EXPECT_THAT(result.output, HasSubstr("0 1 2"));
  EXPECT_THAT(result.output, Not(HasSubstr(fmt::format(" {}", leak))));
  EXPECT_THAT(result.output, HasSubstr("/dev/null"));
}

TEST(Exec, is_killed_with_all_that_it_started_when_the_time_is_over) {
  const std::string mark = fmt::format("/tmp/lookout-exec-{}", ::getpid());
  std::filesystem::remove(mark);
  const auto began = std::chrono::steady_clock::now();
  const ActionResult result = run_once(fmt::format(
      "{{exec: {{timeout: 500ms, argv: [sh, -c, 'echo begun; (sleep 2; touch {}) & sleep 300']}}}}", mark));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "no end within 0.5 s");
  EXPECT_EQ(result.output, "begun\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_FALSE(std::filesystem::exists(mark)) << "the child in the background lived on";
}

TEST(Exec, what_it_leaves_in_the_background_lives_on_and_holds_nobody_up) {
  const auto began = std::chrono::steady_clock::now();
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'sleep 20 & echo $!']}}");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  EXPECT_EQ(result.end, ActionEnd::done);
  const pid_t left = std::stoi(result.output);
  EXPECT_EQ(::kill(left, 0), 0);
  ::kill(left, SIGKILL);
}

TEST(Exec, closing_its_output_is_no_end) {
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'exec >&- 2>&-; sleep 0.3; exit 7']}}");
  EXPECT_EQ(result.summary, "exit status 7");
}

TEST(Exec, of_much_output_the_end_is_kept) {
  const ActionResult result = run_once("{exec: {argv: [sh, -c, 'yes | head -c 3000000; echo the end']}}");
  EXPECT_EQ(result.end, ActionEnd::done);
  EXPECT_LE(result.output.size(), ActionResult::kMaximumOutput + 4);
  EXPECT_TRUE(result.output.starts_with("... "));
  EXPECT_TRUE(result.output.ends_with("the end\n"));
}

TEST(Exec, output_is_text) {
  const ActionResult result = run_once("{exec: {argv: [printf, 'a\\033[31mb\\377c\\r\\n']}}");
  EXPECT_EQ(result.output,
            "a [31mb\xEF\xBF\xBD"
            "c\n");
}

TEST(Exec, runs_as_another_user) {
  ASSERT_EQ(::geteuid(), 0U) << "this test needs root, as the tests of ICMP do";
  const ActionResult result =
      run_once("{exec: {user: nobody, argv: [sh, -c, 'id -un; id -Gn; pwd; echo $HOME']}}");
  EXPECT_EQ(result.output, "nobody\nnogroup\n/\n/nonexistent\n");
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 1) << "Lookout itself stays as it is";
}

TEST(Exec, a_user_that_is_not_there_is_not_begun) {
  const ActionResult result = run_once("{exec: {user: nobody-here, argv: [id]}}");
  EXPECT_EQ(result.summary, "not begun: there is no user nobody-here");
}

TEST(Exec, its_folder) {
  EXPECT_EQ(run_once("{exec: {argv: [pwd], directory: /usr}}").output, "/usr\n");
  EXPECT_EQ(run_once("{exec: {argv: [pwd], directory: /nowhere}}").end, ActionEnd::failed);
}

TEST(ActionConfig, says_what_is_missing) {
  EXPECT_THAT(problems_of_action("{}"), ElementsAre(HasSubstr("this action does nothing")));
  EXPECT_THAT(problems_of_action("{exec: {argv: []}}"), ElementsAre(HasSubstr("argv: names no program")));
  EXPECT_THAT(problems_of_action("{exec: {argv: [true], timeout: 0s}}"),
              ElementsAre(HasSubstr("timeout: 0s is out of range")));
}

}  // namespace
}  // namespace lookout::test
