// Situations of requests, responses and checks, each kind's own.
#include <netinet/in.h>

#include "tests/net/failure_matrix.h"
#include "tests/net/hard_network.h"
#include "tests/net/icmp_peer.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
constexpr Duration kShort = milliseconds(200);
const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n";

std::string plain(const std::string& address) { return address; }
std::string url(const std::string& address) { return "http://" + address; }
std::string secure_url(const std::string& address) { return "https://" + address; }

// A probe of a server with this script.
std::function<ProbeResult()> meeting(const std::string& kind, const std::string& block,
                                     std::string (*aimed)(const std::string&), ScriptedServer::Script script,
                                     Duration timeout = seconds(5)) {
  return [=] {
    ScriptedServer server(script);
    return probe_as(kind, block, aimed(server.address()), timeout);
  };
}

// Reads the head of a request, sends, and then does this.
ScriptedServer::Script answering(std::string answer, void (Peer::*then)() = &Peer::wait_for_close) {
  return [=](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(answer);
    (peer.*then)();
  };
}

// Sends more than the kernel takes.
std::function<ProbeResult()> sending_much(ScriptedServer::Script script, Duration timeout = seconds(5)) {
  return [=] {
    ScriptedServer server(script);
    TcpConfig config;
    config.query_response.emplace_back().send.assign(kMoreThanTheKernelTakes, 'x');
    return probe_once(config, {server.address(), {}}, timeout);
  };
}

ProbeResult ask_unwelcome_without_certificate() {
  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good(), .client_ca_pem = certificates.authority_pem()};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
  return probe_as("tcp",
                  "tls: true, tls_config: {insecure_skip_verify: true}, query_response: [{expect: hello}]",
                  server.address());
}

const std::string kCareless = "tls_config: {insecure_skip_verify: true}";

// The descriptors run out between the handshake and the request, which takes two of its own over TLS; what
// all requests of a loop share takes some, too, at the first.
ProbeResult request_over_tls_without_descriptors(const std::string& kind, const std::string& block) {
  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good()};
  std::optional<NoDescriptors> exhausted;
  ScriptedServer server([&](Peer& peer) {
    exhausted.emplace();
    peer.start_tls(tls);
    peer.wait_for_close();
  });
  const ProbeResult result = probe_as(kind, block, secure_url(server.address()), seconds(5),
                                      [](ProbeServices& services) { services.http(); });
  exhausted.reset();
  return result;
}

const std::string kDns = "query_name: example.com, query_type: A, ";

std::function<ProbeResult()> asking(std::function<DnsAction(const DnsQuestion&)> script,
                                    const std::string& more = "transport_protocol: udp",
                                    Duration timeout = seconds(5)) {
  return [=] {
    ScriptedDns server;
    server.script(script);
    return probe_as("dns", kDns + more, "127.0.0.1:" + std::to_string(server.port()), timeout);
  };
}

const std::string kOverHttps = kDns + "dns_over_https: true, " + kCareless;

std::function<ProbeResult()> asking_over_https(ScriptedServer::Script script, Duration timeout = seconds(5)) {
  return [=] {
    TestCertificates certificates;
    const ServerTls tls{.identity = certificates.good()};
    ScriptedServer server(script, {.tls = &tls});
    return probe_as("dns", kOverHttps, secure_url(server.address()), timeout);
  };
}

std::function<ProbeResult()> asking_for_code(int code) {
  return asking([code](const DnsQuestion& question) { return question.reply().with_rcode(code); });
}

ProbeResult ask_a_filtered_port() {
  ScriptedDns server;
  server.script([](const DnsQuestion&) { return DnsAction(); });
  const FilteredPort filter(IPPROTO_UDP, server.port());
  return probe_as("dns", kDns + "transport_protocol: udp", "127.0.0.1:" + std::to_string(server.port()));
}

// An echo request that is answered with an ICMP error of type 3.
std::function<ProbeResult()> pinging(std::uint8_t code) {
  return [code] {
    IcmpPeer peer(IcmpFamily::v4, [&](const SeenRequest& request) {
      return std::vector<SentMessage>{{request.error(3, code, 1400), ""}};
    });
    return probe_as("icmp", "", "127.0.0.1");
  };
}

ProbeResult ping_nobody() {
  IcmpPeer peer(IcmpFamily::v4, [](const SeenRequest&) { return std::vector<SentMessage>(); });
  return probe_as("icmp", "", "127.0.0.1", kShort);
}

}  // namespace

