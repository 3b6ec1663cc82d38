// Names against a name server that lies, stays silent or answers; the selection of one address; whose fault
// it was.
#include "probes/net/resolver.h"

#include <gtest/gtest.h>

#include "probes/net/address.h"
#include "tests/support/conversation.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What resolve() chose goes to `chosen`.
Task<Outcome> resolve_into(ProbeRun& run, std::string host, NetworkOptions network, std::string* chosen) {
  Attempt<IpAddress> address = co_await resolve(run, std::move(host), network);
  if (!address) co_return address.error();
  *chosen = address->to_string();
  co_return std::nullopt;
}

struct Resolved {
  Conversed conversed;
  std::string key, address;
};

Resolved resolve_with(const std::function<void(ProbeServices&)>& prepare, const std::string& host,
                      const NetworkOptions& preference, Duration timeout = seconds(5)) {
  std::string chosen;
  Conversed conversed = converse_until(
      timeout, [&](ProbeRun& run) { return resolve_into(run, host, preference, &chosen); }, prepare);
  const std::string key = key_of(conversed.failure);
  return {std::move(conversed), key, chosen};
}

Resolved resolve_with(const ScriptedDns& dns, const std::string& host,
                      const NetworkOptions& preference = {}) {
  return resolve_with(name_server(dns.port()), host, preference);
}

const NetworkOptions kIp6Only{"ip6", false}, kIp4Only{"ip4", false}, kIp4{"ip4", true};

void expect_no_facts(const Resolved& resolved) {
  EXPECT_EQ(value_of(resolved.conversed.facts, "probe_ip_protocol"), 0);
  EXPECT_EQ(value_of(resolved.conversed.facts, "probe_ip_addr_hash"), 0);
  EXPECT_GT(value_of(resolved.conversed.facts, "probe_dns_lookup_time_seconds"), 0);
}

struct Selection {
  const char* name;
  std::vector<std::string> v4, v6;
  NetworkOptions preference;
  std::string chosen;  // empty: not_found
};

void PrintTo(const Selection& selection, std::ostream* out) { *out << selection.name; }

class AddressSelection : public ::testing::TestWithParam<Selection> {};

