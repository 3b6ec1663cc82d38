// Many exchanges at once, and that whatever cuts one leaves nothing behind.
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "probes/net/http_transfers.h"
#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

// Accepts and never answers, without a thread for each connection.
class MuteServer {
 public:
  MuteServer()
      : acceptor_(loop_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this] { run(); }) {}
  ~MuteServer() {
    loop_.stop();
    thread_.join();
  }
  std::string address() const { return fmt::format("127.0.0.1:{}", acceptor_.local_endpoint().port()); }

 private:
  void run() {
    accept();
    loop_.run();
  }
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, asio::ip::tcp::socket socket) {
      if (!error) sockets_.push_back(std::move(socket));
      accept();
    });
  }

  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<asio::ip::tcp::socket> sockets_;
  std::thread thread_;
};

struct Batch {
  int ended = 0, cancelled = 0, up = 0;
};

// Probes `address` `count` times at once on one loop, each cut after `timeout`.
Batch probe_at_once(const HttpConfig& config, const std::string& address, int count, Duration timeout) {
  asio::io_context loop(1);
  ProbeServices services(loop);
  const Target target{address, ""};
  const SteadyTime start = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<ProbeRun>> runs;
  std::vector<std::unique_ptr<asio::cancellation_signal>> cuts;
  Batch batch;
  Timer deadline(loop.get_executor(), start + timeout);
  for (int i = 0; i < count; ++i) {
    runs.push_back(std::make_unique<ProbeRun>(services, start, start + timeout));
    cuts.push_back(std::make_unique<asio::cancellation_signal>());
    asio::co_spawn(loop.get_executor(), probe_http(config, target, *runs.back()),
                   asio::bind_cancellation_slot(cuts.back()->slot(),
                                                [&](std::exception_ptr cut, const Outcome& failure) {
                                                  if (++batch.ended == count) deadline.cancel();
                                                  if (cut) ++batch.cancelled;
                                                  if (!cut && !failure) ++batch.up;
                                                }));
  }
  deadline.async_wait([&](boost::system::error_code error) {
    if (error) return;
    for (const auto& cut : cuts) cut->emit(asio::cancellation_type::terminal);
  });
  loop.run();
  EXPECT_EQ(services.http().in_flight(), 0U);
  return batch;
}

void allow_many_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(HttpLoad, two_thousand_stalled_probes_end_at_their_deadline) {
  allow_many_descriptors();
  MuteServer server;
  const int before = open_descriptors();
  const SteadyTime start = std::chrono::steady_clock::now();
  const Batch batch = probe_at_once(HttpConfig(), server.address(), 2000, 3s);
  EXPECT_EQ(batch.ended, 2000);
  EXPECT_EQ(batch.cancelled, 2000);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 8s);
  EXPECT_GE(before + 2000, open_descriptors());  // the server's ends are all that may be left
}

TEST(HttpLoad, hundreds_of_answers_at_once) {
  ScriptedServer server(answering(reply(200, "hello")));
  EXPECT_EQ(probe_at_once(HttpConfig(), server.address(), 300, 20s).up, 300);
}

TEST(HttpLoad, cancelled_transfers_leave_no_descriptor_open) {
  TestCertificates certificates;
  const ServerTls tls = tls_with(certificates.good());
  ScriptedServer::Options options;
  options.tls = &tls;
  const ScriptedServer::Script stalls_within_the_body = [](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort");
    peer.stall();
  };
  ScriptedServer secure(stalls_within_the_body, options);
  ScriptedServer plain(stalls_within_the_body);
  const HttpConfig config = http_config("tls_config: {insecure_skip_verify: true}");
  const auto batch = [&] {
    EXPECT_EQ(probe_at_once(config, plain.address(), 10, 300ms).cancelled, 10);
    EXPECT_EQ(probe_at_once(config, "https://" + secure.address(), 10, 800ms).cancelled, 10);
    EXPECT_TRUE(plain.wait_idle());
    EXPECT_TRUE(secure.wait_idle());
  };
  batch();
  const int before = open_descriptors();
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(open_descriptors(), before);
}

// A loop that is thrown away takes its probes with it, even though the services are gone before.
TEST(HttpLoad, loop_destroyed_in_the_middle) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const HttpConfig config;
  const Target target{server.address(), ""};
  auto loop = std::make_unique<asio::io_context>(1);
  auto services = std::make_unique<ProbeServices>(*loop);
  const SteadyTime start = std::chrono::steady_clock::now();
  ProbeRun run(*services, start, start + 5s);
  asio::co_spawn(loop->get_executor(), probe_http(config, target, run),
                 [](std::exception_ptr, const Outcome&) {});
  loop->run_for(200ms);
  EXPECT_EQ(services->http().in_flight(), 1U);
  services.reset();
  loop.reset();
}

TEST(HttpLoad, no_descriptors_left_is_our_own_fault) {
  ScriptedServer server(answering(reply(200)));
  const pid_t child = fork();
  if (child == 0) {
    rlimit none{};
    getrlimit(RLIMIT_NOFILE, &none);
    none.rlim_cur = static_cast<rlim_t>(open_descriptors()) + 8;
    setrlimit(RLIMIT_NOFILE, &none);
    const HttpConfig config;
    const Target target{server.address(), ""};
    const Conversed result = converse_until(5s, [&](ProbeRun& run) {
      while (dup(0) >= 0) {
      }
      return probe_http(config, target, run);
    });
    _exit(key_of(result.failure) == "connect/internal" ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace lookout::test
