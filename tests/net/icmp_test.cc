// The icmp kind against the kernel's own echo and against a peer that misbehaves, in network namespaces of
// the tests' own: over raw sockets and over unprivileged ones, for both IP families.
#include "probes/icmp/icmp.h"

#include <filesystem>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/net/icmp_sockets.h"
#include "tests/net/icmp_peer.h"
#include "tests/net/icmp_ping.h"
#include "tests/net/network_namespace.h"
#include "tests/support/patience.h"

namespace lookout::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kResolve = "phase=\"resolve\"", kSetup = "phase=\"setup\"", kRtt = "phase=\"rtt\"";

// Sockets of either privilege, either family.
struct Path {
  bool raw;
  IcmpFamily family;
  const char* address;
  double hash;
};

void PrintTo(const Path& path, std::ostream* out) {
  *out << (path.raw ? "raw " : "unprivileged ") << path.address;
}

class IcmpTest : public ::testing::TestWithParam<Path> {
 protected:
  // The body runs in a namespace in which only the wanted socket is permitted.
  void in_namespace(const std::function<void()>& body) {
    in_network_namespace([&] {
      if (!GetParam().raw) write_sysctl("net/ipv4/ping_group_range", "0 2147483647");
      asio::io_context loop;
      ProbeServices services(loop);
      const ProbeRun run(services, {}, {});
      IcmpSockets sockets(loop);
      ASSERT_FALSE(sockets.open(run, GetParam().family));
      ASSERT_EQ(sockets.is_raw(GetParam().family), GetParam().raw);
      body();
    });
  }
  std::string address() const { return GetParam().address; }
  IcmpFamily family() const { return GetParam().family; }
  bool v4() const { return family() == IcmpFamily::v4; }
};

INSTANTIATE_TEST_SUITE_P(Paths, IcmpTest,
                         ::testing::Values(Path{true, IcmpFamily::v4, "127.0.0.1", 3668918509},
                                           Path{true, IcmpFamily::v6, "::1", 1751717746},
                                           Path{false, IcmpFamily::v4, "127.0.0.1", 3668918509},
                                           Path{false, IcmpFamily::v6, "::1", 1751717746}),
                         [](const auto& info) {
                           return std::string(info.param.raw ? "raw" : "unprivileged") +
                                  (info.param.family == IcmpFamily::v4 ? "_v4" : "_v6");
                         });

TEST_P(IcmpTest, an_echo_comes_back) {
  in_namespace([&] {
    const KindResult result = ping(address());
    EXPECT_EQ(result.ending(), "up") << result.detail();
    EXPECT_EQ(result.fact(kIpProtocol), v4() ? 4 : 6);
    EXPECT_EQ(result.fact(kIpAddressHash), GetParam().hash);
    EXPECT_EQ(result.fact(kIcmpReplyHopLimit), 64);
    EXPECT_GE(result.fact(kIcmpDuration, kResolve), 0);
    EXPECT_GT(result.fact(kIcmpDuration, kSetup), 0);
    EXPECT_GT(result.fact(kIcmpDuration, kRtt), 0);
    EXPECT_LT(result.fact(kIcmpDuration, kRtt), 0.1);
    std::vector<Stage> stages;
    for (const StageTime& time : result.stages) stages.push_back(time.stage);
    EXPECT_EQ(stages, (std::vector{Stage::resolve, Stage::connect, Stage::request, Stage::response}));
  });
}

TEST_P(IcmpTest, payloads_of_any_size_come_back_and_have_that_size) {
  in_namespace([&] {
    std::vector<std::size_t> seen;
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      seen.push_back(request.message.size() - 8);
      return std::vector<SentMessage>{{request.reply(), ""}};
    });
    IcmpConfig config = config_for(address());
    for (int size : {0, 1, 7, 8, 9, 27, 28, 29, 1472, 65000}) {
      config.payload_size = size;
      const KindResult result = ping(address(), config);
      EXPECT_EQ(result.ending(), "up") << size << " " << result.detail();
    }
    EXPECT_EQ(seen, (std::vector<std::size_t>{28, 1, 7, 8, 9, 27, 28, 29, 1472, 65000}));
  });
}

