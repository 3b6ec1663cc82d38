// The grpc kind against a server on loopback: what it sends, what it states, and what it makes of each
// health.
#include "probes/grpc/grpc.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/http2_peer.h"
#include "tests/support/patience.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;

// What the server of the conformance cases knows: the whole of it and two services.
GrpcReply standard_health(const Http2Request& request) {
  const std::map<std::string, int> services{{"", 1}, {"service1", 1}, {"service2", 2}};
  if (request.all(":path") != "/grpc.health.v1.Health/Check")
    return {.trailers = {},
            .head = {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "12"}}};
  const auto found = services.find(request.body.size() < 7 ? "" : request.body.substr(7));
  if (found != services.end()) return health(found->second);
  return {.trailers = {},
          .head = {{":status", "200"},
                   {"content-type", "application/grpc"},
                   {"grpc-status", "5"},
                   {"grpc-message", "unknown service"}}};
}

ScriptedServer::Script serving(std::function<GrpcReply(const Http2Request&)> answer = standard_health) {
  return [answer = std::move(answer)](Peer& peer) {
    peer.send(grpc_response(answer(read_http2_request(peer))));
    peer.wait_for_close();
  };
}

ProbeResult probe_at(const std::string& address, const std::string& block, Duration timeout = seconds(5),
                     const std::function<void(ProbeServices&)>& prepare = {}) {
  return probe_once(module_of("{prober: grpc, grpc: {" + block + "}}"), Target{address, {}}, timeout,
                    prepare);
}

// A probe of a server that is well, and what the server was asked; the server is gone by then.
struct Exchange {
  ProbeResult result;
  Http2Request request;
  std::string address;
};

Exchange exchange(const std::string& block, Duration timeout = seconds(5)) {
  Exchange seen;
  {
    ScriptedServer server(serving([&seen](const Http2Request& request) {
      seen.request = request;
      return health(1);
    }));
    seen.address = server.address();
    seen.result = probe_at(server.address(), block, timeout);
  }
  return seen;
}

std::string detail(const ProbeResult& result) { return result.failure ? result.failure->detail : ""; }

// "1 0 0 0": for UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN; "" if there is none.
std::string health_facts(const ProbeResult& result) {
  std::string facts;
  for (const char* status : {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}) {
    const std::string label = std::string("serving_status=\"") + status + "\"";
    const Fact* fact = fact_of(result.facts, "probe_grpc_healthcheck_response", label);
    if (fact != nullptr) facts += (facts.empty() ? "" : " ") + std::to_string(static_cast<int>(fact->value));
  }
  return facts;
}

void expect_facts(const ProbeResult& result, int code, int ssl, const std::string& health,
                  bool refused_certificate = false) {
  EXPECT_EQ(value_of(result.facts, "probe_grpc_status_code"), code) << detail(result);
  EXPECT_EQ(value_of(result.facts, "probe_grpc_ssl"), ssl);
  EXPECT_EQ(health_facts(result), health);
  EXPECT_GE(value_of(result.facts, "probe_grpc_duration_seconds", "phase=\"resolve\""), 0);
  const bool attempted = !health.empty();
  EXPECT_EQ(fact_of(result.facts, "probe_grpc_duration_seconds", "phase=\"check\"") != nullptr, attempted);
  for (const char* tls :
       {"probe_ssl_earliest_cert_expiry", "probe_tls_version_info", "probe_ssl_last_chain_info"})
    EXPECT_EQ(fact_of(result.facts, tls) != nullptr, ssl == 1 || refused_certificate) << tls;
  EXPECT_EQ(fact_of(result.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), nullptr);
  EXPECT_EQ(fact_of(result.facts, "probe_tls_cipher_info"), nullptr);
}

struct ServiceCase {
  const char* name;
  const char* service;
  const char* key;
  int code;
  const char* health;
};

class GrpcServices : public ::testing::TestWithParam<ServiceCase> {};

TEST_P(GrpcServices, are_judged) {
  const ServiceCase& row = GetParam();
  ScriptedServer server(serving());
  const ProbeResult result = probe_at(server.address(), std::string("service: '") + row.service + "'");
  EXPECT_EQ(key_of(result.failure), row.key) << detail(result);
  expect_facts(result, row.code, 0, row.health);
  EXPECT_EQ(names_of(result.stages), "resolve connect request response");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
  EXPECT_EQ(server.trouble(), "");
}