TEST_P(AddressSelection, FollowsTheReference) {
  const Selection& wanted = GetParam();
  ScriptedDns dns;
  for (const std::string& address : wanted.v4) dns.add("web.test", kA, ipv4(address));
  for (const std::string& address : wanted.v6) dns.add("web.test", kAaaa, ipv6(address));
  const Resolved resolved = resolve_with(dns, "web.test", wanted.preference);
  EXPECT_EQ(resolved.address, wanted.chosen);
  EXPECT_EQ(resolved.key, wanted.chosen.empty() ? "resolve/not_found" : "up");
  if (wanted.chosen.empty()) {
    expect_no_facts(resolved);
  } else {
    EXPECT_EQ(value_of(resolved.conversed.facts, "probe_ip_protocol"),
              wanted.chosen.find(':') == std::string::npos ? 4 : 6);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Net, AddressSelection,
    ::testing::Values(
        Selection{"first_of_preferred", {"192.0.2.1"}, {"2001:db8::1", "2001:db8::2"}, {}, "2001:db8::1"},
        Selection{"last_of_the_other", {"192.0.2.1", "192.0.2.2"}, {}, {}, "192.0.2.2"},
        Selection{"prefers_ip4", {"192.0.2.1", "192.0.2.2"}, {"2001:db8::1"}, kIp4, "192.0.2.1"},
        Selection{"ip4_falls_back", {}, {"2001:db8::1", "2001:db8::2"}, kIp4, "2001:db8::2"},
        Selection{"no_fallback_from_ip6", {"192.0.2.1"}, {}, kIp6Only, ""},
        Selection{"no_fallback_from_ip4", {}, {"2001:db8::1"}, kIp4Only, ""},
        Selection{"only_ip6", {"192.0.2.1"}, {"2001:db8::1"}, kIp6Only, "2001:db8::1"},
        Selection{"mapped_counts_as_ip4", {}, {"::ffff:192.0.2.7"}, kIp4, "192.0.2.7"},
        Selection{"other_word_means_ip4", {"192.0.2.1"}, {"2001:db8::1"}, {"v6", true}, "192.0.2.1"}),
    [](const auto& info) { return info.param.name; });

TEST(Resolver, LiteralsNeverAskAnybody) {
  ScriptedDns dns;
  for (const auto& [text, preference, chosen] :
       std::vector<std::tuple<std::string, NetworkOptions, std::string>>{
           {"10.1.2.3", {}, "10.1.2.3"},
           {"10.1.2.3", kIp4Only, "10.1.2.3"},
           {"10.1.2.3", kIp6Only, ""},
           {"::1", {}, "::1"},
           {"[::1]", kIp4, "::1"},
           {"::1", kIp4Only, ""},
           {"::ffff:10.0.0.1", kIp4Only, "10.0.0.1"}}) {
    const Resolved resolved = resolve_with(dns, text, preference);
    EXPECT_EQ(resolved.address, chosen) << text;
    EXPECT_EQ(resolved.key, chosen.empty() ? "resolve/not_found" : "up") << text;
  }
  EXPECT_EQ(dns.questions(), 0);
}

TEST(Resolver, StatesProtocolHashAndTime) {
  const Resolved v4 = resolve_with(nullptr, "127.0.0.1", {});
  EXPECT_EQ(value_of(v4.conversed.facts, "probe_ip_addr_hash"), 3668918509.0);
  EXPECT_EQ(value_of(v4.conversed.facts, "probe_ip_protocol"), 4);
  const Resolved v6 = resolve_with(nullptr, "::1", {});
  EXPECT_EQ(value_of(v6.conversed.facts, "probe_ip_addr_hash"), 1751717746.0);
  EXPECT_EQ(value_of(v6.conversed.facts, "probe_ip_protocol"), 6);
  EXPECT_EQ(names_of(v6.conversed.stages), "resolve");
}

TEST(Resolver, ReadsTheHostsFile) {
  ScriptedDns dns;
  const Resolved resolved = resolve_with(dns, "localhost", kIp4);
  EXPECT_EQ(resolved.address, "127.0.0.1");
  EXPECT_EQ(dns.questions(), 0);
}

struct Answer {
  const char* name;
  ScriptedDns::Script script;
  std::string key;
};

void PrintTo(const Answer& answer, std::ostream* out) { *out << answer.name; }

class WrongAnswers : public ::testing::TestWithParam<Answer> {};

TEST_P(WrongAnswers, AreToldApart) {
  ScriptedDns dns;
  dns.add("web.test", kA, ipv4("192.0.2.1"));
  if (GetParam().script) dns.script(GetParam().script);
  const Resolved resolved = resolve_with(dns, GetParam().script ? "web.test" : "missing.test");
  EXPECT_EQ(resolved.key, GetParam().key);
  expect_no_facts(resolved);
  EXPECT_GE(time_of(resolved.conversed.stages, Stage::resolve).count(), 0);
}

// Claims answers, and has none.
DnsAction nonsense(const DnsQuestion& question) {
  DnsAction action;
  std::string reply = question.reply().bytes();
  reply[7] = 5;  // ANCOUNT
  action.messages = {reply + "no records at all"};
  return action;
}

// Not even the question is there: anybody could have sent it, so it counts as silence.
DnsAction garbage(const DnsQuestion& question) {
  DnsAction action;
  action.messages = {question.message.substr(0, 2) + "\x81\x80 much too short"};
  return action;
}

INSTANTIATE_TEST_SUITE_P(
    Net, WrongAnswers,
    ::testing::Values(
        Answer{"nxdomain", {}, "resolve/not_found"},
        Answer{"nodata", [](const DnsQuestion& q) -> DnsAction { return q.reply(); }, "resolve/not_found"},
        Answer{"servfail", [](const DnsQuestion& q) -> DnsAction { return q.reply().with_rcode(kServfail); },
               "resolve/protocol"},
        Answer{"refused", [](const DnsQuestion& q) -> DnsAction { return q.reply().with_rcode(kRefused); },
               "resolve/protocol"},
        Answer{"formerr", [](const DnsQuestion& q) -> DnsAction { return q.reply().with_rcode(kFormerr); },
               "resolve/protocol"},
        Answer{"nonsense", nonsense, "resolve/protocol"}, Answer{"garbage", garbage, "resolve/timeout"},
        Answer{"silence", [](const DnsQuestion&) { return DnsAction(); }, "resolve/timeout"},
        Answer{"wrong_id",
               [](const DnsQuestion& q) -> DnsAction {
                 const DnsReply reply = q.reply().with({q.name, kA, ipv4("192.0.2.66")});
                 return reply.with_id(static_cast<std::uint16_t>(reply.id + 1));
               },
               "resolve/timeout"}),
    [](const auto& info) { return info.param.name; });

TEST(Resolver, OneFamilyBrokenTheOtherServes) {
  ScriptedDns dns;
  dns.add("web.test", kA, ipv4("192.0.2.1"));
  dns.script([&dns](const DnsQuestion& question) -> DnsAction {
    return question.type == kAaaa ? DnsAction(question.reply().with_rcode(kServfail))
                                  : dns.from_records(question);
  });
  const Resolved resolved = resolve_with(dns, "web.test");
  EXPECT_EQ(resolved.address, "192.0.2.1");
}

TEST(Resolver, AsksAgainOverTcpWhenTruncated) {
  ScriptedDns dns;
  dns.add("web.test", kA, ipv4("192.0.2.1"));
  dns.script([&dns](const DnsQuestion& question) -> DnsAction {
    return question.tcp ? dns.from_records(question) : DnsAction(question.reply().truncated());
  });
  EXPECT_EQ(resolve_with(dns, "web.test", kIp4Only).address, "192.0.2.1");
}

TEST(Resolver, AsksAgainWhenAPacketIsLost) {
  ScriptedDns dns;
  dns.add("web.test", kA, ipv4("192.0.2.1"));
  dns.script([&dns](const DnsQuestion& question) {
    return question.number == 0 ? DnsAction() : dns.from_records(question);
  });
  const Resolved resolved = resolve_with(dns, "web.test", kIp4Only);
  EXPECT_EQ(resolved.address, "192.0.2.1");
  EXPECT_GE(time_of(resolved.conversed.stages, Stage::resolve), milliseconds(150));
}

TEST(Resolver, NobodyListensOnTheNameServersPort) {
  std::uint16_t port = 0;
  {
    port = ScriptedDns().port();
  }
  const Resolved resolved = resolve_with(name_server(port), "web.test", {});
  EXPECT_EQ(resolved.key, "resolve/protocol");
}

TEST(Resolver, TheDeadlineCutsALookup) {
  ScriptedDns dns;
  dns.script([](const DnsQuestion&) { return DnsAction(); });
  const Resolved resolved =
      resolve_with(name_server(dns.port(), seconds(20), 1), "web.test", {}, milliseconds(150));
  EXPECT_EQ(resolved.key, "resolve/timeout");
  EXPECT_GE(time_of(resolved.conversed.stages, Stage::resolve), milliseconds(150));
  EXPECT_LT(resolved.conversed.duration, seconds(2) * kPatience);
  EXPECT_GE(value_of(resolved.conversed.facts, "probe_dns_lookup_time_seconds"), 0.15);
}

// Owns its run, as run_probe does.
Task<Outcome> resolve_alone(ProbeServices& services, std::string host) {
  const SteadyTime now = std::chrono::steady_clock::now();
  ProbeRun run(services, now, now + seconds(1));
  std::string chosen;
  co_return co_await resolve_into(run, std::move(host), {}, &chosen);
}

// As at the end of the program: services and loop go while an answer is awaited.
TEST(Resolver, TheLoopGoesDuringALookup) {
  ScriptedDns dns;
  dns.script([](const DnsQuestion&) { return DnsAction(); });
  bool ended = false;
  {
    asio::io_context loop(1);
    ProbeServices services(loop);
    name_server(dns.port(), seconds(20), 1)(services);
    asio::co_spawn(loop.get_executor(), resolve_alone(services, "web.test"),
                   [&](std::exception_ptr, Outcome) { ended = true; });
    loop.run_for(milliseconds(50));
  }
  EXPECT_FALSE(ended);
  EXPECT_GT(dns.questions(), 0);
}

TEST(Resolver, ImpossibleNamesAreNotFound) {
  ScriptedDns dns;
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a\0b", 3), std::string(300, 'a'),
        std::string(64, 'a') + ".test", std::string("a..test")}) {
    EXPECT_EQ(resolve_with(dns, name).key, "resolve/not_found") << name;
  }
}

