// What the tests of the dns kind share: one probe over either transport, against scripted servers.
#pragma once

#include <string>

#include "probes/dns/dns.h"
#include "tests/support/conversation.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {

// query_name example.com, type A, over `transport`, asked of IPv4 addresses.
DnsConfig dns_config(const std::string& transport = "udp");

Conversed ask(const DnsConfig& config, const std::string& server, Duration timeout = std::chrono::seconds(3),
              const std::function<void(ProbeServices&)>& prepare = {});
Conversed ask(const DnsConfig& config, std::uint16_t port, Duration timeout = std::chrono::seconds(3));

Regex pattern(const std::string& text);

// The records of one authoritative answer: one in answer, two in authority, three in additional.
DnsReply authoritative_reply(const DnsQuestion& question);

}  // namespace lookout::test
