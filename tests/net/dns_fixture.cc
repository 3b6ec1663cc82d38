#include "tests/net/dns_fixture.h"

#include <gtest/gtest.h>

namespace lookout::test {

DnsConfig dns_config(const std::string& transport) {
  DnsConfig config;
  config.network.preferred_ip_protocol = "ip4";
  config.query_name = "example.com";
  config.query_type = "A";
  config.transport_protocol = transport;
  return config;
}

Conversed ask(const DnsConfig& config, const std::string& server, Duration timeout,
              const std::function<void(ProbeServices&)>& prepare) {
  const Target target{server, {}};
  return converse_until(timeout, [&](ProbeRun& run) { return probe_dns(config, target, run); }, prepare);
}

Conversed ask(const DnsConfig& config, std::uint16_t port, Duration timeout) {
  return ask(config, "127.0.0.1:" + std::to_string(port), timeout);
}

Regex pattern(const std::string& text) {
  std::string error;
  auto compiled = Regex::compile(text, error);
  EXPECT_TRUE(compiled) << error;
  return compiled.value_or(Regex());
}

DnsReply authoritative_reply(const DnsQuestion& question) {
  DnsReply reply = question.reply();
  switch (question.type) {
    case kSoa:
      reply.answers = {{"example.com", kSoa,
                        wire_name("ns.isp.net") + wire_name("noc.isp.net") + big32(1000) + big32(7200) +
                            big32(3600) + big32(9) + big32(60),
                        3600}};
      break;
    case kTxt:
      reply.answers = {{"example.com", kTxt, wire_text("goose"), 3600, question.question_class}};
      break;
    default:
      reply.answers = {{"example.com", kA, ipv4("127.0.0.1"), 3600}};
  }
  reply.authorities = {{"example.com", kNs, wire_name("ns1.isp.net"), 7200},
                       {"example.com", kNs, wire_name("ns2.isp.net"), 7200}};
  reply.additionals = {{"ns1.isp.net", kA, ipv4("127.0.0.1"), 7200},
                       {"ns1.isp.net", kAaaa, ipv6("::1"), 7200},
                       {"ns2.isp.net", kA, ipv4("127.0.0.2"), 7200}};
  return reply;
}

}  // namespace lookout::test
