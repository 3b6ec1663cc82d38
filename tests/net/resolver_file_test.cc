// What the resolver makes of /etc/resolv.conf: a private one, on a port 53 of its own, in namespaces of the
// test's own.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "probes/net/resolver.h"
#include "tests/net/network_namespace.h"
#include "tests/support/conversation.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Stands in place of /etc/resolv.conf for the calling process, which has to end soon.
class PrivateResolverFile {
 public:
  PrivateResolverFile()
      : path_(std::filesystem::temp_directory_path() / ("resolv." + std::to_string(::getpid()))) {
    say("nameserver 127.0.0.1");
    mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
               ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount(path_.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0;
    EXPECT_TRUE(mounted_) << std::strerror(errno);
  }
  PrivateResolverFile(const PrivateResolverFile&) = delete;
  PrivateResolverFile& operator=(const PrivateResolverFile&) = delete;
  ~PrivateResolverFile() { std::filesystem::remove(path_); }

  void say(const std::string& line) const { std::ofstream(path_) << line << "\n"; }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

// Asks, lets the file be changed, and asks again when the resolver looks at it again.
Task<Outcome> look_up_twice(ProbeRun& run, std::function<void()> change, std::vector<std::string>* endings) {
  for (int i = 0; i < 2; ++i) {
    Attempt<std::vector<IpAddress>> found =
        co_await run.services.resolver().lookup(run, "web.test", IpFamily::ip4);
    endings->push_back(found ? found->at(0).to_string() : key(found.error()));
    change();
    Timer look_again(co_await asio::this_coro::executor, milliseconds(1100));
    co_await look_again.async_wait(use_task);
  }
  co_return std::nullopt;
}

TEST(ResolverFile, IsReadAgainWhenItChanged) {
  in_network_namespace([] {
    write_sysctl("net/ipv4/ip_unprivileged_port_start", "0");
    write_sysctl("net/ipv4/ip_local_port_range", "53 53");  // so that the server gets it
    ScriptedDns dns;
    write_sysctl("net/ipv4/ip_local_port_range", "32768 60999");
    ASSERT_EQ(dns.port(), 53);
    dns.add("web.test", kA, ipv4("192.0.2.7"));
    const PrivateResolverFile file;
    file.say("nameserver 127.0.0.2");  // where nobody listens
    std::vector<std::string> endings;
    converse_until(seconds(20), [&](ProbeRun& run) {
      return look_up_twice(run, [&] { file.say("nameserver 127.0.0.1"); }, &endings);
    });
    EXPECT_EQ(endings, (std::vector<std::string>{"resolve/protocol", "192.0.2.7"}));
  });
}

}  // namespace
}  // namespace lookout::test
