// `lookout probe` as a person sees it: whole texts against tests/unit/report/golden; UPDATE_GOLDEN=1 writes
// them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/core/text.h"
#include "tests/unit/report/report_fixtures.h"

namespace lookout::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr TextStyle kPipe{};
constexpr TextStyle kTerminal{.colour = true, .unicode = true, .width = 80};

void compare_with_golden(const std::string& text, const std::string& file) {
  const std::string path = std::string(LOOKOUT_GOLDEN) + "/" + file;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream stream(path);
  const std::string golden{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(text, golden) << "if this is meant: UPDATE_GOLDEN=1";
}

TEST(ProbeText, IsAsWrittenDown) {
  compare_with_golden(probe_text(report_of(a_good_probe()), kPipe), "good.txt");
  compare_with_golden(probe_text(report_of(a_good_probe()), {.colour = false, .unicode = true, .width = 72}),
                      "good_terminal.txt");
  compare_with_golden(probe_text(report_of(a_failed_probe()), kPipe), "failed.txt");
  compare_with_golden(probe_text(report_of(a_failed_probe()), kTerminal), "failed_colours.txt");
  compare_with_golden(
      probe_text(report_of(a_probe_with_a_chain()), {.colour = false, .unicode = true, .width = 80}),
      "chain.txt");
  compare_with_golden(
      probe_text(report_of(a_hostile_probe()), {.colour = false, .unicode = true, .width = 80}),
      "hostile.txt");
}

std::string without_colours(std::string text) {
  for (std::size_t at; (at = text.find("\x1b[")) != std::string::npos;)
    text.erase(at, text.find('m', at) + 1 - at);
  return text;
}

TEST(ProbeText, StaysWithinTheWidth) {
  for (const std::size_t width : {60U, 80U, 160U}) {
    for (const ProbeResult& result :
         {a_good_probe(), a_failed_probe(), a_hostile_probe(), a_probe_with_a_chain()}) {
      std::istringstream lines(
          without_colours(probe_text(report_of(result), {.colour = true, .unicode = true, .width = width})));
      for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), width) << line;
    }
  }
}

TEST(ProbeText, LetsNothingOfAPeerReachTheTerminal) {
  for (const bool unicode : {false, true}) {
    const std::string text =
        probe_text(report_of(a_hostile_probe()), {.colour = false, .unicode = unicode, .width = 0});
    EXPECT_TRUE(is_utf8(text));
    for (const char letter : text) EXPECT_TRUE(letter == '\n' || static_cast<unsigned char>(letter) >= 0x20);
    EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
    EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
    EXPECT_THAT(text, Not(HasSubstr("\nprobe_success")));
    EXPECT_THAT(text, HasSubstr("\\x1b[2J"));
  }
}

TEST(ProbeText, ShowsATargetThatIsNoTextHarmlessly) {
  const ProbeResult result = a_good_probe();
  const ProbeReport report{"\x1b[31m" + std::string(1000, 'x'), "m", "icmp", result};
  const std::string text = probe_text(report, kPipe);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_LT(text.find(": up in"), 260U);
}

TEST(ProbeText, SaysWhetherTheChainWasBelieved) {
  ProbeResult result = a_probe_with_a_chain();
  const auto text = [&] { return probe_text(report_of(result), kPipe); };
  EXPECT_THAT(text(), HasSubstr("certificates\n  REFUSED: the certificate is expired"));
  result.failure->cause = Cause::closed;
  EXPECT_THAT(text(), HasSubstr("certificates\n  sent by the peer; the handshake did not end well\n"));
  result.failure.reset();
  EXPECT_THAT(text(), HasSubstr("certificates\n  sent by the peer\n"));
  constexpr FactFamily kLast{"probe_ssl_last_chain_expiry_timestamp_seconds", ""};
  result.facts = {{&kLast, -62135596800, ""}};
  EXPECT_THAT(text(), HasSubstr("certificates\n  not verified, as insecure_skip_verify has it\n"));
  result.facts = {{&kLast, 1795422370, ""}};
  EXPECT_THAT(text(), HasSubstr("certificates\n  verified\n"));
}

TEST(NextSteps, WarnOfACertificateThatSoonEnds) {
  ProbeResult result = a_good_probe();
  EXPECT_THAT(next_steps(report_of(result)),
              testing::ElementsAre(HasSubstr("ends in 8 days, on 2026-12-02")));
  result.facts = {{&kExpiry, 1795422370 + 15 * 86400.0, ""}};
  EXPECT_TRUE(next_steps(report_of(result)).empty());
  result.facts = {{&kExpiry, 1795422370 - 86400.0, ""}};
  EXPECT_TRUE(next_steps(report_of(result)).empty()) << "that one fails the probe, or nobody verifies";
}

}  // namespace
}  // namespace lookout::test
