// The wrapper around every probe: deadlines in each stage, probes that are cut off, loops that stall.
#include "probes/run_probe.h"

#include <numeric>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/patience.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_dns.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Duration kTimeout = milliseconds(300);

Duration sum_of(const std::vector<StageTime>& stages) {
  return std::accumulate(stages.begin(), stages.end(), Duration{},
                         [](Duration sum, const StageTime& stage) { return sum + stage.duration; });
}

// The times of the stages are all of the probe's.
void expect_timeout_in(Stage stage, const ProbeResult& result, const std::string& stages) {
  EXPECT_EQ(result.verdict, Verdict::down);
  EXPECT_EQ(key_of(result.failure), std::string(name(stage)) + "/timeout");
  EXPECT_EQ(names_of(result.stages), stages);
  constexpr Duration timeout = kTimeout * kPatience;
  EXPECT_GE(result.duration, timeout);
  EXPECT_EQ(result.timeout, timeout);
  EXPECT_GE(sum_of(result.stages), result.duration - timeout / 3);
  EXPECT_LE(sum_of(result.stages), result.duration);
  EXPECT_GE(time_of(result.stages, stage), timeout / 10)
      << "on a machine that is busy with other things, too";
}

TEST(RunProbe, DeadlineWhileResolving) {
  ScriptedDns dns;
  dns.script([](const DnsQuestion&) { return DnsAction(); });
  const ProbeResult result = probe_once(module_of("{prober: tcp}"), {"silent.test:80", {}}, kTimeout,
                                        name_server(dns.port(), seconds(30), 1));
  expect_timeout_in(Stage::resolve, result, "resolve");
}

TEST(RunProbe, DeadlineWhileConnecting) {
  const DeafPort port;
  const ProbeResult result =
      probe_once(module_of("{prober: tcp}"), {"127.0.0.1:" + std::to_string(port.port()), {}}, kTimeout);
  expect_timeout_in(Stage::connect, result, "resolve connect");
}

TEST(RunProbe, DeadlineInTheHandshakeRequestAndResponse) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const auto probe = [&](const std::string& block) {
    return probe_once(module_of("{prober: tcp, tcp: {" + block + "}}"), {server.address(), {}}, kTimeout);
  };
  expect_timeout_in(Stage::tls, probe("tls: true"), "resolve connect tls");
  expect_timeout_in(Stage::response, probe("query_response: [{expect: x}]"), "resolve connect response");
  TcpConfig config;
  config.query_response.emplace_back().send.assign(kMoreThanTheKernelTakes, 'x');
  expect_timeout_in(Stage::request, probe_once(config, {server.address(), {}}, kTimeout),
                    "resolve connect request");
}

std::string traced(const ProbeResult& result) {
  std::string text;
  for (const TraceLine& line : result.trace) text += line.text + "\n";
  return text;
}

TEST(Retries, TheFirstAttemptThatIsWellEndsTheProbe) {
  ScriptedServer server([](Peer& peer) {
    if (peer.number() < 2) return peer.close();
    peer.send("hello\n");
    peer.wait_for_close();
  });
  const ProbeResult result =
      probe_once(module_of("{prober: tcp, retries: 5, tcp: {query_response: [{expect: hello}]}}"),
                 {server.address(), {}});
  EXPECT_EQ(result.verdict, Verdict::up);
  EXPECT_EQ(result.attempts, 3);
  EXPECT_EQ(server.connections(), 3) << "each over a connection of its own";
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), 0) << "the last attempt's facts count";
  EXPECT_THAT(traced(result), HasSubstr("attempt 1 of 6: response/closed: "));
  EXPECT_THAT(traced(result), HasSubstr("attempt 2 of 6: response/closed: "));
}

TEST(Retries, TheLastAttemptIsTheVerdict) {
  const ClosedPort port;
  const ProbeResult result =
      probe_once(module_of("{prober: tcp, retries: 2}"), {"127.0.0.1:" + std::to_string(port.port()), {}});
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  EXPECT_EQ(result.attempts, 3);
}