INSTANTIATE_TEST_SUITE_P(
    all, GrpcServices,
    ::testing::Values(
        ServiceCase{"GRPC_001_the_whole_server_is_serving", "", "up", 0, "0 1 0 0"},
        ServiceCase{"GRPC_003_a_service_is_serving", "service1", "up", 0, "0 1 0 0"},
        ServiceCase{"GRPC_004_a_service_is_not_serving", "service2", "response/status", 0, "0 0 1 0"},
        ServiceCase{"GRPC_005_an_unknown_service_fails", "service3", "response/not_found", 5, "0 0 0 0"},
        ServiceCase{"GRPC_008_an_unknown_service_is_code_5", "nobody", "response/not_found", 5, "0 0 0 0"}),
    [](const auto& info) { return info.param.name; });

TEST(Grpc, GRPC_002_metadata_arrives) {
  const auto [result, seen, address] = exchange(
      "metadata: {Key1: [value1, value2], key2-bin: [!!binary AAEC/w==], Authorization: [Bearer x]}");
  EXPECT_EQ(key_of(result.failure), "up") << detail(result);
  expect_facts(result, 0, 0, "0 1 0 0");
  EXPECT_EQ(seen.all("key1"), "value1|value2");
  EXPECT_EQ(seen.all("key2-bin"), "AAEC/w");
  EXPECT_EQ(seen.all("authorization"), "Bearer x");
}

TEST(Grpc, sends_what_the_protocol_wants) {
  const auto [result, seen, address] =
      exchange("service: abc, metadata: {te: [none], User-Agent: [me], grpc-timeout: [1H]}");
  EXPECT_EQ(key_of(result.failure), "up") << detail(result);
  EXPECT_EQ(seen.all(":method"), "POST");
  EXPECT_EQ(seen.all(":scheme"), "http");
  EXPECT_EQ(seen.all(":path"), "/grpc.health.v1.Health/Check");
  EXPECT_EQ(seen.all(":authority"), address);
  EXPECT_EQ(seen.all("content-type"), "application/grpc");
  EXPECT_EQ(seen.all("te"), "trailers");
  EXPECT_EQ(seen.all("user-agent").find("Lookout/"), 0U);
  const std::string timeout = seen.all("grpc-timeout");
  EXPECT_EQ(timeout.back(), 'm');
  EXPECT_LE(std::stoi(timeout), 5000 * kPatience);
  EXPECT_GT(std::stoi(timeout), 1000);
  EXPECT_EQ(seen.body, grpc_message("\x0a\x03"
                                    "abc"));
}

TEST(Grpc, tells_a_long_deadline_in_seconds) {
  const auto [result, seen, address] = exchange("", std::chrono::hours(48));
  EXPECT_EQ(result.verdict, Verdict::up);
  EXPECT_EQ(seen.all("grpc-timeout"), std::to_string(172800 * kPatience) + "S");
}

TEST(Grpc, metadata_that_cannot_be_sent_is_not_the_targets_fault) {
  ScriptedServer server(serving());
  for (const char* metadata :
       {"{'a b': [x]}", "{'': [x]}", "{name: [\"hush\\t\"]}", "{name: [!!binary /w==]}"}) {
    const ProbeResult result = probe_at(server.address(), std::string("metadata: ") + metadata);
    EXPECT_EQ(key_of(result.failure), "resolve/internal") << metadata;
    EXPECT_EQ(detail(result).find("hush"), std::string::npos);
    expect_facts(result, 13, 0, "0 0 0 0");
  }
}

TEST(Grpc, GRPC_009_a_server_without_health_service) {
  ScriptedServer server(serving([](const Http2Request&) {
    return GrpcReply{
        .trailers = {},
        .head = {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "12"}}};
  }));
  const ProbeResult result = probe_at(server.address(), "");
  EXPECT_EQ(key_of(result.failure), "response/protocol");
  EXPECT_EQ(detail(result), "the call ended with UNIMPLEMENTED");
  expect_facts(result, 12, 0, "0 0 0 0");
}

TEST(Grpc, GRPC_010_port_0) {
  const ProbeResult result = probe_at("127.0.0.1:0", "");
  EXPECT_EQ(key_of(result.failure), "connect/refused") << detail(result);
  expect_facts(result, 14, 0, "0 0 0 0");
}

TEST(Grpc, OBS_052_refused) {
  const ClosedPort port;
  const ProbeResult result = probe_at("127.0.0.1:" + std::to_string(port.port()), "");
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  EXPECT_EQ(result.verdict, Verdict::down);
  expect_facts(result, 14, 0, "0 0 0 0");
}