TEST_P(IcmpTest, the_hop_limit_is_each_packets_own) {
  in_namespace([&] {
    std::vector<int> hop_limits;
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      hop_limits.push_back(request.hop_limit);
      return std::vector<SentMessage>{{request.reply(), ""}};
    });
    asio::io_context loop;
    ProbeServices services(loop);
    for (int ttl : {64, 7, 0, 255, 64}) {
      IcmpConfig config = config_for(address());
      config.ttl = ttl;
      asio::co_spawn(
          loop, run_kind_on<IcmpConfig>(services, probe_icmp, config, address(), milliseconds(3000)),
          [&](std::exception_ptr, const KindResult& result) { EXPECT_EQ(result.ending(), "up") << ttl; });
      loop.restart();
      loop.run();
    }
    EXPECT_EQ(hop_limits, (std::vector<int>{64, 7, 64, 255, 64}));
  });
}

TEST_P(IcmpTest, dont_fragment_is_each_packets_own) {
  in_namespace([&] {
    set_loopback_mtu(1500);
    asio::io_context loop;
    ProbeServices services(loop);
    std::vector<std::string> endings;
    for (bool dont_fragment : {false, true, false}) {
      IcmpConfig config = config_for(address());
      config.dont_fragment = dont_fragment;
      config.payload_size = 3000;
      asio::co_spawn(
          loop, run_kind_on<IcmpConfig>(services, probe_icmp, config, address(), milliseconds(3000)),
          [&](std::exception_ptr, const KindResult& result) { endings.push_back(result.ending()); });
      loop.restart();
      loop.run();
    }
    EXPECT_EQ(endings, (std::vector<std::string>{"up", v4() ? "request/limit" : "up", "up"}));
  });
}

TEST_P(IcmpTest, silence_ends_at_the_deadline) {
  in_namespace([&] {
    IcmpPeer peer(family(), [](const SeenRequest&) { return std::vector<SentMessage>{}; });
    const KindResult result = ping(address(), milliseconds(150));
    EXPECT_EQ(result.ending(), "response/timeout");
    EXPECT_GT(result.fact(kIcmpDuration, kSetup), 0);
    EXPECT_EQ(result.fact(kIcmpDuration, kRtt), 0);
    EXPECT_FALSE(result.fact(kIcmpReplyHopLimit));
    EXPECT_GE(result.duration, milliseconds(150));
    EXPECT_LT(result.duration, milliseconds(1000) * kPatience);
  });
}

TEST_P(IcmpTest, only_the_exact_reply_counts) {
  in_namespace([&] {
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      std::vector<SentMessage> messages;
      const auto spoil = [&](std::size_t at) {
        auto reply = request.reply();
        reply[at] ^= 1;
        messages.push_back({reply, ""});
      };
      spoil(1);                           // code
      if (GetParam().raw) spoil(4);       // identifier: the kernel's to check on the other sockets
      spoil(6);                           // sequence
      spoil(8);                           // token
      spoil(request.message.size() - 1);  // end of the payload
      auto longer = request.reply();
      longer.push_back(0);
      messages.push_back({longer, ""});
      auto shorter = request.reply();
      shorter.pop_back();
      messages.push_back({shorter, ""});
      messages.push_back({{0, 0, 0, 0}, ""});
      if (v4()) messages.push_back({request.reply(), "127.0.0.9"});
      return messages;
    });
    const KindResult result = ping(address(), milliseconds(150));
    EXPECT_EQ(result.ending(), "response/timeout") << result.detail();
    EXPECT_EQ(peer.requests(), 1);
  });
}

TEST_P(IcmpTest, a_right_reply_after_wrong_ones_is_taken) {
  in_namespace([&] {
    IcmpPeer peer(family(), [](const SeenRequest& request) {
      auto wrong = request.reply();
      wrong[10] ^= 1;
      return std::vector<SentMessage>{{wrong, ""}, {wrong, ""}, {request.reply(), ""}, {request.reply(), ""}};
    });
    EXPECT_EQ(ping(address()).ending(), "up");
  });
}