TEST(Retries, AnAttemptThatHangsLeavesRoomForTheNext) {
  ScriptedServer server([](Peer& peer) {
    if (peer.number() == 0) return peer.stall();
    peer.send("hello\n");
    peer.wait_for_close();
  });
  const ProbeResult result =
      probe_once(module_of("{prober: tcp, retries: 1, tcp: {query_response: [{expect: hello}]}}"),
                 {server.address(), {}}, seconds(2));
  EXPECT_EQ(result.verdict, Verdict::up);
  EXPECT_GE(result.duration, milliseconds(950)) << "half of the time was the first attempt's";
  EXPECT_LT(result.duration, milliseconds(2000) * kPatience);
  EXPECT_THAT(traced(result),
              HasSubstr(fmt::format("attempt 1 of 2: response/timeout: no end within {}.000 s", kPatience)));
}

TEST(Retries, AllTogetherEndAtTheDeadline) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const ProbeResult result =
      probe_once(module_of("{prober: tcp, retries: 2, tcp: {query_response: [{expect: hello}]}}"),
                 {server.address(), {}}, milliseconds(600));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_EQ(result.attempts, 3);
  EXPECT_GE(result.duration, milliseconds(600));
  EXPECT_LT(result.duration, milliseconds(1100) * kPatience);
}

TEST(Retries, AFaultOfOursIsNotTriedAgain) {
  const ProbeResult result = probe_once(
      module_of("{prober: tcp, retries: 3, tcp: {source_ip_address: 192.0.2.1}}"), {"127.0.0.1:80", {}});
  EXPECT_EQ(key_of(result.failure), "connect/internal");
  EXPECT_EQ(result.attempts, 1);
}

TEST(Retries, WithoutThemNobodyCounts) {
  const ClosedPort port;
  EXPECT_EQ(probe_once(module_of("{prober: tcp}"), {"127.0.0.1:" + std::to_string(port.port()), {}}).attempts,
            std::nullopt);
}

// One probe on a loop that is the test's own.
struct OnOwnLoop {
  asio::io_context loop{1};
  ProbeServices services{loop};
  asio::cancellation_signal cut;
  std::optional<ProbeResult> result;

  void start(const std::string& yaml, const std::string& address, Duration timeout) {
    asio::co_spawn(loop.get_executor(), run_probe(module_of(yaml), {address, {}}, timeout, services),
                   asio::bind_cancellation_slot(cut.slot(), [this](std::exception_ptr, ProbeResult ended) {
                     result = std::move(ended);
                     loop.stop();
                   }));
  }
};

TEST(RunProbe, WhatIsCutOffIsNotTheTargetsFault) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  OnOwnLoop own;
  own.start("{prober: tcp, tcp: {query_response: [{expect: x}]}}", server.address(), seconds(20));
  own.loop.run_for(milliseconds(100));
  own.cut.emit(asio::cancellation_type::terminal);
  own.loop.run_for(seconds(5));
  ASSERT_TRUE(own.result);
  EXPECT_EQ(key_of(own.result->failure), "response/internal");
  EXPECT_EQ(own.result->verdict, Verdict::inconclusive);
  EXPECT_EQ(names_of(own.result->stages), "resolve connect response");
}

// A probe whose loop sleeps in the middle until `late` after its deadline.
ProbeResult probe_while_stalled(const ScriptedServer& server, Duration late) {
  OnOwnLoop own;
  const SteadyTime wakes = std::chrono::steady_clock::now() + kTimeout + late;
  own.start("{prober: tcp, tcp: {query_response: [{expect: x}]}}", server.address(), kTimeout);
  own.loop.run_for(kTimeout / 4);
  asio::post(own.loop, [wakes] { std::this_thread::sleep_until(wakes); });
  own.loop.run_for(seconds(5));
  return own.result.value();
}

TEST(RunProbe, ALoopThatStalledJudgesNobody) {
  ScriptedServer silent([](Peer& peer) { peer.stall(); });
  const ProbeResult result = probe_while_stalled(silent, kStallTolerance + milliseconds(200));
  EXPECT_EQ(key_of(result.failure), "response/internal");
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.failure->detail, HasSubstr("stalled"));
  ScriptedServer closing([](Peer& peer) {
    peer.pause(milliseconds(100));
    peer.close();
  });
  EXPECT_EQ(probe_while_stalled(closing, kStallTolerance + milliseconds(200)).verdict, Verdict::inconclusive)
      << "nor by what came in the meantime";
}

TEST(RunProbe, ALittleLateIsStillATimeout) {
  ScriptedServer silent([](Peer& peer) { peer.stall(); });
  const ProbeResult result = probe_while_stalled(silent, milliseconds(50));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_EQ(result.verdict, Verdict::down);
}

}  // namespace
}  // namespace lookout::test
