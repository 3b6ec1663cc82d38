// Situations of resolving, connecting and TLS, which kinds share.
#include <thread>

#include <boost/asio/post.hpp>
#include <netinet/in.h>

#include "tests/net/failure_matrix.h"
#include "tests/net/hard_network.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
constexpr Duration kShort = milliseconds(200);

TestCertificates& certificates() {
  static TestCertificates all;
  return all;
}

std::string host_and_port(const std::string& text) { return text; }

std::string trusting(const std::string& name) {
  return "tls_config: {ca_file: '" + certificates().authority_file() + "', server_name: " + name + "}";
}

std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// A name server that knows nobody, and for each name has another way of not helping.
ProbeResult resolve_with_trouble(const std::string& kind, const std::string& block,
                                 const std::string& target) {
  ScriptedDns dns;
  dns.script([&dns](const DnsQuestion& question) -> DnsAction {
    if (question.name == "silent.test") return {};
    if (question.name == "broken.test") return question.reply().with_rcode(kServfail);
    return dns.from_records(question);
  });
  return probe_as(kind, block, target, kShort * 5, name_server(dns.port(), seconds(30), 1));
}

void add_resolving(std::vector<Situation>& all, const std::string& kind, const std::string& block,
                   const std::function<std::string(const std::string&)>& target) {
  const auto add = [&](const std::string& key, const std::string& name) {
    all.push_back({kind, key, [=] { return resolve_with_trouble(kind, block, target(name)); }});
  };
  add("resolve/timeout", "silent.test");
  add("resolve/not_found", "missing.test");
  add("resolve/protocol", "broken.test");
  all.push_back({kind, "resolve/internal", [=] {
                   ScriptedDns dns;
                   return probe_without_descriptors(kind, block, target("web.test"), name_server(dns.port()));
                 }});
}

// The kernel learns of the reset while the loop is busy elsewhere, so that connecting and its end are one.
ProbeResult connect_and_be_reset(const StreamKind& kind) {
  ScriptedServer server([](Peer& peer) { peer.reset(); });
  return probe_as(
      kind.name, kind.plain, kind.aimed(server.address()), seconds(5), [](ProbeServices& services) {
        asio::io_context& loop = services.loop();
        asio::post(loop,
                   [&loop] { asio::post(loop, [] { std::this_thread::sleep_for(milliseconds(200)); }); });
      });
}

void add_connecting(std::vector<Situation>& all, const StreamKind& kind) {
  const auto probe = [kind](std::uint16_t port, Duration timeout) {
    return probe_as(kind.name, kind.plain, kind.aimed(local(port)), timeout);
  };
  all.push_back({kind.name, "connect/refused", [=] { return probe(ClosedPort().port(), seconds(5)); }});
  all.push_back({kind.name, "connect/timeout", [=] {
                   const DeafPort port;
                   return probe(port.port(), kShort);
                 }});
  all.push_back({kind.name, "connect/unreachable",
                 [=] {
                   const DeafPort port;
                   const FilteredPort filter(IPPROTO_TCP, port.port());
                   return probe(port.port(), seconds(5));
                 },
                 true});
  all.push_back({kind.name, "connect/closed", [kind] { return connect_and_be_reset(kind); }});
  all.push_back({kind.name, "connect/internal", [kind] {
                   return probe_without_descriptors(kind.name, kind.plain, kind.aimed("127.0.0.1:9"));
                 }});
  all.push_back({kind.name, "connect/internal",
                 [kind] { return probe_as(kind.name, kind.plain, kind.aimed("192.0.2.1:9")); }, true});
}

ProbeResult shake_hands(const StreamKind& kind, const Identity& identity) {
  const ServerTls tls{.identity = identity};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
  return probe_as(kind.name, kind.encrypted, kind.aimed_encrypted(server.address()));
}

void add_tls(std::vector<Situation>& all, const StreamKind& kind) {
  const auto certificate = [&](const char* key, Identity (TestCertificates::*make)()) {
    all.push_back({kind.name, key, [=] { return shake_hands(kind, (certificates().*make)()); }});
  };
  certificate("tls/certificate_expired", &TestCertificates::expired);
  certificate("tls/certificate_untrusted", &TestCertificates::untrusted);
  certificate("tls/certificate_name", &TestCertificates::wrong_name);
  StreamKind unnameable = kind;  // RFC 6066 section 3: a name is at most 255 bytes long
  const std::string name = "server_name: localhost";
  unnameable.encrypted.replace(unnameable.encrypted.find(name), name.size(),
                               "server_name: " + std::string(300, 'a'));
  all.push_back({kind.name, "tls/internal", [=] { return shake_hands(unnameable, certificates().good()); }});
  const auto script = [&](const char* key, ScriptedServer::Script what, Duration timeout) {
    all.push_back({kind.name, key, [=] {
                     ScriptedServer server(what);
                     return probe_as(kind.name, kind.encrypted, kind.aimed_encrypted(server.address()),
                                     timeout);
                   }});
  };
  script("tls/timeout", [](Peer& peer) { peer.stall(); }, kShort);
  script("tls/closed", [](Peer& peer) { peer.close(); }, seconds(5));
  script(
      "tls/protocol",
      [](Peer& peer) {
        peer.send("220 no TLS here\r\n");
        peer.wait_for_close();
      },
      seconds(5));
}

}  // namespace

ProbeResult probe_as(const std::string& kind, const std::string& block, const std::string& target,
                     Duration timeout, const std::function<void(ProbeServices&)>& prepare) {
  return probe_once(module_of("{prober: " + kind + ", " + kind + ": {" + block + "}}"), {target, {}}, timeout,
                    prepare);
}

ProbeResult probe_without_descriptors(const std::string& kind, const std::string& block,
                                      const std::string& target,
                                      const std::function<void(ProbeServices&)>& prepare) {
  std::optional<NoDescriptors> exhausted;
  return probe_as(kind, block, target, seconds(5), [&](ProbeServices& services) {
    if (prepare) prepare(services);
    const Timer makes_the_loop_take_its_own(services.loop().get_executor());
    exhausted.emplace();
  });
}

std::vector<StreamKind> stream_kinds() {
  const std::string tls_config = trusting("localhost");
  const std::string dns = "query_name: example.com, query_type: A, transport_protocol: tcp";
  return {
      {"tcp", "query_response: [{expect: hello}]", "tls: true, " + tls_config, host_and_port, host_and_port},
      {"http", "", tls_config, [](const std::string& at) { return "http://" + at; },
       [](const std::string& at) { return "https://" + at; }},
      {"websocket", "query_response: [{expect: hello}]", "http_config: {" + tls_config + "}",
       [](const std::string& at) { return "ws://" + at; },
       [](const std::string& at) { return "wss://" + at; }},
      {"dns", dns, dns + ", dns_over_tls: true, " + tls_config, host_and_port, host_and_port},
      {"grpc", "", "tls: true, " + tls_config, host_and_port, host_and_port}};
}

std::vector<Situation> shared_situations() {
  std::vector<Situation> all;
  for (const StreamKind& kind : stream_kinds()) {
    add_resolving(all, kind.name, kind.plain,
                  [kind](const std::string& name) { return kind.aimed(name + ":80"); });
    add_connecting(all, kind);
    add_tls(all, kind);
  }
  add_resolving(all, "icmp", "", host_and_port);
  add_resolving(all, "udp", "query_response: [{expect: hello}]",
                [](const std::string& name) { return name + ":80"; });
  return all;
}

}  // namespace lookout::test
