// The matrix of failures is complete: every stage x cause that can happen to a kind is reached through the
// whole of run_probe against a real socket that misbehaves that way.
#include "tests/net/failure_matrix.h"

#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "exporter/report/advice.h"
#include "tests/net/network_namespace.h"

namespace lookout::test {
namespace {

// What cannot be brought about is not here: what the kernel tells of a connection that stands only after its
// own retries (unreachable and timeout, a quarter of an hour), and a reset that falls between a handshake and
// the first bytes of a dns request.
const std::map<std::string, std::vector<std::string>> kCanHappen{
    {"tcp",
     {"resolve: timeout not_found protocol internal", "connect: timeout refused unreachable closed internal",
      "tls: timeout closed protocol certificate_expired certificate_untrusted certificate_name internal",
      "request: timeout closed", "response: timeout closed protocol limit", "match: mismatch"}},
    {"http",
     {"resolve: timeout not_found protocol internal",
      "connect: timeout refused unreachable closed protocol limit internal",  // protocol, limit: of a proxy
      "tls: timeout closed protocol certificate_expired certificate_untrusted certificate_name internal",
      "request: timeout closed internal", "response: timeout closed protocol status limit",
      "match: mismatch limit"}},
    {"dns",
     {"resolve: timeout not_found protocol internal", "connect: timeout refused unreachable closed internal",
      "tls: timeout closed protocol certificate_expired certificate_untrusted certificate_name internal",
      "request: timeout closed internal",
      "response: timeout refused unreachable closed not_found protocol status limit",
      "match: mismatch limit"}},
    {"udp",
     {"resolve: timeout not_found protocol internal", "connect: internal", "request: limit",
      "response: timeout refused unreachable", "match: mismatch"}},
    {"websocket",
     {"resolve: timeout not_found protocol internal", "connect: timeout refused unreachable closed internal",
      "tls: timeout closed protocol certificate_expired certificate_untrusted certificate_name internal",
      "request: timeout closed", "response: timeout closed protocol status limit", "match: mismatch"}},
    {"unix",
     {"connect: timeout refused not_found protocol internal",
      "tls: timeout closed protocol certificate_expired certificate_untrusted certificate_name internal",
      "request: timeout closed", "response: timeout closed limit", "match: mismatch"}},
    {"icmp",
     {"resolve: timeout not_found protocol internal", "connect: internal", "request: limit internal",
      "response: timeout unreachable limit"}},
    {"grpc",
     {"resolve: timeout not_found protocol internal", "connect: timeout refused unreachable closed internal",
      "tls: timeout closed protocol certificate_expired certificate_untrusted certificate_name internal",
      "response: timeout refused closed not_found protocol status limit"}}};

std::set<std::string> all_that_can_happen() {
  std::set<std::string> keys;
  for (const auto& [kind, stages] : kCanHappen) {
    for (const std::string& line : stages) {
      const std::size_t colon = line.find(':');
      EXPECT_TRUE(parse_stage(line.substr(0, colon))) << line;
      std::istringstream causes(line.substr(colon + 1));
      for (std::string cause; causes >> cause;) {
        EXPECT_TRUE(parse_cause(cause)) << line;
        keys.insert(kind + " " + line.substr(0, colon) + "/" + cause);
      }
    }
  }
  return keys;
}

std::vector<Situation> situations() {
  std::vector<Situation> all;
  for (const auto& part :
       {shared_situations(), tcp_situations(), http_situations(), dns_situations(), icmp_situations(),
        grpc_situations(), unix_situations(), udp_situations(), websocket_situations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void expect_to_happen(const Situation& situation) {
  const ProbeResult result = situation.happens();
  EXPECT_EQ(key_of(result.failure), situation.key) << (result.failure ? result.failure->detail : "");
  const bool ours = situation.key.ends_with("/internal");
  EXPECT_EQ(result.verdict, ours ? Verdict::inconclusive : Verdict::down);
  ASSERT_FALSE(result.stages.empty());
}

class FailureMatrix : public ::testing::TestWithParam<Situation> {};

TEST_P(FailureMatrix, is_reached) {
  const Situation& situation = GetParam();
  if (situation.in_namespace) {
    in_network_namespace([&] { expect_to_happen(situation); });
  } else {
    expect_to_happen(situation);
  }
}

INSTANTIATE_TEST_SUITE_P(kinds, FailureMatrix, ::testing::ValuesIn(situations()), [](const auto& info) {
  std::string name = info.param.kind + "_" + info.param.key;
  for (char& letter : name) {
    if (letter == '/') letter = '_';
  }
  return name + "_" + std::to_string(info.index);
});

TEST(FailureMatrixAsAWhole, has_a_situation_for_everything_that_can_happen) {
  std::set<std::string> reached;
  for (const Situation& situation : situations()) reached.insert(situation.kind + " " + situation.key);
  EXPECT_EQ(reached, all_that_can_happen());
  for (const ProbeKind& kind : probe_kinds())
    EXPECT_TRUE(kCanHappen.contains(std::string(kind.name))) << kind.name;
}

// A row for what can happen, not only what holds for the cause in any stage.
TEST(FailureMatrixAsAWhole, has_advice_for_everything_that_can_happen) {
  for (const std::string& each : all_that_can_happen()) {
    const std::size_t space = each.find(' '), slash = each.find('/');
    const Failure failure{*parse_stage(each.substr(space + 1, slash - space - 1)),
                          *parse_cause(each.substr(slash + 1)), ""};
    EXPECT_NE(find_advice(failure, each.substr(0, space)), nullptr) << each;
  }
}

}  // namespace
}  // namespace lookout::test