TEST(Grpc, OBS_052_a_server_of_plain_http) {
  ScriptedServer server([](Peer& peer) {
    peer.read_some();
    peer.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    peer.close();
  });
  const ProbeResult result = probe_at(server.address(), "");
  EXPECT_EQ(key_of(result.failure), "response/protocol") << detail(result);
  expect_facts(result, 14, 0, "0 0 0 0");
}

// blackbox_exporter waits for as long as the library likes: twenty seconds.
TEST(Grpc, OBS_053_a_silent_server_ends_with_the_deadline) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const ProbeResult result = probe_at(server.address(), "", milliseconds(300));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  expect_facts(result, 4, 0, "0 0 0 0");
  EXPECT_GE(value_of(result.facts, "probe_grpc_duration_seconds", "phase=\"check\""), 0.2);
  EXPECT_LT(result.duration, seconds(3) * kPatience);
}

TEST(Grpc, OBS_054_a_missing_ca_file_fails_before_resolving) {
  for (const char* tls : {"true", "false"}) {
    const ProbeResult result =
        probe_at("127.0.0.1:9", std::string("tls_config: {ca_file: /nowhere/ca.pem}, tls: ") + tls);
    EXPECT_EQ(key_of(result.failure), "resolve/internal");
    expect_facts(result, 0, 0, "");
    EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr);
    EXPECT_EQ(fact_of(result.facts, "probe_dns_lookup_time_seconds"), nullptr);
  }
}

TEST(Grpc, a_name_that_does_not_exist) {
  ScriptedDns dns;
  const ProbeResult result = probe_at("missing.test:50051", "", seconds(5), name_server(dns.port()));
  EXPECT_EQ(key_of(result.failure), "resolve/not_found");
  expect_facts(result, 0, 0, "");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 0);
}

// blackbox_exporter looks it up again and calls whatever it finds then.
TEST(Grpc, calls_the_address_that_the_facts_are_about) {
  ScriptedServer server(serving());
  ScriptedDns dns;
  dns.add("moving.test", kA, ipv4("127.0.0.1"));
  const ProbeResult result = probe_at("moving.test:" + std::to_string(server.port()),
                                      "preferred_ip_protocol: ip4", seconds(5), name_server(dns.port()));
  EXPECT_EQ(key_of(result.failure), "up") << detail(result);
  EXPECT_EQ(value_of(result.facts, "probe_ip_addr_hash"), 3668918509.0);
  EXPECT_LE(dns.questions(), 2);  // A and AAAA, once
}

// blackbox_exporter's default differs with the presence of the block.
TEST(Grpc, without_a_block_there_is_no_fallback) {
  ScriptedServer server(serving());
  const auto probe = [&](const char* module) {
    return probe_once(module_of(module), Target{server.address(), {}}, seconds(5));
  };
  EXPECT_EQ(key_of(probe("{prober: grpc}").failure), "resolve/not_found");
  EXPECT_EQ(key_of(probe("{prober: grpc, grpc: null}").failure), "resolve/not_found");
  EXPECT_EQ(key_of(probe("{prober: grpc, grpc: {}}").failure), "up");
  EXPECT_EQ(key_of(probe("{prober: grpc, grpc: {ip_protocol_fallback: false}}").failure),
            "resolve/not_found");
}

TEST(Grpc, forms_of_an_address) {
  ScriptedServer server(serving()), six(serving(), {.address = "::1"});
  const std::string address = server.address();
  for (const std::string& form :
       {address, "http://" + address, "HTTPS://" + address + "/path?query", "user:password@" + address,
        six.address(), "http://" + six.address() + "/"}) {
    EXPECT_EQ(key_of(probe_at(form, "").failure), "up") << form;
  }
  for (const char* form : {"", "http://", "http:///path", "bad host:1"}) {
    const ProbeResult result = probe_at(form, "");
    EXPECT_EQ(key_of(result.failure), "resolve/internal") << form;
    expect_facts(result, 0, 0, "");
    EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr) << form;
  }
}

TEST(Grpc, other_healths) {
  for (const auto& [number, facts, said] :
       std::vector<std::tuple<int, std::string, std::string>>{{0, "1 0 0 0", "the health is UNKNOWN"},
                                                              {3, "0 0 0 1", "the health is SERVICE_UNKNOWN"},
                                                              {77, "0 0 0 0", "the health is number 77"}}) {
    ScriptedServer server(serving([told = health(number)](const Http2Request&) { return told; }));
    const ProbeResult result = probe_at(server.address(), "");
    EXPECT_EQ(key_of(result.failure), "response/status");
    EXPECT_EQ(detail(result), said);
    expect_facts(result, 0, 0, facts);
  }
}

