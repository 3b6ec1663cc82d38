#include "tests/net/network_namespace.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <grp.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lookout::test {
namespace {

constexpr int kNoNamespace = 77;

bool change_loopback(unsigned long what, const std::function<void(ifreq&)>& fill) {
  const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  fill(request);
  const bool changed = ::ioctl(control, what, &request) == 0;
  ::close(control);
  return changed;
}

bool bring_loopback_up() {
  return change_loopback(SIOCSIFFLAGS, [](ifreq& request) { request.ifr_flags = IFF_UP | IFF_RUNNING; });
}

int run_child(const std::function<void()>& body) {
  if (::unshare(CLONE_NEWNET) != 0 || !bring_loopback_up()) {
    std::fprintf(stderr, "cannot make a network namespace: %s\n", std::strerror(errno));
    return kNoNamespace;
  }
  try {
    body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "exception: %s\n", error.what());
    return 2;
  }
  return ::testing::Test::HasFailure() ? 1 : 0;
}

}  // namespace

void in_network_namespace(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0) << std::strerror(errno);
  if (child == 0) {
    const int code = run_child(body);
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "the child died of signal " << WTERMSIG(status);
  ASSERT_NE(WEXITSTATUS(status), kNoNamespace)
      << "this test needs the right to make network namespaces (root, or CAP_SYS_ADMIN): unshare --net true";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see the child's failures above";
}

void write_sysctl(const std::string& path, const std::string& value) {
  std::ofstream file("/proc/sys/" + path);
  file << value << std::flush;
  ASSERT_TRUE(file.good()) << "cannot write /proc/sys/" << path;
}

void set_loopback_mtu(int bytes) {
  ASSERT_TRUE(change_loopback(SIOCSIFMTU, [&](ifreq& request) { request.ifr_mtu = bytes; }))
      << std::strerror(errno);
}

void become_nobody() {
  constexpr unsigned kNobody = 65534;
  ASSERT_EQ(::setgroups(0, nullptr), 0);
  ASSERT_EQ(::setgid(kNobody), 0);
  ASSERT_EQ(::setuid(kNobody), 0);
}

}  // namespace lookout::test
