// Listening, draining, running out of descriptors.
#include <sys/resource.h>

#include "tests/net/serve_fixture.h"
#include "tests/support/patience.h"

namespace lookout::testing {
namespace {

using std::chrono::milliseconds;
using ServeLifetime = ServeTest;

TEST_F(ServeLifetime, ListensOnSeveralAddressesOfBothFamilies) {
  options.listen_addresses = {"127.0.0.1:0", ":0", "[::1]:0"};
  start();
  EXPECT_EQ(get("/-/healthy").body, "Healthy");
  asio::io_context loop;
  ServerOptions others;
  others.listen_addresses = {":0"};
  Server dual(loop, backend(), others);
  dual.start();
  std::thread thread([&loop] { loop.run_for(std::chrono::seconds(5)); });
  EXPECT_EQ(Client(dual.ports().at(0)).get("/-/healthy").body, "Healthy") << "over IPv4";
  asio::io_context client_loop;
  asio::ip::tcp::socket socket(client_loop);
  socket.connect({asio::ip::address_v6::loopback(), dual.ports().at(0)});
  loop.stop();
  thread.join();
}

TEST_F(ServeLifetime, SaysWhichAddressIsTaken) {
  start();
  ServerOptions same;
  same.listen_addresses = {"127.0.0.1:" + std::to_string(port())};
  try {
    Server second(loop_, backend(), same);
    FAIL() << "it listens twice";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot listen on " + same.listen_addresses[0] + ": Address already in use");
  }
  same.listen_addresses = {"nonsense"};
  EXPECT_THROW(Server(loop_, backend(), same), std::runtime_error);
}

TEST_F(ServeLifetime, DrainsRequestsInProgress) {
  start();
  on_loop([&] { backend().probe_takes = milliseconds(400); });
  Client idle = connect(), busy = connect();
  EXPECT_EQ(idle.get("/-/healthy").status, 200);
  busy.send("GET /probe?target=x HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return backend().probed.size() == 1; }));
  auto drained = drain(std::chrono::seconds(10));
  EXPECT_EQ(idle.receive_rest(), "");
  EXPECT_THROW(connect(), std::runtime_error);
  const Answer answer = busy.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  busy.close();
  EXPECT_EQ(drained.wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST_F(ServeLifetime, DrainsWithinItsGrace) {
  start();
  on_loop([&] { backend().probe_takes = std::chrono::seconds(30); });
  Client busy = connect(), dripping = connect();
  busy.send("GET /probe?target=x HTTP/1.1\r\nHost: h\r\n\r\n");
  dripping.send("GET /");
  ASSERT_TRUE(eventually([&] { return backend().probed.size() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  auto drained = drain(milliseconds(300));
  ASSERT_EQ(drained.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(300));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5) * test::kPatience);
  EXPECT_EQ(busy.receive_rest(), "");
  EXPECT_EQ(dripping.receive_rest(), "");
}

TEST_F(ServeLifetime, DrainsAtOnceWhenNobodyIsThere) {
  start();
  EXPECT_EQ(drain(std::chrono::seconds(60)).wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

// Descriptors are the whole process's, so clients connect first and the limit comes down then.
TEST_F(ServeLifetime, SurvivesALackOfDescriptors) {
  start();
  Client scraper = connect();
  EXPECT_EQ(scraper.get("/-/healthy").status, 200);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::dup(0);
  ASSERT_GE(lowest_free, 0);
  ::close(lowest_free);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(lowest_free) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  Client starved = connect();  // takes the last one: the server has none left to accept it with
  starved.send("GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_FALSE(starved.readable(milliseconds(350)));
  const Answer scrape = scraper.get("/metrics");
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(starved.receive().status, 200) << "accepting goes on by itself";
  const std::string series = "\nlookout_http_connections_refused_total ";
  const auto at = scrape.body.find(series);
  ASSERT_NE(at, std::string::npos);
  const double refused = std::stod(scrape.body.substr(at + series.size()));
  EXPECT_GE(refused, 1);
  EXPECT_LE(refused, 10) << "it must not spin";
}

}  // namespace
}  // namespace lookout::testing
