// The dialogue of the tcp kind: lines, bytes, templates, and peers that do not keep to them.
#include <gtest/gtest.h>

#include "probes/tcp/tcp.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;

ProbeResult hold(ScriptedServer& server, const std::string& steps, Duration timeout = seconds(5)) {
  return probe_once(module_of("{prober: tcp, tcp: {query_response: [" + steps + "]}}"),
                    Target{server.address(), {}}, timeout);
}

// Without a configuration file, for what is too large for one.
ProbeResult send_to(ScriptedServer& server, std::size_t size, Duration timeout = seconds(5)) {
  TcpConfig config;
  config.query_response.emplace_back().send = std::string(size, 'x');
  return probe_once(config, Target{server.address(), {}}, timeout);
}

struct Dialogue {
  const char* name;
  void (*script)(Peer&);
  std::string steps;
  std::string key;
  double regex = 0, bytes = 0;  // probe_failed_due_to_...
  std::string stages = "resolve connect response";
};
void PrintTo(const Dialogue& dialogue, std::ostream* out) { *out << dialogue.name; }

class TcpDialogue : public ::testing::TestWithParam<Dialogue> {};

TEST_P(TcpDialogue, EndsAsItShould) {
  ScriptedServer server(GetParam().script);
  const bool waits = GetParam().key.ends_with("/timeout");
  const ProbeResult result =
      hold(server, GetParam().steps, waits ? Duration(milliseconds(250)) : Duration(seconds(5)));
  EXPECT_EQ(key_of(result.failure), GetParam().key) << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), GetParam().regex);
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_bytes"), GetParam().bytes);
  EXPECT_EQ(names_of(result.stages), GetParam().stages);
  EXPECT_EQ(server.trouble(), "");
  if (waits) EXPECT_GE(time_of(result.stages, result.stages.back().stage), milliseconds(100));
}