std::vector<Situation> tcp_situations() {
  const std::string kHello = "query_response: [{expect: hello}]";
  const auto meet = [](const std::string& block, ScriptedServer::Script script,
                       Duration timeout = seconds(5)) {
    return meeting("tcp", block, plain, std::move(script), timeout);
  };
  return {
      {"tcp", "request/timeout", sending_much([](Peer& peer) { peer.stall(); }, kShort)},
      {"tcp", "request/closed", sending_much([](Peer& peer) {
         peer.read_some();
         peer.reset();
       })},
      {"tcp", "response/timeout",
       meet(
           kHello, [](Peer& peer) { peer.stall(); }, kShort)},
      {"tcp", "response/closed", meet(kHello, [](Peer& peer) { peer.close(); })},
      {"tcp", "response/limit",
       meet(kHello,
            [](Peer& peer) {
              peer.send(std::string(1'000'000, 'x'));
              peer.wait_for_close();
            })},
      {"tcp", "response/protocol", ask_unwelcome_without_certificate},
      {"tcp", "match/mismatch",
       meet(kHello,
            [](Peer& peer) {
              peer.send("good bye\n");
              peer.close();
            })},
  };
}

std::vector<Situation> http_situations() {
  const auto meet = [](const std::string& block, ScriptedServer::Script script,
                       Duration timeout = seconds(5)) {
    return meeting("http", block, url, std::move(script), timeout);
  };
  const auto tunnel = [](ScriptedServer::Script script) -> std::function<ProbeResult()> {
    return [=] {
      ScriptedServer proxy(script);
      return probe_as("http", "proxy_url: 'http://" + proxy.address() + "'", "https://127.0.0.1:9/");
    };
  };
  return {
      {"http", "connect/protocol", tunnel(answering("SSH-2.0-x\r\n\r\n"))},
      {"http", "connect/limit", tunnel(answering(std::string(1'000'000, 'x')))},
      {"http", "connect/closed", tunnel([](Peer& peer) { peer.close(); })},
      {"http", "connect/refused", tunnel(answering("HTTP/1.1 403 Forbidden\r\n\r\n"))},
      {"http", "request/timeout",
       meet(
           "", [](Peer& peer) { peer.stall(); }, kShort)},
      {"http", "request/closed", meet("", answering("", &Peer::close))},
      {"http", "request/internal", [] { return request_over_tls_without_descriptors("http", kCareless); }},
      {"http", "response/timeout", meet("", answering(kHead + "short", &Peer::stall), kShort)},
      {"http", "response/closed", meet("", answering(kHead + "short", &Peer::close))},
      {"http", "response/protocol", meet("", answering("SSH-2.0-x\r\n"))},
      {"http", "response/status", meet("", answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"))},
      {"http", "response/limit",
       meet("body_size_limit: 1KB", answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x')))},
      {"http", "match/mismatch",
       meet("fail_if_not_ssl: true",
            answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &Peer::close))},
      {"http", "match/limit",
       meet("fail_if_body_json_matches_cel: body == 1",
            answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, '['), &Peer::close))},
  };
}

std::vector<Situation> dns_situations() {
  const auto silent = [](const DnsQuestion&) { return DnsAction(); };
  const auto well = [](const DnsQuestion& question) { return question.reply(); };
  return {
      {"dns", "request/timeout", asking_over_https([](Peer& peer) { peer.stall(); }, kShort * 5)},
      {"dns", "request/closed", asking_over_https(answering("", &Peer::close))},
      {"dns", "request/internal", [] { return request_over_tls_without_descriptors("dns", kOverHttps); }},
      {"dns", "response/limit",
       asking_over_https(answering("HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n\r\n" +
                                   std::string(70000, 'x')))},
      {"dns", "response/timeout", asking(silent, "transport_protocol: udp", kShort)},
      {"dns", "response/refused", asking_for_code(kRefused)},
      {"dns", "response/unreachable", ask_a_filtered_port, true},
      {"dns", "response/closed",
       meeting("dns", kDns + "transport_protocol: tcp", plain, [](Peer& peer) { peer.close(); })},
      {"dns", "response/not_found", asking_for_code(kNxdomain)},
      {"dns", "response/status", asking_for_code(kServfail)},
      {"dns", "response/protocol", asking([](const DnsQuestion& question) {
         DnsAction action;
         action.messages = {question.message};
         return action;
       })},
      {"dns", "match/mismatch",
       asking(well, "transport_protocol: udp, validate_answer_rrs: {fail_if_none_matches_regexp: [x]}")},
      {"dns", "match/limit",
       asking(endless_text,
              "transport_protocol: tcp, validate_answer_rrs: {fail_if_matches_regexp: [never]}")},
  };
}

std::vector<Situation> icmp_situations() {
  return {
      {"icmp", "connect/internal", [] { return probe_as("icmp", "source_ip_address: '::1'", "127.0.0.1"); }},
      {"icmp", "request/internal", [] { return probe_as("icmp", "", "192.0.2.1"); }, true},
      {"icmp", "request/limit", [] { return probe_as("icmp", "payload_size: 70000", "127.0.0.1"); }, true},
      {"icmp", "response/timeout", ping_nobody, true},
      {"icmp", "response/unreachable", pinging(1), true},
      {"icmp", "response/limit", pinging(4), true},
  };
}

}  // namespace lookout::test