struct NetworkAnswer {
  std::uint8_t v4_type, v4_code, v6_type, v6_code;
  const char* ending;
  const char* words;
};

TEST_P(IcmpTest, an_icmp_error_about_our_request_ends_the_probe) {
  constexpr NetworkAnswer kAnswers[] = {
      {3, 1, 1, 3, "response/unreachable", "unreachable"},
      {3, 13, 1, 1, "response/unreachable", "administratively prohibited"},
      {11, 0, 3, 0, "response/unreachable", "exceeded"},
      {3, 4, 2, 0, "response/limit", "packet too big, at most 1400 bytes"},
  };
  in_namespace([&] {
    for (const NetworkAnswer& answer : kAnswers) {
      IcmpPeer peer(family(), [&](const SeenRequest& request) {
        return std::vector<SentMessage>{
            v4() ? SentMessage{request.error(answer.v4_type, answer.v4_code, 1400), ""}
                 : SentMessage{request.error(answer.v6_type, answer.v6_code, 1400), ""}};
      });
      const KindResult result = ping(address());
      EXPECT_EQ(result.ending(), answer.ending) << result.detail();
      EXPECT_THAT(result.detail(), HasSubstr(answer.words));
      EXPECT_THAT(result.detail(), HasSubstr(address() + " says"));
      EXPECT_EQ(result.fact(kIcmpDuration, kRtt), 0);
    }
  });
}

TEST_P(IcmpTest, an_icmp_error_about_something_else_is_passed_over) {
  in_namespace([&] {
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      const std::size_t header = request.packet.size() - request.message.size();
      SeenRequest other_sequence = request, other_token = request;
      other_sequence.packet[header + 6] ^= 1;
      other_token.packet[header + 8] ^= 1;
      const std::uint8_t type = v4() ? 3 : 1;
      return std::vector<SentMessage>{
          {other_sequence.error(type, 1), ""}, {other_token.error(type, 1), ""}, {request.reply(), ""}};
    });
    const KindResult result = ping(address());
    EXPECT_EQ(result.ending(), "up") << result.detail();
  });
}

// One loop, one socket: half of the targets answer with errors while the others are being asked.
TEST_P(IcmpTest, a_thousand_echoes_share_a_socket_and_errors_hit_only_their_own) {
  in_namespace([&] {
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      const bool refuse = request.message[7] % 2 == 0;
      return std::vector<SentMessage>{{refuse ? request.error(v4() ? 3 : 1, 1) : request.reply(), ""}};
    });
    asio::io_context loop;
    ProbeServices services(loop);
    int up = 0, unreachable = 0, descriptors = 0;
    std::vector<std::string> others;
    constexpr int kWaves = 20, kProbes = 50;
    for (int wave = 0; wave < kWaves; ++wave) {
      for (int i = 0; i < kProbes; ++i) {
        asio::co_spawn(loop,
                       run_kind_on<IcmpConfig>(services, probe_icmp, config_for(address()), address(),
                                               milliseconds(5000)),
                       [&](std::exception_ptr, const KindResult& result) {
                         const bool is_up = result.ending() == "up";
                         const bool is_unreachable = result.ending() == "response/unreachable";
                         up += is_up;
                         unreachable += is_unreachable;
                         if (!is_up && !is_unreachable)
                           others.push_back(result.ending() + ": " + result.detail());
                       });
      }
      loop.restart();
      loop.run();
      if (wave == 0) {
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
          ++descriptors;
      }
    }
    EXPECT_THAT(others, ::testing::IsEmpty());
    EXPECT_EQ(up, kWaves * kProbes / 2);
    EXPECT_EQ(unreachable, kWaves * kProbes / 2);
    EXPECT_LT(descriptors, 24);
  });
}

Task<> ask(IcmpSockets& sockets, ProbeServices& services, IcmpFamily family, EchoRequest request,
           int& answers) {
  ProbeRun run(services, {}, {});
  if (sockets.open(run, family)) co_return;
  if (co_await sockets.exchange(run, request)) ++answers;
}

