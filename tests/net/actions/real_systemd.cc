#include "tests/net/actions/real_systemd.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/patience.h"

namespace lookout::test {
namespace {

constexpr std::string_view kStart =
    "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && "
    "exec /lib/systemd/systemd --user --unit=test.target";

std::string environment_of(const std::string& folder) {
  return fmt::format("XDG_RUNTIME_DIR={0} HOME={0} SYSTEMD_UNIT_PATH={0}/units", folder);
}

pid_t start(const std::string& folder) {
  const std::string command = fmt::format(
      "exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin {} unshare --mount setpriv --pdeathsig KILL sh -c '{}' "
      ">{}/log 2>&1",
      environment_of(folder), kStart, folder);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error(std::strerror(errno));
  if (pid > 0) return pid;
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

RealSystemd::RealSystemd(bool with_bus) {
  lock_ = ::open("/tmp/lookout-test-systemd.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0 || ::flock(lock_, LOCK_EX) != 0) throw std::runtime_error(std::strerror(errno));
  std::string pattern = "/tmp/lookout-systemd-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error(std::strerror(errno));
  folder_ = pattern;
  std::filesystem::create_directories(folder_ + "/units");
  write_unit("test.target", with_bus ? "Wants=dbus.service\n" : "");
  if (with_bus) add_bus();
  pid_ = start(folder_);
  const std::string wanted = with_bus ? "dbus.service" : "test.target";
  for (int tenths = 0; tenths < 100 * kPatience; ++tenths) {
    if (std::filesystem::exists(private_socket()) && systemctl("is-active " + wanted) == "active") return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  std::ifstream log(folder_ + "/log");
  const std::string said(std::istreambuf_iterator<char>(log), {});
  clean_up();
  throw std::runtime_error("systemd does not start: " + said);
}

RealSystemd::~RealSystemd() { clean_up(); }

void RealSystemd::add_bus() const {
  write_unit("dbus.socket", "[Socket]\nListenStream=%t/bus\n");
  write_unit("dbus.service",
             "Requires=dbus.socket\n[Service]\nType=notify\nNotifyAccess=main\n"
             "ExecStart=/usr/bin/dbus-daemon --config-file=%t/bus.conf --address=systemd: --nofork "
             "--nopidfile --systemd-activation\n");
  std::ofstream(folder_ + "/bus.conf")
      << "<busconfig><type>session</type><listen>unix:path=" << bus_socket()
      << "</listen><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow "
         "eavesdrop=\"true\"/><allow own=\"*\"/>"
         "<deny send_interface=\"org.freedesktop.systemd1.Manager\" send_member=\"StartUnit\"/>"
         "</policy></busconfig>";
}

void RealSystemd::clean_up() {
  if (pid_ > 0) {
    systemctl("stop '*.service' '*.socket'");
    kill();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  ::close(lock_);
}

void RealSystemd::kill() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RealSystemd::write_unit(const std::string& name, std::string_view rest) const {
  std::ofstream(folder_ + "/units/" + name) << "[Unit]\nDefaultDependencies=no\n" << rest;
}

void RealSystemd::add_unit(const std::string& name, std::string_view service) const {
  write_unit(name, fmt::format("[Service]\n{}\n", service));
  systemctl("daemon-reload");
}

std::string RealSystemd::systemctl(const std::string& arguments) const {
  const std::string command =
      fmt::format("env {} systemctl --user {} 2>&1", environment_of(folder_), arguments);
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error(std::strerror(errno));
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), size);
  ::pclose(pipe);
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

}  // namespace lookout::test