TEST(Resolver, LackOfDescriptorsIsOurOwnFault) {
  ScriptedDns dns;
  std::optional<NoDescriptors> exhausted;
  const Resolved resolved = resolve_with(
      [&](ProbeServices& services) {
        name_server(dns.port())(services);
        exhausted.emplace();
      },
      "web.test", {});
  exhausted.reset();
  EXPECT_EQ(resolved.key, "resolve/internal") << resolved.conversed.failure->detail;
}

NetworkOptions asking(std::vector<std::uint16_t> ports) {
  NetworkOptions network;
  network.resolvers.emplace();
  for (const std::uint16_t port : ports)
    network.resolvers->push_back({{asio::ip::address_v4::loopback(), port}});
  return network;
}

TEST(Resolver, AsksTheModulesOwnNameServers) {
  ScriptedDns system, own, other;
  system.add("web.test", kA, ipv4("192.0.2.1"));
  own.add("web.test", kA, ipv4("192.0.2.2"));
  other.add("web.test", kA, ipv4("192.0.2.3"));
  EXPECT_EQ(resolve_with(system, "web.test", asking({own.port()})).address, "192.0.2.2");
  EXPECT_EQ(resolve_with(system, "web.test", asking({other.port()})).address, "192.0.2.3");
  EXPECT_EQ(system.questions(), 0);
}