const std::vector<Dialogue> kDialogues{
    {"line_matches",
     [](Peer& peer) {
       peer.send("SSH-2.0-test\r\n");
       peer.wait_for_close();
     },
     "{expect: '^SSH-2.0-(test)$'}", "up"},
    {"a_later_line_matches",
     [](Peer& peer) {
       peer.send("one\ntwo\nthree\n");
       peer.wait_for_close();
     },
     "{expect: three}", "up"},
    {"the_last_line_needs_no_end",
     [](Peer& peer) {
       peer.send("one\nlast");
       peer.close();
     },
     "{expect: '^last$'}", "up"},
    {"an_empty_pattern_takes_any_line",
     [](Peer& peer) {
       peer.send("\n");
       peer.wait_for_close();
     },
     "{expect: ''}", "up"},
    {"lines_stay_for_the_next_step",
     [](Peer& peer) {
       peer.send("one\ntwo\n");
       peer.wait_for_close();
     },
     "{expect: one}, {expect: two}", "up"},
    {"a_dripping_line",
     [](Peer& peer) {
       peer.drip("SSH-2.0\n", milliseconds(2));
       peer.wait_for_close();
     },
     "{expect: SSH}", "up"},
    {"no_line_matches",
     [](Peer& peer) {
       peer.send("one\ntwo\n");
       peer.close();
     },
     "{expect: three}", "match/mismatch", 1, 0, "resolve connect response match"},
    {"closes_without_a_line", [](Peer& peer) { peer.close(); }, "{expect: three}", "response/closed", 1},
    {"resets_instead_of_a_line",
     [](Peer& peer) {
       peer.pause(milliseconds(30));  // a reset that overtakes the end of connecting would be one of connect
       peer.reset();
     },
     "{expect: three}", "response/closed"},
    {"resets_after_a_line",
     [](Peer& peer) {
       peer.send("one\n");
       peer.pause(milliseconds(30));
       peer.reset();
     },
     "{expect: three}", "response/closed"},
    {"says_nothing", [](Peer& peer) { peer.stall(); }, "{expect: three}", "response/timeout"},
    {"never_says_it",
     [](Peer& peer) {
       for (;;) peer.drip("no\n", milliseconds(5));
     },
     "{expect: three}", "response/timeout"},
    {"floods",
     [](Peer& peer) {
       std::string no;
       for (int i = 0; i < 20000; ++i) no += "no\n";
       for (;;) peer.send(no);
     },
     "{expect: three}", "response/timeout"},
    {"a_line_without_end",
     [](Peer& peer) {
       for (;;) peer.send(std::string(8192, 'x'));
     },
     "{expect: three}", "response/limit"},
    {"bytes_match",
     [](Peer& peer) {
       peer.send("PONG");
       peer.wait_for_close();
     },
     "{expect_bytes: PONG}", "up"},
    {"bytes_in_pieces",
     [](Peer& peer) {
       peer.drip("PONG", milliseconds(5));
       peer.wait_for_close();
     },
     "{expect_bytes: PONG}", "up"},
    {"bytes_after_a_line",
     [](Peer& peer) {
       peer.send("hello\nPONGrest\n");
       peer.wait_for_close();
     },
     "{expect: hello}, {expect_bytes: PONG}, {expect: '^rest$'}", "up"},
    {"other_bytes",
     [](Peer& peer) {
       peer.send("PING");
       peer.wait_for_close();
     },
     "{expect_bytes: PONG}", "match/mismatch", 0, 1, "resolve connect response match"},
    {"too_few_bytes",
     [](Peer& peer) {
       peer.send("PO");
       peer.close();
     },
     "{expect_bytes: PONG}", "response/closed"},
    {"bytes_never_come",
     [](Peer& peer) {
       peer.send("PO");
       peer.stall();
     },
     "{expect_bytes: PONG}", "response/timeout"},
    {"sends_with_a_line_feed",
     [](Peer& peer) {
       peer.expect("PING\n");
       peer.send("PONG\n");
       peer.wait_for_close();
     },
     "{send: PING}, {expect: PONG}", "up", 0, 0, "resolve connect request response"},
    {"sends_without_a_line_feed",
     [](Peer& peer) {
       peer.expect("PING\r");
       peer.expect("again");
       peer.expect(std::string("\x00\x0a\xff", 3));
       peer.expect("line\n");
       peer.send("PONG\n");
       peer.wait_for_close();
     },
     "{send: \"PING\\r\", skip_newline_on_send: true}, {send: again, skip_newline_on_send: true}, {send_hex: "
     "'00 0A "
     "ff'}, {send: line}, {expect: PONG}",
     "up", 0, 0, "resolve connect request response"},
    {"sends_bytes_that_answer_a_line",
     [](Peer& peer) {
       peer.send("hello\n");
       peer.expect(std::string("\x10\x00", 2));
       peer.send("bye\n");
     },
     "{expect: hello, send_hex: '1000'}, {expect: bye}", "up", 0, 0, "resolve connect response request"},
    {"sends_what_matched",
     [](Peer& peer) {
       peer.send("PING :a1b2\r\n");
       peer.expect("PONG a1b2 $ \n");
       peer.send("ok\n");
       peer.wait_for_close();
     },
     "{expect: '^PING :(?P<token>.*)$', send: 'PONG ${token} $$ $missing'}, {expect: ok}", "up", 0, 0,
     "resolve connect response request"},
    {"sends_verbatim_without_expect",
     [](Peer& peer) {
       peer.expect("costs $1\n");
       peer.send("ok\n");
       peer.wait_for_close();
     },
     "{send: 'costs $1'}, {expect: ok}", "up", 0, 0, "resolve connect request response"},
    {"pattern_fails_after_bytes_were_good",
     [](Peer& peer) {
       peer.send("PONGx\n");
       peer.close();
     },
     "{expect_bytes: PONG}, {expect: y}", "match/mismatch", 1, 0, "resolve connect response match"},
};

INSTANTIATE_TEST_SUITE_P(Net, TcpDialogue, ::testing::ValuesIn(kDialogues),
                         [](const auto& info) { return info.param.name; });

TEST(TcpDialogueEnds, ResetWhileSending) {
  ScriptedServer server([](Peer& peer) {
    peer.read_exactly(1);
    peer.reset();
  });
  EXPECT_EQ(key_of(send_to(server, kMoreThanTheKernelTakes).failure), "request/closed");
}