// Firewalls that remember an outage remember it by the identifier.
TEST_P(IcmpTest, an_identifier_is_not_used_for_long) {
  in_namespace([&] {
    std::set<int> identifiers;
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      identifiers.insert(request.message[4] << 8 | request.message[5]);
      return std::vector<SentMessage>{{request.reply(), ""}};
    });
    asio::io_context loop;
    ProbeServices services(loop);
    const auto identifiers_of = [&](Duration socket_life) {
      IcmpSockets sockets(loop, socket_life);
      int answers = 0;
      identifiers.clear();
      for (int i = 0; i < 4; ++i) {  // each opens while those before it wait for their answers
        EchoRequest request;
        request.destination = *parse_ip(address());
        asio::co_spawn(loop, ask(sockets, services, family(), request, answers), asio::detached);
      }
      loop.restart();
      loop.run();
      EXPECT_EQ(answers, 4);
      return identifiers.size();
    };
    EXPECT_EQ(identifiers_of(std::chrono::minutes(1)), 1U);
    EXPECT_GT(identifiers_of(Duration::zero()), 1U);
  });
}

TEST_P(IcmpTest, probes_after_time_outs_go_on_and_late_replies_are_dropped) {
  in_namespace([&] {
    std::vector<SentMessage> late;
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      late.push_back({request.reply(), ""});
      return late.size() % 3 == 0 ? std::exchange(late, {}) : std::vector<SentMessage>{};
    });
    asio::io_context loop;
    ProbeServices services(loop);
    std::vector<std::string> endings;
    for (int i = 0; i < 6; ++i) {
      asio::co_spawn(
          loop,
          run_kind_on<IcmpConfig>(services, probe_icmp, config_for(address()), address(), milliseconds(100)),
          [&](std::exception_ptr, const KindResult& result) { endings.push_back(result.ending()); });
      loop.restart();
      loop.run();  // returns: nothing stays behind an ended probe
    }
    EXPECT_EQ(endings, (std::vector<std::string>{"response/timeout", "response/timeout", "up",
                                                 "response/timeout", "response/timeout", "up"}));
  });
}

TEST_P(IcmpTest, what_does_not_fit_is_a_limit) {
  in_namespace([&] {
    IcmpConfig config = config_for(address());
    config.payload_size = 70000;
    const KindResult result = ping(address(), config);
    EXPECT_EQ(result.ending(), "request/limit") << result.detail();
    EXPECT_GT(result.fact(kIcmpDuration, kSetup), 0);
    EXPECT_EQ(result.fact(kIcmpDuration, kRtt), 0);
  });
}

TEST_P(IcmpTest, no_route_is_our_own_fault) {
  in_namespace([&] {
    const KindResult result = ping(v4() ? "192.0.2.1" : "2001:db8::1");
    EXPECT_EQ(result.ending(), "request/internal") << result.detail();
    EXPECT_THAT(result.detail(), HasSubstr("unreachable"));
  });
}

TEST_P(IcmpTest, the_source_address_is_the_one_wanted) {
  in_namespace([&] {
    std::string seen;
    IcmpPeer peer(family(), [&](const SeenRequest& request) {
      seen = request.source;
      return std::vector<SentMessage>{{request.reply(), ""}};
    });
    IcmpConfig config = config_for(address());
    config.network.source_ip_address = v4() ? "127.0.0.5" : "::1";
    EXPECT_EQ(ping(address(), config).ending(), "up");
    EXPECT_EQ(seen, config.network.source_ip_address);

    config.network.source_ip_address = v4() ? "192.0.2.7" : "2001:db8::7";
    const KindResult not_ours = ping(address(), config);
    EXPECT_EQ(not_ours.ending(), "request/internal") << not_ours.detail();
    EXPECT_THAT(not_ours.detail(), HasSubstr("is that an address of this host?"));

    config.network.source_ip_address = v4() ? "::1" : "127.0.0.1";
    EXPECT_EQ(ping(address(), config).ending(), "connect/internal");
    config.network.source_ip_address = "here";
    EXPECT_EQ(ping(address(), config).ending(), "connect/internal");
  });
}

}  // namespace
}  // namespace lookout::test
