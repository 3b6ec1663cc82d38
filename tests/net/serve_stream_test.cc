// Bodies that are made while they are sent: large, zipped, to slow clients and to those who leave.
#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

class ServeStream : public ServeTest {
 protected:
  static constexpr int kTargets = 12000;  // more than 10 MB

  ServeStream() {
    std::vector<TargetConfig> targets;
    for (int i = 0; i < kTargets; ++i) {
      TargetConfig target = target_named("target-" + std::to_string(i));
      target.labels["text"] = std::string(100, 'x');
      targets.push_back(std::move(target));
    }
    add_targets(std::move(targets));
    for (int i = 0; i < kTargets; ++i) set_state("target-" + std::to_string(i), State::up);
    options.limits.write_timeout = std::chrono::milliseconds(400);
    start();
  }
  static std::size_t lines_of(const std::string& body, const std::string& beginning) {
    std::size_t count = 0;
    for (std::size_t at = body.find("\n" + beginning); at != std::string::npos;
         at = body.find("\n" + beginning, at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(ServeStream, SendsAllOfIt) {
  Client client = connect();
  const Answer plain = client.get("/metrics");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.header("transfer-encoding"), "chunked");
  EXPECT_GT(plain.body.size(), 10'000'000u);
  EXPECT_EQ(lines_of(plain.body, "lookout_target_up{"), static_cast<std::size_t>(kTargets));

  const Answer zipped = client.get("/metrics", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(zipped.header("content-encoding"), "gzip");
  EXPECT_LT(zipped.body.size(), plain.body.size() / 5);
  EXPECT_EQ(lines_of(gunzip(zipped.body), "lookout_target_up{"), static_cast<std::size_t>(kTargets));

  EXPECT_NE(client.get("/").body.find("<b>12000</b> all"), std::string::npos);
  EXPECT_EQ(client.get("/-/healthy").body, "Healthy");
}

TEST_F(ServeStream, EndsWithTheConnectionForOldClients) {
  Client client = connect();
  client.send("GET /metrics HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Answer answer = client.receive();
  EXPECT_FALSE(answer.has("transfer-encoding"));
  EXPECT_FALSE(answer.has("content-length"));
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(lines_of(answer.body, "lookout_target_up{"), static_cast<std::size_t>(kTargets));
}

TEST_F(ServeStream, HasNoBodyForHead) {
  Client client = connect();
  client.send("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive(true).status, 200);
  EXPECT_EQ(client.get("/-/healthy").body, "Healthy");
  on_loop([&] { EXPECT_TRUE(backend().scrape_timeouts.empty()); });
}

TEST_F(ServeStream, LetsOthersInBetween) {
  Client slow = connect();
  slow.shrink_receive_buffer(1 << 16);
  slow.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(slow.readable(std::chrono::seconds(10)));
  EXPECT_EQ(get("/-/healthy").body, "Healthy");
}

TEST_F(ServeStream, SurvivesClientsThatLeave) {
  for (int i = 0; i < 20; ++i) {
    Client client = connect();
    client.send("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
    client.receive_bytes(100);
    i % 2 == 0 ? client.reset() : client.close();
  }
  EXPECT_TRUE(eventually([&] { return true; }));
  EXPECT_EQ(get("/-/healthy").body, "Healthy");
}

TEST_F(ServeStream, CutsAClientThatTakesNothing) {
  Client stuck = connect();
  stuck.shrink_receive_buffer(1 << 16);
  stuck.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(stuck.readable(std::chrono::seconds(10)));
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  std::string rest;
  try {
    rest = stuck.receive_rest();
  } catch (const std::runtime_error&) {
    // Reset rather than closed: as good.
  }
  EXPECT_FALSE(rest.ends_with("0\r\n\r\n"));
  EXPECT_LT(rest.size(), 10'000'000u);
}

TEST_F(ServeStream, ServesASlowClientThatTakesSomething) {
  Client slow = connect();
  slow.shrink_receive_buffer(1 << 16);
  slow.send("GET /api/v1/targets HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < 12; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    slow.receive_bytes(1 << 17);
  }
  EXPECT_TRUE(slow.receive_rest().ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace lookout::testing
