// Series of echoes against a peer that loses, delays and repeats them: what is counted, what is judged, when
// it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/icmp_peer.h"
#include "tests/net/icmp_ping.h"
#include "tests/net/network_namespace.h"
#include "tests/support/patience.h"

namespace lookout::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint8_t kUnreachable = 3, kHostUnreachable = 1;

IcmpConfig series(int count, Duration interval = milliseconds(20)) {
  IcmpConfig config = config_for("127.0.0.1");
  config.count = count;
  config.interval = interval;
  return config;
}

std::vector<SentMessage> answer(const SeenRequest& request) { return {{request.reply(), ""}}; }

// The body runs against a peer that answers the n-th request, from 0, as `answers` says.
using Answers = std::function<std::vector<SentMessage>(int, const SeenRequest&)>;
void with_peer(const Answers& answers, const std::function<void()>& body) {
  in_network_namespace([&] {
    int number = 0;
    IcmpPeer peer(IcmpFamily::v4, [&](const SeenRequest& request) { return answers(number++, request); });
    body();
  });
}

std::optional<double> stat(const KindResult& result, std::string_view name) {
  return result.fact(kIcmpRoundTrip, "stat=\"" + std::string(name) + "\"");
}

TEST(IcmpSeries, all_come_back) {
  in_network_namespace([] {
    const KindResult result = ping("127.0.0.1", series(5));
    EXPECT_EQ(result.ending(), "up") << result.detail();
    EXPECT_EQ(result.fact(kIcmpPacketsSent), 5);
    EXPECT_EQ(result.fact(kIcmpPacketsReceived), 5);
    EXPECT_EQ(result.fact(kIcmpPacketLoss), 0);
    EXPECT_GT(stat(result, "min"), 0);
    EXPECT_LE(stat(result, "min"), stat(result, "avg"));
    EXPECT_LE(stat(result, "avg"), stat(result, "max"));
    EXPECT_LT(stat(result, "max"), 0.1);
    EXPECT_GE(result.fact(kIcmpJitter), 0);
    EXPECT_EQ(result.fact(kIcmpDuration, "phase=\"rtt\""), stat(result, "avg"));
    EXPECT_EQ(result.fact(kIcmpReplyHopLimit), 64);
    EXPECT_GE(result.duration, milliseconds(80)) << "four intervals";
    EXPECT_LT(result.duration, milliseconds(1000) * kPatience) << "and no wait after the last reply";
  });
}

TEST(IcmpSeries, one_packet_is_no_series) {
  in_network_namespace([] {
    const KindResult result = ping("127.0.0.1", series(1));
    EXPECT_EQ(result.ending(), "up") << result.detail();
    EXPECT_EQ(result.fact(kIcmpPacketsSent), std::nullopt);
    EXPECT_EQ(result.fact(kIcmpPacketLoss), std::nullopt);
    EXPECT_EQ(stat(result, "avg"), std::nullopt);
  });
}

TEST(IcmpSeries, loss_is_counted_and_judged) {
  const Answers every_second = [](int number, const SeenRequest& request) {
    return number % 2 == 0 ? answer(request) : std::vector<SentMessage>{};
  };
  with_peer(every_second, [] {
    for (const auto& [limit, ending] :
         std::vector<std::pair<std::optional<double>, std::string>>{{std::nullopt, "up"}, {0.5, "up"}}) {
      IcmpConfig config = series(4);
      config.max_loss = limit;
      const KindResult result = ping("127.0.0.1", config);
      EXPECT_EQ(result.ending(), ending) << result.detail();
      EXPECT_EQ(result.fact(kIcmpPacketsSent), 4);
      EXPECT_EQ(result.fact(kIcmpPacketsReceived), 2);
      EXPECT_EQ(result.fact(kIcmpPacketLoss), 0.5);
      EXPECT_LT(result.duration, milliseconds(2000) * kPatience) << "stragglers are waited for a second";
    }
    IcmpConfig strict = series(4);
    strict.max_loss = 0.4;
    const KindResult result = ping("127.0.0.1", strict);
    EXPECT_EQ(result.ending(), "response/timeout");
    EXPECT_EQ(result.detail(), "2 of 4 echo requests got no reply");
    EXPECT_EQ(result.fact(kIcmpPacketLoss), 0.5);
  });
}

TEST(IcmpSeries, silence_ends_at_the_deadline) {
  with_peer([](int, const SeenRequest&) { return std::vector<SentMessage>{}; },
            [] {
              const KindResult result = ping("127.0.0.1", series(3), milliseconds(400));
              EXPECT_EQ(result.ending(), "response/timeout");
              EXPECT_EQ(result.fact(kIcmpPacketsSent), 3);
              EXPECT_EQ(result.fact(kIcmpPacketsReceived), 0);
              EXPECT_EQ(result.fact(kIcmpPacketLoss), 1);
              EXPECT_EQ(stat(result, "min"), std::nullopt);
              EXPECT_EQ(result.fact(kIcmpDuration, "phase=\"rtt\""), 0);
              EXPECT_EQ(result.fact(kIcmpReplyHopLimit), std::nullopt);
            });
}

