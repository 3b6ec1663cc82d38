// /probe with real probes of real servers: what a user of blackbox_exporter relies on, from request to page.
#include "exporter/metrics/exposition.h"
#include "probes/net/address_policy.h"
#include "probes/net/services.h"
#include "probes/run_probe.h"
#include "tests/net/serve_fixture.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::testing {
namespace {

using test::module_of;
using test::Peer;
using test::ScriptedServer;

class RealBackend final : public FakeBackend {
 public:
  explicit RealBackend(asio::io_context& loop) : FakeBackend(loop), services_(loop) {}
  Task<ProbeResult> probe(std::shared_ptr<const Module> module, Target target, Duration timeout) override {
    return run_probe(std::move(module), std::move(target), timeout, services_);
  }

 private:
  ProbeServices services_;
};

class ServeHandler : public ServeTest {
 protected:
  ServeHandler() : ServeTest([](asio::io_context& loop) { return std::make_unique<RealBackend>(loop); }) {}

  void add_module(const std::string& name, const std::string& yaml) {
    backend().configuration->modules[name] = module_of(yaml);
  }
  static bool succeeded(const Answer& answer) {
    return answer.status == 200 && answer.body.find("\nprobe_success 1\n") != std::string::npos;
  }
  static bool failed(const Answer& answer) {
    return answer.status == 200 && answer.body.find("\nprobe_success 0\n") != std::string::npos;
  }
};

// Answers 200 and keeps what it was asked.
struct WebServer {
  std::promise<std::string> request;
  std::future<std::string> asked = request.get_future();
  ScriptedServer server{[this](Peer& peer) {
    const std::string head = peer.read_request();
    if (peer.number() == 0) request.set_value(head);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.close();
  }};
  std::string address() const { return server.address(); }
};

TEST_F(ServeHandler, HDL_001_GivesAProbeTheTimeThatTheScraperAllows) {
  ScriptedServer silent([](Peer& peer) { peer.stall(); });
  start();
  const Answer answer =
      get("/probe?target=" + silent.address(), "X-Prometheus-Scrape-Timeout-Seconds: 1\r\n");
  EXPECT_TRUE(failed(answer)) << answer.body;
  EXPECT_NE(answer.body.find("\nprobe_timeout_seconds 0.5\n"), std::string::npos) << answer.body;
}

TEST_F(ServeHandler, HDL_018_SendsTheHostname) {
  WebServer web;
  start();
  const Answer answer = get("/probe?target=" + web.address() + "&hostname=foo.example.com");
  EXPECT_TRUE(succeeded(answer)) << answer.body;
  EXPECT_NE(web.asked.get().find("\r\nHost: foo.example.com\r\n"), std::string::npos);
}

TEST_F(ServeHandler, HDL_019_RefusesAHostnameBesideAnotherHostHeader) {
  add_module("host", "{prober: http, http: {headers: {Host: one.example}}}");
  start();
  EXPECT_EQ(get("/probe?target=x&module=host&hostname=two.example").status, 400);
}

struct TargetCase {
  const char* name;
  const char* scheme;
  const char* colon;
  const char* path;
};

class ServeTargets : public ServeHandler, public ::testing::WithParamInterface<TargetCase> {};

TEST_P(ServeTargets, AreProbedHoweverTheyAreEncoded) {
  WebServer web;
  start();
  std::string address = web.address();
  address.replace(address.find(':'), 1, GetParam().colon);
  const Answer answer = get("/probe?target=" + std::string(GetParam().scheme) + address + GetParam().path);
  EXPECT_TRUE(succeeded(answer)) << answer.body;
}

INSTANTIATE_TEST_SUITE_P(Encoded, ServeTargets,
                         ::testing::Values(TargetCase{"HDL_021", "http://", ":", "/"},
                                           TargetCase{"HDL_022", "http://", "%253A", "/"},
                                           TargetCase{"HDL_023", "http://", ":", "/a%3Ab"},
                                           TargetCase{"HDL_024", "http%253A%252F%252F", "%253A", "%252F"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(ServeHandler, OBS_001_WantsATarget) {
  start();
  const Answer answer = get("/probe");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "Target parameter is missing\n");
}

TEST_F(ServeHandler, OBS_002_RefusesAHeaderThatIsNoNumber) {
  start();
  const Answer answer = get("/probe?target=x", "X-Prometheus-Scrape-Timeout-Seconds: abc\r\n");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body,
            "Failed to parse timeout from Prometheus header: strconv.ParseFloat: parsing \"abc\": invalid "
            "syntax\n");
}

TEST_F(ServeHandler, OBS_003_TakesTheModulesTimeWhereTheHeadersIsBelowTheOffset) {
  WebServer web;
  add_module("three", "{prober: http, timeout: 3s}");
  start();
  const Answer answer =
      get("/probe?module=three&target=" + web.address(), "X-Prometheus-Scrape-Timeout-Seconds: 0.2\r\n");
  EXPECT_TRUE(succeeded(answer)) << answer.body;
  EXPECT_NE(answer.body.find("\nprobe_timeout_seconds 3\n"), std::string::npos) << answer.body;
}

TEST_F(ServeHandler, OBS_004_FailsAtOnceWithoutAnyTime) {
  WebServer web;
  start();
  const Answer answer = get("/probe?target=" + web.address(), "X-Prometheus-Scrape-Timeout-Seconds: 0.5\r\n");
  EXPECT_TRUE(failed(answer)) << answer.body;
  EXPECT_NE(answer.body.find("\nprobe_timeout_seconds 0\n"), std::string::npos) << answer.body;
}

// blackbox_exporter hangs up without an answer on all of these.
TEST_F(ServeHandler, OBS_040_AnswersAlsoWhereLabelsAreOfNoUse) {
  ScriptedServer server([](Peer& peer) {
    peer.send("one \xFF\r\ntwo b\r\n");
    peer.wait_for_close();
  });
  add_module(
      "bytes",
      R"({prober: tcp, tcp: {query_response: [{expect: '^one (.+)$', labels: [{name: a, value: '$1'}]}]}})");
  add_module("twice", R"({prober: tcp, tcp: {query_response: [{expect: '^one', labels: [{name: a, value: x}]},
                          {expect: '^two', labels: [{name: a, value: y}]}]}})");
  start();
  for (const std::string module : {"bytes", "twice"}) {
    const Answer answer = get("/probe?target=" + server.address() + "&module=" + module);
    EXPECT_EQ(answer.status, 200) << module;
    EXPECT_NE(answer.body.find("\nprobe_expect_info{a=\""), std::string::npos) << answer.body;
  }
}

