// Connecting: whose fault an end is, and that the deadline cuts the wait in its stage.
#include "probes/net/dial.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/conversation.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using asio::ip::tcp;
using std::chrono::seconds;

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

Task<Outcome> only_dial(ProbeRun& run, tcp::endpoint endpoint, NetworkOptions network) {
  Attempt<Stream> stream = co_await dial(run, endpoint, network);
  if (!stream) co_return stream.error();
  co_return std::nullopt;
}

Conversed dial_to(tcp::endpoint endpoint, const std::string& source = {}, Duration timeout = seconds(5)) {
  NetworkOptions network;
  network.source_ip_address = source;
  return converse_until(timeout, [=](ProbeRun& run) { return only_dial(run, endpoint, network); });
}

// A folder of its own, gone with the test.
class LocalFolder : public testing::Test {
 protected:
  LocalFolder() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~LocalFolder() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_ = "/tmp/lookout-dial-XXXXXX";
};
using LocalDial = LocalFolder;

Task<Outcome> only_dial_local(ProbeRun& run, std::string path) {
  Attempt<Stream> stream = co_await dial_local(run, std::move(path));
  if (!stream) co_return stream.error();
  co_return std::nullopt;
}

Conversed dial_local_to(const std::string& path, Duration timeout = seconds(5)) {
  return converse_until(timeout, [&](ProbeRun& run) { return only_dial_local(run, path); });
}

TEST(Dial, Connects) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  const Conversed conversed = dial_to(loopback(server.port()));
  EXPECT_EQ(key_of(conversed.failure), "up");
  EXPECT_EQ(names_of(conversed.stages), "connect");
}

TEST(Dial, ConnectsOverIp6) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = "::1"});
  EXPECT_EQ(key_of(dial_to({asio::ip::address_v6::loopback(), server.port()}).failure), "up");
}

TEST(Dial, Refused) {
  const ClosedPort port;
  const Conversed conversed = dial_to(loopback(port.port()));
  EXPECT_EQ(key_of(conversed.failure), "connect/refused");
  EXPECT_EQ(names_of(conversed.stages), "connect");
}

TEST(Dial, TheDeadlineCutsAHangingConnect) {
  const DeafPort port;
  const Conversed conversed = dial_to(loopback(port.port()), {}, milliseconds(150));
  EXPECT_EQ(key_of(conversed.failure), "connect/timeout");
  EXPECT_GE(time_of(conversed.stages, Stage::connect), milliseconds(150));
  EXPECT_LT(conversed.duration, seconds(2) * kPatience);
}

TEST(Dial, UsesTheSourceAddress) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  EXPECT_EQ(key_of(dial_to(loopback(server.port()), "127.0.0.9").failure), "up");
}

TEST(Dial, ASourceAddressThatIsNotOursIsOurOwnFault) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  EXPECT_EQ(key_of(dial_to(loopback(server.port()), "192.0.2.1").failure), "connect/internal");
  EXPECT_EQ(key_of(dial_to(loopback(server.port()), "::1").failure), "connect/internal");
  EXPECT_EQ(server.connections(), 0);
}

TEST(Dial, LackOfDescriptorsIsOurOwnFault) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  std::optional<NoDescriptors> exhausted;
  const Conversed conversed = converse_until(
      seconds(5), [&](ProbeRun& run) { return only_dial(run, loopback(server.port()), {}); },
      [&](ProbeServices&) { exhausted.emplace(); });
  exhausted.reset();
  EXPECT_EQ(key_of(conversed.failure), "connect/internal");
}

// Bound, listening with a queue of this length if that is not negative, and never accepting.
class IdleSocket {
 public:
  IdleSocket(const std::string& path, int type, int queue)
      : socket_(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    if (queue >= 0) EXPECT_EQ(::listen(socket_, queue), 0);
  }
  IdleSocket(const IdleSocket&) = delete;
  IdleSocket& operator=(const IdleSocket&) = delete;
  ~IdleSocket() { ::close(socket_); }
  void accept() { ::close(::accept(socket_, nullptr, nullptr)); }

 private:
  int socket_;
};

TEST_F(LocalDial, Connects) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = path("s")});
  const Conversed conversed = dial_local_to(path("s"));
  EXPECT_EQ(key_of(conversed.failure), "up");
  EXPECT_EQ(names_of(conversed.stages), "connect");
}

TEST_F(LocalDial, ConnectsToAnAbstractName) {
  const std::string name = "@lookout-dial-" + std::to_string(::getpid());
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = name});
  EXPECT_EQ(key_of(dial_local_to(name).failure), "up");
  EXPECT_EQ(key_of(dial_local_to(name + "x").failure), "connect/refused");
}

TEST_F(LocalDial, SaysWhatIsWrongWithThePath) {
  const IdleSocket nobody_listens(path("idle"), SOCK_STREAM, -1);
  const IdleSocket datagrams(path("datagrams"), SOCK_DGRAM, -1);
  std::ofstream(path("file")) << "no socket";
  const std::vector<std::array<std::string, 3>> cases{
      {path("missing"), "connect/not_found", "No such file"},
      {path("file/below"), "connect/not_found", "Not a directory"},
      {path("idle"), "connect/refused", "nobody listens"},
      {path("file"), "connect/protocol", "is not a socket"},
      {path("datagrams"), "connect/protocol", "is not a stream socket"},
      {path(std::string(120, 'a')), "connect/internal", "1 to 107 bytes"},
      {"", "connect/internal", "1 to 107 bytes"}};
  for (const auto& [where, key, detail] : cases) {
    const Conversed conversed = dial_local_to(where);
    EXPECT_EQ(key_of(conversed.failure), key) << where;
    EXPECT_THAT(conversed.failure->detail, testing::HasSubstr(detail));
  }
}

TEST_F(LocalDial, SaysThatItMayNot) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = path("s")});
  ASSERT_EQ(::chmod(path("s").c_str(), 0), 0);
  ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
  const uid_t user = ::geteuid();
  if (user == 0) ASSERT_EQ(::seteuid(65534), 0);  // root may do anything
  const Conversed conversed = dial_local_to(path("s"));
  if (user == 0) ASSERT_EQ(::seteuid(user), 0);
  EXPECT_EQ(key_of(conversed.failure), "connect/internal");
  EXPECT_THAT(conversed.failure->detail, testing::HasSubstr("needs permission to write to the socket"));
}

TEST_F(LocalDial, WaitsForRoomInTheQueueUntilTheDeadline) {
  IdleSocket slow(path("slow"), SOCK_STREAM, 0);
  EXPECT_EQ(key_of(dial_local_to(path("slow")).failure), "up");  // it stays in the queue, which is full now
  const Conversed cut = dial_local_to(path("slow"), milliseconds(150));
  EXPECT_EQ(key_of(cut.failure), "connect/timeout");
  EXPECT_LT(cut.duration, seconds(2) * kPatience);
  std::thread accepting([&] {
    std::this_thread::sleep_for(milliseconds(50));
    slow.accept();
  });
  EXPECT_EQ(key_of(dial_local_to(path("slow")).failure), "up");
  accepting.join();
}

}  // namespace
}  // namespace lookout::test