TEST(IcmpSeries, a_loss_at_the_end_of_the_time_is_judged_before_the_deadline) {
  with_peer(
      [](int number, const SeenRequest& request) {
        return number < 2 ? answer(request) : std::vector<SentMessage>{};
      },
      [] {
        const KindResult result = ping("127.0.0.1", series(3), milliseconds(500));
        EXPECT_EQ(result.ending(), "up") << result.detail();
        EXPECT_EQ(result.fact(kIcmpPacketsReceived), 2);
        EXPECT_LT(result.duration, milliseconds(500) * kPatience);
      });
}

// The first three answers come after the fourth request: nobody waited for them before sending on.
TEST(IcmpSeries, late_replies_count) {
  std::vector<SentMessage> kept;
  with_peer(
      [&](int number, const SeenRequest& request) {
        kept.push_back({request.reply(), ""});
        return number < 3 ? std::vector<SentMessage>{} : std::exchange(kept, {});
      },
      [] {
        const KindResult result = ping("127.0.0.1", series(4, milliseconds(50)));
        EXPECT_EQ(result.ending(), "up") << result.detail();
        EXPECT_EQ(result.fact(kIcmpPacketsReceived), 4);
        EXPECT_GE(stat(result, "max"), 0.14);
        EXPECT_LT(stat(result, "min"), 0.05);
        EXPECT_NEAR(result.fact(kIcmpJitter).value_or(0), 0.05, 0.02);
      });
}

TEST(IcmpSeries, duplicates_count_once) {
  with_peer(
      [](int, const SeenRequest& request) {
        return std::vector<SentMessage>{{request.reply(), ""}, {request.reply(), ""}, {request.reply(), ""}};
      },
      [] {
        const KindResult result = ping("127.0.0.1", series(3));
        EXPECT_EQ(result.ending(), "up") << result.detail();
        EXPECT_EQ(result.fact(kIcmpPacketsReceived), 3);
        EXPECT_EQ(result.fact(kIcmpPacketLoss), 0);
      });
}

TEST(IcmpSeries, identifier_and_payload_are_each_packets_own) {
  std::vector<std::vector<std::uint8_t>> seen;
  with_peer(
      [&](int, const SeenRequest& request) {
        seen.push_back(request.message);
        return answer(request);
      },
      [&] {
        EXPECT_EQ(ping("127.0.0.1", series(3)).ending(), "up");
        ASSERT_EQ(seen.size(), 3U);
        EXPECT_EQ(static_cast<std::uint16_t>(seen[1][7] - seen[0][7]) & 0xFF, 1) << "sequences go on";
        EXPECT_NE(std::vector(seen[0].begin() + 8, seen[0].end()),
                  std::vector(seen[1].begin() + 8, seen[1].end()));
      });
}

TEST(IcmpSeries, errors_of_the_network_are_losses_with_a_reason) {
  with_peer(
      [](int number, const SeenRequest& request) {
        if (number == 0) return answer(request);
        return std::vector<SentMessage>{{request.error(kUnreachable, kHostUnreachable), "127.0.0.9"}};
      },
      [] {
        EXPECT_EQ(ping("127.0.0.1", series(3)).ending(), "up") << "one reply is enough";
        IcmpConfig strict = series(3);
        strict.max_loss = 0;
        const KindResult result = ping("127.0.0.1", strict);
        EXPECT_EQ(result.ending(), "response/unreachable");
        EXPECT_THAT(result.detail(), HasSubstr("3 of 3 echo requests got no reply; 127.0.0.9"));
        EXPECT_LT(result.duration, milliseconds(500) * kPatience) << "all are answered";
      });
}

TEST(IcmpSeries, an_interval_that_does_not_fit_is_shortened) {
  in_network_namespace([] {
    const KindResult result = ping("127.0.0.1", series(5, std::chrono::seconds(1)), milliseconds(500));
    EXPECT_EQ(result.ending(), "up") << result.detail();
    EXPECT_EQ(result.fact(kIcmpPacketsReceived), 5);
    EXPECT_LT(result.duration, milliseconds(500) * kPatience);
  });
}

// As root, where unprivileged sockets are not permitted.
TEST(IcmpConformance, OBS_050_loopback_over_a_raw_socket) {
  in_network_namespace([] {
    write_sysctl("net/ipv4/ping_group_range", "1 0");
    const KindResult result = ping("127.0.0.1");
    EXPECT_EQ(result.ending(), "up") << result.detail();
    EXPECT_EQ(result.fact(kIcmpReplyHopLimit), 64);
  });
}

TEST(IcmpConformance, OBS_051_a_payload_that_fits_into_no_packet) {
  in_network_namespace([] {
    IcmpConfig config = config_for("127.0.0.1");
    config.payload_size = 70000;
    const KindResult result = ping("127.0.0.1", config);
    EXPECT_EQ(result.ending(), "request/limit");
    EXPECT_GT(result.fact(kIcmpDuration, "phase=\"setup\""), 0);
    EXPECT_EQ(result.fact(kIcmpDuration, "phase=\"rtt\""), 0);
  });
}

}  // namespace
}  // namespace lookout::test
