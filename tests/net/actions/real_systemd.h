// A real systemd for tests: a user's manager of the machine's own systemd, with units of the test's own, in a
// folder of its own. It believes that the machine was booted with it, which only a mount namespace of its own
// says. Needs root. One at a time on a machine,
// as two of them would end each other's services: their control groups have the same names.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace lookout::test {

class RealSystemd {
 public:
  // With a bus, it is on one, too, by a real dbus-daemon; that one lets nobody call StartUnit.
  explicit RealSystemd(bool with_bus = false);
  ~RealSystemd();
  RealSystemd(const RealSystemd&) = delete;
  RealSystemd& operator=(const RealSystemd&) = delete;

  std::string private_socket() const { return folder_ + "/systemd/private"; }
  std::string bus_socket() const { return folder_ + "/bus"; }
  std::string folder() const { return folder_; }
  // "[Service]\n" and these lines; known from now on.
  void add_unit(const std::string& name, std::string_view service) const;
  // systemctl's, without an end of line; `arguments` go through a shell.
  std::string systemctl(const std::string& arguments) const;
  // At once; what its units have started runs on.
  void kill();

 private:
  void write_unit(const std::string& name, std::string_view rest) const;
  void add_bus() const;
  void clean_up();

  std::string folder_;
  int lock_ = -1;
  pid_t pid_ = -1;
};

}  // namespace lookout::test
