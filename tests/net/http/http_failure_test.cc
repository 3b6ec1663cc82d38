// Every stage x cause that an http probe can end with, against servers that misbehave that way, and what is
// known of the probe afterwards.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

struct Misbehaviour {
  const char* name;
  ScriptedServer::Script script;
  const char* expected;
  const char* yaml = "";
  Duration timeout = 5s;
};

void PrintTo(const Misbehaviour& row, std::ostream* out) { *out << row.name; }

class HttpFailure : public testing::TestWithParam<Misbehaviour> {};

TEST_P(HttpFailure, is_told_by_stage_and_cause) {
  const Misbehaviour& row = GetParam();
  ScriptedServer server(row.script);
  const Conversed result = probe_http_once(row.yaml, server.address(), row.timeout);
  EXPECT_EQ(key_of(result.failure), row.expected) << (result.failure ? result.failure->detail : "");
  EXPECT_LT(result.duration, (row.timeout + 1s) * kPatience);
}

ScriptedServer::Script sending(std::string data, void (Peer::*then)()) {
  return [data = std::move(data), then](Peer& peer) {
    peer.read_request();
    peer.send(data);
    (peer.*then)();
  };
}

std::string endless_line() { return "HTTP/1.1 200 OK\r\nX-Filler: " + std::string(400'000, 'x'); }

void send_endless_head(Peer& peer) {
  peer.read_request();
  peer.send("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 100; ++i) peer.send(fmt::format("X-{}: {}\r\n", i, std::string(8000, 'x')));
  peer.wait_for_close();
}

void send_many_interim_heads(Peer& peer) {
  peer.read_request();
  for (int i = 0; i < 20'000; ++i) peer.send("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n");
  peer.wait_for_close();
}

void drip_body(Peer& peer) {
  peer.read_request();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  peer.drip(std::string(1000, 'x'), milliseconds(20));
}

void drip_head(Peer& peer) {
  peer.read_request();
  peer.drip("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", milliseconds(20));
  peer.stall();
}

std::vector<Misbehaviour> misbehaviours() {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n";
  const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  return {
      {"silence", [](Peer& peer) { peer.stall(); }, "request/timeout", "", 300ms},
      {"closes at once", [](Peer& peer) { peer.close(); }, "request/closed"},
      {"resets",
       [](Peer& peer) {
         peer.read_some();
         peer.reset();
       },
       "request/closed"},
      {"closes after the request", sending("", &Peer::close), "request/closed"},
      {"resets after the request", sending("", &Peer::reset), "request/closed"},
      {"speaks no HTTP", sending("SSH-2.0-OpenSSH_9.2p1\r\n", &Peer::wait_for_close), "response/protocol"},
      {"speaks garbage", sending(std::string("\0\1\2\3\377\376garbage\n\n", 16), &Peer::wait_for_close),
       "response/protocol"},
      {"stops within the status line", sending("HTTP/1.1 20", &Peer::stall), "request/timeout", "", 300ms},
      {"hangs up within the head", sending("HTTP/1.1 200 OK\r\nX: y\r\n", &Peer::close), "response/closed"},
      {"stops within the head", sending("HTTP/1.1 200 OK\r\nX: y\r\n", &Peer::stall), "response/timeout", "",
       300ms},
      {"drips the head", drip_head, "response/timeout", "", 700ms},
      {"has a head without end", send_endless_head, "response/limit"},
      {"has a header line without end", sending(endless_line(), &Peer::wait_for_close), "response/limit"},
      {"sends interim heads without end", send_many_interim_heads, "response/limit"},
      {"says two lengths",
       sending("HTTP/1.1 200 OK\r\nContent-Length: x5\r\n\r\nhello", &Peer::wait_for_close),
       "response/protocol"},
      {"hangs up within the body", sending(head + "short", &Peer::close), "response/closed"},
      {"resets within the body", sending(head + "short", &Peer::reset), "response/closed"},
      {"stops within the body", sending(head + "short", &Peer::stall), "response/timeout", "", 300ms},
      {"drips the body", drip_body, "response/timeout", "", 400ms},
      {"damages a chunk", sending(chunks + "zz\r\nhello\r\n", &Peer::wait_for_close), "response/protocol"},
      {"hangs up between chunks", sending(chunks + "5\r\nhello\r\n", &Peer::close), "response/closed"},
      {"sends too much", sending("HTTP/1.1 200 OK\r\n\r\n" + std::string(10'000, 'x'), &Peer::stall),
       "response/limit", "body_size_limit: 1KB"},
      {"says that it is unwell", answering(reply(503, "overload")), "response/status"},
      {"says something else", answering(reply(200, "down")), "match/mismatch",
       "fail_if_body_not_matches_regexp: [up]"},
  };
}

INSTANTIATE_TEST_SUITE_P(all, HttpFailure, testing::ValuesIn(misbehaviours()));

TEST(HttpConnectFailure, OBS_005_refused) {
  const ClosedPort port;
  const Conversed result = probe_http_once("", fmt::format("http://127.0.0.1:{}", port.port()));
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  for (const char* phase : {"connect", "tls", "processing", "transfer"}) {
    EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", fmt::format("phase=\"{}\"", phase)), 0)
        << phase;
  }
  EXPECT_GE(value_of(result.facts, "probe_http_duration_seconds", "phase=\"resolve\""), 0);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 0);
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
}

TEST(HttpConnectFailure, stalls) {
  const DeafPort port;
  const Conversed result = probe_http_once("", fmt::format("http://127.0.0.1:{}", port.port()), 300ms);
  EXPECT_EQ(key_of(result.failure), "connect/timeout");
  EXPECT_GT(time_of(result.stages, Stage::connect), 200ms);
}

TEST(HttpResolveFailure, OBS_006_unknown_name_leaves_only_the_resolve_phase) {
  ScriptedDns dns;
  const HttpConfig config = http_config("");
  const Target target{"http://nowhere.test/", ""};
  const Conversed result = converse_until(
      5s, [&](ProbeRun& run) { return probe_http(config, target, run); }, name_server(dns.port()));
  EXPECT_EQ(key_of(result.failure), "resolve/not_found");
  EXPECT_NE(fact_of(result.facts, "probe_http_duration_seconds", "phase=\"resolve\""), nullptr);
  EXPECT_EQ(fact_of(result.facts, "probe_http_duration_seconds", "phase=\"connect\""), nullptr);
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 0);
  EXPECT_EQ(value_of(result.facts, "probe_ip_addr_hash"), 0);
}

TEST(HttpResolveFailure, silent_name_server) {
  ScriptedDns dns;
  dns.script([](const DnsQuestion&) { return DnsAction(); });
  const HttpConfig config = http_config("");
  const Target target{"http://nowhere.test/", ""};
  const Conversed result = converse_until(
      300ms, [&](ProbeRun& run) { return probe_http(config, target, run); }, name_server(dns.port(), 2s));
  EXPECT_EQ(key_of(result.failure), "resolve/timeout");
  EXPECT_NE(fact_of(result.facts, "probe_http_duration_seconds", "phase=\"resolve\""), nullptr);
}

TEST(HttpOwnFault, OBS_007_target_that_is_no_url_states_no_address) {
  const Conversed result = probe_http_once("", "http://bad%zzhost/");
  EXPECT_EQ(key_of(result.failure), "resolve/internal");
  EXPECT_EQ(fact_of(result.facts, "probe_http_duration_seconds"), nullptr);
  EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 0);
}