TEST(TcpDialogueEnds, DeadlineWhileSending) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const ProbeResult result = send_to(server, kMoreThanTheKernelTakes, milliseconds(300));
  EXPECT_EQ(key_of(result.failure), "request/timeout");
  EXPECT_EQ(names_of(result.stages), "resolve connect request");
}

TEST(TcpDialogueEnds, ALineMayBeAsLongAsTheReferenceTakes) {
  ScriptedServer server([](Peer& peer) {
    peer.send(std::string(65535, 'x') + "\n");
    peer.send(std::string(65536, 'x') + "\n");
    peer.wait_for_close();
  });
  const ProbeResult result = hold(server, "{expect: '^x+$'}, {expect: '^x+$'}");
  EXPECT_EQ(key_of(result.failure), "response/limit");
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), 0);
}

TEST(TcpDialogueLabels, AreTakenFromTheLine) {
  ScriptedServer server([](Peer& peer) {
    peer.send("SSH-2.0-OpenSSH_9.2p1 Debian-2\n");
    peer.wait_for_close();
  });
  const ProbeResult result =
      hold(server,
           "{expect: '^SSH-2.0-([^ ]+)(?: (.*))?$', labels: [{name: ssh_version, value: $1},"
           "{name: ssh_comments, value: 'c=$2'}]}");
  const Fact* info = fact_of(result.facts, "probe_expect_info");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->labels, "ssh_comments=\"c=Debian-2\",ssh_version=\"OpenSSH_9.2p1\"");
  EXPECT_EQ(info->value, 1);
}

TEST(TcpDialogueLabels, ALaterStepReplacesAndTheEndDoesNotMatter) {
  ScriptedServer server([](Peer& peer) {
    peer.send("one\ntwo\n");
    peer.close();
  });
  const ProbeResult result =
      hold(server,
           "{expect: (one), labels: [{name: a, value: $1}]}, {expect: (two), labels: [{name: b, value: $1}]},"
           "{expect: three}");
  EXPECT_EQ(key_of(result.failure), "response/closed");
  EXPECT_EQ(fact_of(result.facts, "probe_expect_info", "a="), nullptr);
  EXPECT_NE(fact_of(result.facts, "probe_expect_info", "b=\"two\""), nullptr);
}

// What makes blackbox_exporter panic must do no harm: repeated names, bytes that are no UTF-8, names that are
// none.
TEST(TcpDialogueLabels, HostileValuesAndNames) {
  ScriptedServer server([](Peer& peer) {
    peer.send("bad \xff\"\\ byte\n");
    peer.wait_for_close();
  });
  const ProbeResult result = hold(
      server,
      "{expect: '^bad (.*)$', labels: [{name: a, value: x}, {name: a, value: $1}, {name: 'b c', value: y}]}");
  EXPECT_EQ(key_of(result.failure), "up");
  const Fact* info = fact_of(result.facts, "probe_expect_info");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->labels, "a=\"\xef\xbf\xbd\\\"\\\\ byte\",b_c=\"y\"");
}

TEST(TcpConfigRules, ExpectAndExpectBytesExclude) {
  Problems problems("test.yml");
  const auto document =
      parse_yaml("m: {prober: tcp, tcp: {query_response: [{expect: a, expect_bytes: b}]}}", problems);
  read_modules(*document, problems);
  ASSERT_EQ(problems.sorted().size(), 1U);
  EXPECT_NE(problems.sorted()[0].message.find("expect or expect_bytes"), std::string::npos);
}

TEST(TcpConfigRules, TlsSettingsThatDoNotFit) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"{ca: a, ca_file: b}", "ca or ca_file"},
           {"{cert: a, cert_file: b, key: c}", "cert or cert_file"},
           {"{cert: a, key: c, key_file: d}", "key or key_file"},
           {"{cert: a}", "needs key"},
           {"{key_file: a}", "needs cert"},
           {"{min_version: TLS14}", "TLS13"}}) {
    Problems problems("test.yml");
    const auto document = parse_yaml("m: {prober: tcp, tcp: {tls_config: " + text + "}}", problems);
    read_modules(*document, problems);
    ASSERT_EQ(problems.sorted().size(), 1U) << text;
    EXPECT_NE(problems.sorted()[0].message.find(message), std::string::npos) << problems.sorted()[0].message;
  }
}

}  // namespace
}  // namespace lookout::test