TEST_F(ServeHandler, ReachesOnlyWhatProbeTargetsAllows) {
  WebServer web;
  ScriptedServer redirecting([&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:1/\r\nContent-Length: 0\r\n\r\n");
    peer.close();
  });
  AddressPolicy policy;
  policy.deny = {{*parse_ip("127.0.0.2"), 32}, {*parse_ip("::1"), 128}};
  backend().configuration->probe_targets = std::make_shared<const AddressPolicy>(policy);
  start();
  EXPECT_TRUE(succeeded(get("/probe?target=" + web.address())));
  for (const std::string target :
       {"http://127.0.0.2:1/", "http://[::1]:1/", "http://[::ffff:127.0.0.2]:1/", "http://[::]:1/"}) {
    const Answer answer = get("/probe?debug=true&target=" + target);
    EXPECT_NE(answer.body.find("resolve/internal: probe_targets does not allow the address of"),
              std::string::npos)
        << answer.body;
    EXPECT_NE(answer.body.find("\nprobe_success 0\n"), std::string::npos) << answer.body;
  }
  const Answer redirected = get("/probe?debug=true&target=" + redirecting.address());
  EXPECT_NE(redirected.body.find("probe_targets does not allow the address of 127.0.0.2"), std::string::npos)
      << redirected.body;
}

TEST_F(ServeHandler, SendsNothingThroughAProxyThatProbeTargetsWouldNotAllow) {
  ScriptedServer proxy([](Peer& peer) { peer.wait_for_close(); });
  for (const std::string name : {"skipping", "resolving"}) {
    add_module(name, "{prober: http, http: {proxy_url: 'http://" + proxy.address() +
                         "', skip_resolve_phase_with_proxy: " + (name == "skipping" ? "true" : "false") +
                         "}}");
  }
  AddressPolicy policy;
  policy.allow = {{*parse_ip("192.0.2.0"), 24}};
  backend().configuration->probe_targets = std::make_shared<const AddressPolicy>(policy);
  start();
  for (const std::string module : {"skipping", "resolving"}) {
    for (const std::string target : {"http://127.0.0.2/", "https://127.0.0.2/"}) {
      const Answer answer = get("/probe?debug=true&module=" + module + "&target=" + target);
      EXPECT_NE(answer.body.find("probe_targets does not allow the address of 127.0.0.2"), std::string::npos)
          << module << answer.body;
    }
  }
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(ServeHandler, SetsOnlyTheParametersThatTheModuleAllows) {
  WebServer web;
  add_module("any_method", "{prober: http, allow_parameters: [method]}");
  start();
  const std::string target = "&target=" + web.address();
  const Answer allowed = get("/probe?debug=true&module=any_method&method=PUT" + target);
  EXPECT_NE(allowed.body.find("\nprobe_success 1\n"), std::string::npos) << allowed.body;
  EXPECT_NE(allowed.body.find("method: PUT\n"), std::string::npos) << "the module as it was asked with";
  EXPECT_EQ(web.asked.get().substr(0, 4), "PUT ");
  EXPECT_EQ(get("/probe?debug=true&module=any_method" + target).body.find("PUT"), std::string::npos)
      << "the module itself is as it was";

  const Answer refused = get("/probe?method=PUT" + target);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            "module \"http_2xx\" does not allow the URL parameter method; list it under allow_parameters\n");
  for (const std::string bad : {"PUT%20/%20HTTP/1.1%0d%0aX:y", "G%20T", "%00", "a%7Fb", "G,T"}) {
    const Answer answer = get("/probe?module=any_method&method=" + bad + target);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_EQ(answer.body.find("URL parameter method: "), 0u) << answer.body;
  }
}

}  // namespace
}  // namespace lookout::testing