TEST(HttpOwnFault, hostname_cannot_smuggle_a_header) {
  const Conversed result = probe_http_once("", "http://127.0.0.1:1/", 5s, "a\r\nX: y");
  EXPECT_EQ(key_of(result.failure), "resolve/internal");
}

TEST(HttpOwnFault, OBS_008_missing_files_of_tls_or_body) {
  const Conversed authority = probe_http_once("tls_config: {ca_file: /nonexistent}", "http://127.0.0.1:1/");
  EXPECT_EQ(key_of(authority.failure), "resolve/internal");
  EXPECT_EQ(fact_of(authority.facts, "probe_http_duration_seconds", "phase=\"connect\""), nullptr);
  const Conversed body = probe_http_once("body_file: /nonexistent", "http://127.0.0.1:1/");
  EXPECT_EQ(key_of(body.failure), "resolve/internal");
  EXPECT_EQ(fact_of(body.facts, "probe_http_duration_seconds", "phase=\"connect\""), nullptr);
}

TEST(HttpOwnFault, OBS_009_missing_file_of_a_password) {
  const Conversed password =
      probe_http_once("basic_auth: {username: a, password_file: /nonexistent}", "http://127.0.0.1:1/");
  EXPECT_EQ(key_of(password.failure), "resolve/internal");
  EXPECT_EQ(value_of(password.facts, "probe_http_duration_seconds", "phase=\"connect\""), 0);
}

TEST(HttpTimeout, OBS_010_tells_what_was_measured_before_the_answer) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const Conversed result = probe_http_once("", server.address(), 300ms);
  EXPECT_EQ(names_of(result.stages), "resolve connect request");
  EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"connect\""), 0);
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "phase=\"processing\""), 0);
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "phase=\"transfer\""), 0);
  EXPECT_EQ(value_of(result.facts, "probe_http_version"), 0);
}

TEST(HttpTimeout, OBS_011_tells_what_arrived_of_the_answer) {
  ScriptedServer server(sending("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", &Peer::stall));
  const Conversed result = probe_http_once("fail_if_body_matches_regexp: [x]", server.address(), 400ms);
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 200);
  EXPECT_EQ(value_of(result.facts, "probe_http_version"), 1.1);
  EXPECT_EQ(value_of(result.facts, "probe_http_content_length"), 50);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 5);
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), 1);
  EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"transfer\""), 0.2);
}

TEST(HttpAnswer, OBS_012_body_that_is_cut_short) {
  ScriptedServer server(sending("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", &Peer::close));
  const Conversed result = probe_http_once("", server.address());
  EXPECT_EQ(key_of(result.failure), "response/closed");
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 200);
  EXPECT_EQ(value_of(result.facts, "probe_http_content_length"), 50);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 5);
}

TEST(HttpAnswer, before_the_whole_request_was_read) {
  ScriptedServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(reply(413, "too much"));
    peer.pause(milliseconds(50));
    peer.close();
  });
  HttpConfig config = http_config("method: POST");
  config.body.assign(4'000'000, 'x');  // more than the kernel buffers
  const Conversed result = probe_http_once(config, server.address());
  EXPECT_EQ(key_of(result.failure), "response/status");
}

}  // namespace
}  // namespace lookout::test
