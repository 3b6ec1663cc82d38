// Clients that mean no good, over real sockets: each is bounded, answered where that is possible, and does
// not hurt others.
#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

using std::chrono::milliseconds;

class ServeHostile : public ServeTest {
 protected:
  ServeHostile() {
    options.limits.header_bytes = 2000;
    options.limits.body_bytes = 1000;
    options.limits.header_timeout = milliseconds(300);
    options.limits.idle_timeout = milliseconds(600);
  }
  // Sends, expects one refusal and the end of the connection.
  void expect_refused(const std::string& bytes, int status) {
    Client client = connect();
    client.send(bytes);
    const Answer answer = client.receive();
    EXPECT_EQ(answer.status, status) << bytes.substr(0, 80);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(client.receive_rest(), "");
  }
};

TEST_F(ServeHostile, RefusesMalformedRequests) {
  start();
  expect_refused("nonsense\r\n\r\n", 400);
  expect_refused("GET / HTTP/1.1\n\n", 400);
  expect_refused("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400);
  expect_refused(std::string("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", 28), 400);
  expect_refused(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  expect_refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabc", 400);
  expect_refused("GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505);
  EXPECT_EQ(get("/-/healthy").body, "Healthy");
  EXPECT_EQ(metric("lookout_http_requests_total{code=\"400\"}"), 6);
}

TEST_F(ServeHostile, RefusesWhatIsTooLarge) {
  start();
  expect_refused("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431);
  expect_refused("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(100'000, 'a'), 431);
  expect_refused(
      "POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'a'), 413);
  expect_refused("POST /-/reload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" +
                     std::string(4095, 'a'),
                 413);
  EXPECT_EQ(get("/-/healthy").body, "Healthy");
}

TEST_F(ServeHostile, TakesABodyOfTheRightSize) {
  start();
  Client client = connect();
  client.send("POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a'));
  EXPECT_EQ(client.receive().status, 200);
  client.send(
      "POST /-/reload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServeHostile, AsksForABodyThatWaits) {
  start();
  Client client = connect();
  client.send("POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("abc");
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServeHostile, EndsAHeadThatDrips) {
  start();
  Client client = connect();
  const auto begin = std::chrono::steady_clock::now();
  for (const char byte : std::string_view("GET / HTT")) {
    client.send(std::string_view(&byte, 1));
    std::this_thread::sleep_for(milliseconds(10));
  }
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(300));
  EXPECT_EQ(client.receive_rest(), "");
}

TEST_F(ServeHostile, EndsABodyThatNeverComes) {
  start();
  Client client = connect();
  client.send("POST /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na");
  EXPECT_EQ(client.receive().status, 408);
  on_loop([&] { EXPECT_EQ(backend().reloads, 0); });
}

TEST_F(ServeHostile, EndsIdleConnections) {
  start();
  Client silent = connect(), kept = connect();
  EXPECT_EQ(kept.get("/-/healthy").status, 200);
  EXPECT_EQ(silent.receive_rest(), "");
  EXPECT_EQ(kept.receive_rest(), "");
}

TEST_F(ServeHostile, HoldsThousandsOfIdleConnections) {
  options.limits.idle_timeout = std::chrono::minutes(5);
  start();
  std::vector<Client> idle;
  for (int i = 0; i < 2000; ++i) idle.push_back(connect());
  EXPECT_EQ(get("/-/healthy").body, "Healthy");
  EXPECT_EQ(metric("lookout_http_connections"), 2001);
  for (Client& client : idle) client.send("GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n");
  for (Client& client : idle) EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(metric("lookout_http_connections"), 2001);
  idle.clear();
  EXPECT_TRUE(eventually([] { return true; }));
  double open = 0;
  for (int i = 0; i < 200 && (open = metric("lookout_http_connections")) != 1; ++i)
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(open, 1);
}

TEST_F(ServeHostile, RefusesConnectionsOverTheLimit) {
  options.limits.connections = 3;
  options.limits.idle_timeout = std::chrono::minutes(5);
  start();
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect());
    EXPECT_EQ(clients.back().get("/-/healthy").status, 200);
  }
  Client fourth = connect();
  EXPECT_EQ(fourth.receive().status, 503);
  clients.pop_back();
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(get("/-/healthy").status, 200);
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(metric("lookout_http_connections_refused_total"), 1);
}

TEST_F(ServeHostile, AnswersPipelinedRequestsInOrder) {
  start();
  Client client = connect();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /probe?target=t" + std::to_string(i) +
           " HTTP/1.1\r\nHost: h\r\n\r\nHEAD /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  client.send(
      all +
      "GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive(true).status, 200);
  }
  const Answer last = client.receive();
  EXPECT_EQ(last.status, 404);
  EXPECT_EQ(last.header("connection"), "close");
  EXPECT_EQ(client.receive_rest(), "");
  on_loop([&] {
    ASSERT_EQ(backend().probed.size(), 50u);
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(backend().probed[i].address, "t" + std::to_string(i));
  });
}

TEST_F(ServeHostile, SpeaksWithOldClients) {
  start();
  Client once = connect();
  once.send("GET /-/healthy HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.receive().header("connection"), "close");
  EXPECT_EQ(once.receive_rest(), "");
  Client kept = connect();
  for (int i = 0; i < 3; ++i) {
    kept.send("GET /-/healthy HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    EXPECT_EQ(kept.receive().header("connection"), "keep-alive");
  }
}

TEST_F(ServeHostile, ForgetsClientsThatLeaveInTheMiddle) {
  start();
  for (const std::string_view bytes : {"", "GET", "GET / HTTP/1.1\r\nHost: h\r\n",
                                       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na"}) {
    Client closing = connect(), resetting = connect();
    closing.send(bytes);
    resetting.send(bytes);
    closing.close();
    resetting.reset();
  }
  double open = 0;
  for (int i = 0; i < 200 && (open = metric("lookout_http_connections")) != 1; ++i)
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(open, 1);
}

}  // namespace
}  // namespace lookout::testing
