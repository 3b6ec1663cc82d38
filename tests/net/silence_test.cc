// Waiting for an answer that does not come costs nothing: otherwise services that hang would hold a core.
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "probes/run_probe.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

struct Kind {
  std::string name, module;
  std::string before_address = {};
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.module; }

class Silence : public testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(
    Kinds, Silence,
    testing::Values(
        Kind{"http", "{prober: http}", "http://"}, Kind{"https", "{prober: http}", "https://"},
        Kind{"http_through_a_proxy", "{prober: http, http: {proxy_url: \"http://PEER\"}}", "http://"},
        Kind{"tcp", "{prober: tcp, tcp: {query_response: [{expect: x}]}}"},
        Kind{"tls", "{prober: tcp, tcp: {tls: true}}"},
        Kind{"grpc", "{prober: grpc, grpc: {preferred_ip_protocol: ip4}}"},
        Kind{"grpc_with_tls", "{prober: grpc, grpc: {tls: true}}"},
        Kind{"websocket", "{prober: websocket}", "ws://"},
        Kind{"dns_tcp", "{prober: dns, dns: {query_name: example.org, transport_protocol: tcp}}"}),
    [](const auto& info) { return info.param.name; });

TEST_P(Silence, leaves_the_loop_asleep) {
  constexpr std::size_t kMostTurns = 100;
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  std::string module = GetParam().module;
  if (const std::size_t at = module.find("PEER"); at != std::string::npos)
    module.replace(at, 4, server.address());
  asio::io_context loop(1);
  ProbeServices services(loop);
  ProbeResult result;
  asio::co_spawn(
      loop.get_executor(),
      run_probe(module_of(module), {GetParam().before_address + server.address(), {}}, 500ms, services),
      [&](std::exception_ptr exception, ProbeResult finished) {
        if (exception) std::rethrow_exception(exception);
        result = std::move(finished);
        loop.stop();
      });
  const std::size_t turns = loop.run();
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->cause, Cause::timeout) << result.failure->detail;
  EXPECT_LT(turns, kMostTurns);
}

}  // namespace
}  // namespace lookout::test