class GrpcTls : public ::testing::Test {
 protected:
  ProbeResult meet(const ServerTls& tls, const std::string& tls_config, std::string hostname = {}) {
    ScriptedServer server(serving([this](const Http2Request& request) {
                            seen = request;
                            return health(1);
                          }),
                          {.tls = &tls});
    port = server.port();
    return probe_once(module_of("{prober: grpc, grpc: {tls: true, tls_config: {" + tls_config + "}}}"),
                      Target{server.address(), std::move(hostname)}, seconds(5));
  }
  ServerTls tls_of(const Identity& identity) { return {.identity = identity, .alpn = {"h2"}}; }
  std::string trusting() const { return "ca_file: " + certificates.authority_file(); }

  TestCertificates certificates;
  Http2Request seen;
  std::uint16_t port = 0;
};

TEST_F(GrpcTls, GRPC_006_tls_1_2) {
  ServerTls tls = tls_of(certificates.self_signed());
  tls.maximum_version = 0x0303;
  const ProbeResult result = meet(tls, "insecure_skip_verify: true");
  EXPECT_EQ(key_of(result.failure), "up") << detail(result);
  EXPECT_EQ(names_of(result.stages), "resolve connect tls request response");
  expect_facts(result, 0, 1, "0 1 0 0");
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info", "version=\"TLS 1.2\""), 1);
}

TEST_F(GrpcTls, the_authority_is_the_name_that_is_verified) {
  EXPECT_EQ(key_of(meet(tls_of(certificates.good()), trusting()).failure), "up");
  EXPECT_EQ(seen.all(":authority"), "127.0.0.1");
  EXPECT_EQ(seen.all(":scheme"), "https");
  EXPECT_EQ(key_of(meet(tls_of(certificates.good()), trusting() + ", server_name: example.test").failure),
            "up");
  EXPECT_EQ(seen.all(":authority"), "example.test");
  EXPECT_EQ(key_of(meet(tls_of(certificates.good()), trusting(), "localhost").failure), "up");
  EXPECT_EQ(seen.all(":authority"), "localhost");
}

TEST_F(GrpcTls, GRPC_007_a_server_without_tls) {
  ScriptedServer server(serving());
  const ProbeResult result =
      probe_at(server.address(), "tls: true, tls_config: {insecure_skip_verify: true}");
  EXPECT_EQ(result.failure ? result.failure->stage : Stage::match, Stage::tls);
  expect_facts(result, 14, 0, "0 0 0 0");
}

TEST_F(GrpcTls, OBS_052_an_untrusted_certificate) {
  const ProbeResult result = meet(tls_of(certificates.untrusted()), trusting());
  EXPECT_EQ(key_of(result.failure), "tls/certificate_untrusted");
  expect_facts(result, 14, 0, "0 0 0 0", true);
}

TEST_F(GrpcTls, a_server_that_does_not_choose_http_2) {
  for (const std::vector<std::string>& alpn :
       {std::vector<std::string>{}, std::vector<std::string>{"http/1.1"}}) {
    ServerTls tls = tls_of(certificates.good());
    tls.alpn = alpn;
    const ProbeResult result = meet(tls, trusting());
    EXPECT_EQ(key_of(result.failure), "tls/protocol");
    expect_facts(result, 14, 0, "0 0 0 0");
  }
}

TEST_F(GrpcTls, no_certificate_is_told_of_a_call_that_failed) {
  const ServerTls tls = tls_of(certificates.good());
  ScriptedServer server(serving(), {.tls = &tls});
  const ProbeResult failed =
      probe_at(server.address(), "tls: true, service: nobody, tls_config: {" + trusting() + "}");
  EXPECT_EQ(key_of(failed.failure), "response/not_found");
  expect_facts(failed, 5, 0, "0 0 0 0");
  const ProbeResult unwell =
      probe_at(server.address(), "tls: true, service: service2, tls_config: {" + trusting() + "}");
  EXPECT_EQ(key_of(unwell.failure), "response/status");
  expect_facts(unwell, 0, 1, "0 0 1 0");
}

}  // namespace
}  // namespace lookout::test