TEST(Resolver, ASecondNameServerIsAskedWhenTheFirstIsDead) {
  std::uint16_t dead = 0;
  {
    dead = ScriptedDns().port();
  }
  ScriptedDns alive;
  alive.add("web.test", kA, ipv4("192.0.2.2"));
  EXPECT_EQ(resolve_with([](ProbeServices&) {}, "web.test", asking({dead, alive.port()})).address,
            "192.0.2.2");
}

TEST(Resolver, LocalhostIsKnownWithoutAskingOwnNameServers) {
  ScriptedDns own;
  for (const auto& [preferred, address] :
       std::vector<std::pair<std::string, std::string>>{{"ip6", "::1"}, {"ip4", "127.0.0.1"}}) {
    NetworkOptions network = asking({own.port()});
    network.preferred_ip_protocol = preferred;
    EXPECT_EQ(resolve_with([](ProbeServices&) {}, "localhost", network).address, address);
  }
  EXPECT_EQ(own.questions(), 0);
}

TEST(Resolver, NoNameServersMeansLiteralsOnly) {
  ScriptedDns system;
  system.add("web.test", kA, ipv4("192.0.2.1"));
  const Resolved name = resolve_with(system, "web.test", asking({}));
  EXPECT_EQ(name.key, "resolve/internal");
  EXPECT_EQ(name.conversed.failure->detail,
            "\"web.test\" is a name, and this module's resolvers are none: it probes IP addresses");
  EXPECT_EQ(resolve_with(system, "192.0.2.9", asking({})).address, "192.0.2.9");
  EXPECT_EQ(system.questions(), 0);
}

// Many lookups at the same time share the channel and its sockets.
Task<Outcome> resolve_many(ProbeRun& run, int* good) {
  auto executor = co_await asio::this_coro::executor;
  int left = 300;
  Timer all_done(executor, SteadyTime::max());
  for (int i = 0; i < 300; ++i) {
    asio::co_spawn(executor, run.services.resolver().lookup(run, "web.test", IpFamily::any),
                   [&](std::exception_ptr, Attempt<std::vector<IpAddress>> found) {
                     if (found) ++*good;
                     if (--left == 0) all_done.cancel();
                   });
  }
  co_await all_done.async_wait(use_tuple);
  co_return std::nullopt;
}

TEST(Resolver, ManyAtOnce) {
  ScriptedDns dns;
  dns.add("web.test", kA, ipv4("192.0.2.1"));
  dns.script([&dns](const DnsQuestion& question) {
    DnsAction action = dns.from_records(question);
    action.delay = milliseconds(100);
    return action;
  });
  int good = 0;
  const Conversed conversed = converse_until(
      seconds(10), [&](ProbeRun& run) { return resolve_many(run, &good); },
      name_server(dns.port(), seconds(2), 3));
  EXPECT_EQ(good, 300);
}

TEST(HostPort, Grammar) {
  struct Case {
    std::string text;
    std::optional<HostPort> wanted;
  };
  for (const Case& c : std::vector<Case>{{"localhost:80", HostPort{"localhost", 80}},
                                         {"[::1]:443", HostPort{"::1", 443}},
                                         {"[fe80::1%lo]:22", HostPort{"fe80::1%lo", 22}},
                                         {"mail.test:smtp", HostPort{"mail.test", 25}},
                                         {":80", HostPort{"", 80}},
                                         {"localhost", std::nullopt},
                                         {"localhost:", std::nullopt},
                                         {"localhost:70000", std::nullopt},
                                         {"localhost:no-such-service", std::nullopt},
                                         {"::1:80", std::nullopt},
                                         {"[::1]", std::nullopt},
                                         {"[::1:80", std::nullopt},
                                         {"a[b:80", std::nullopt},
                                         {"", std::nullopt}}) {
    const std::optional<HostPort> got = parse_host_port(c.text);
    ASSERT_EQ(got.has_value(), c.wanted.has_value()) << c.text;
    if (!got) continue;
    EXPECT_EQ(got->host, c.wanted->host);
    EXPECT_EQ(got->port, c.wanted->port);
  }
}

}  // namespace
}  // namespace lookout::test
