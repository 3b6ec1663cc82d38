#include "exporter/actions/exec.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <system_error>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lookout {
namespace {

using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string error_text(int error) { return std::generic_category().message(error); }

// Whom to run as; looked up before the fork, as little is allowed after it.
struct Account {
  bool change = false;
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
  std::string name, home = "/";
};

// Empty: it may be run as that account.
std::string look_up(const std::string& name, Account& account) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (name.empty()) {
    ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  } else {
    ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr) return fmt::format("there is no user {}", name);
  }
  if (found == nullptr) return {};  // a user without an entry, as containers have it
  account.name = found->pw_name;
  account.home = found->pw_dir;
  account.user = found->pw_uid;
  account.group = found->pw_gid;
  account.change = !name.empty() && found->pw_uid != ::geteuid();
  if (!account.change) return {};
  if (::geteuid() != 0) return fmt::format("only root may run programs as {}", name);
  int count = 256;
  account.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(found->pw_name, found->pw_gid, account.groups.data(), &count) < 0)
    return fmt::format("{} is in too many groups", name);
  account.groups.resize(static_cast<std::size_t>(count));
  return {};
}

std::vector<std::string> environment_of(const ExecAction& action, const ActionCause& cause,
                                        const Account& account) {
  std::map<std::string, std::string> variables{{"PATH", std::string(kPath)},
                                               {"LANG", "C.UTF-8"},
                                               {"HOME", account.home},
                                               {"USER", account.name},
                                               {"LOOKOUT_TARGET", cause.target},
                                               {"LOOKOUT_ADDRESS", cause.address},
                                               {"LOOKOUT_INCIDENT", cause.incident},
                                               {"LOOKOUT_ATTEMPT", cause.attempt},
                                               {"LOOKOUT_STAGE", cause.stage},
                                               {"LOOKOUT_CAUSE", cause.cause}};
  for (const auto& [name, value] : action.environment) variables[name] = value.value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int take_reading() { return std::exchange(ends[0], -1); }
  void close_writing() { ::close(std::exchange(ends[1], -1)); }
  std::array<int, 2> ends{-1, -1};
};

// Everything that the child needs, made before the fork: after it, in memory that is still Lookout's own,
// only async-signal-safe calls are allowed (signal-safety(7)).
struct Start {
  std::vector<std::string> argv, environment;
  std::vector<char*> argv_pointers, environment_pointers;
  std::string directory;
  Account account;
  int output = -1, report = -1;
};

[[noreturn]] void report_and_leave(int report) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

[[noreturn]] void become(const Start& start) {
  // First of all nothing of Lookout's is held any more, its lock of the journal least of all.
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(start.output, 1) < 0 || ::dup2(start.output, 2) < 0)
    report_and_leave(start.report);
  constexpr int kReport = 3;
  if (start.report != kReport && ::dup3(start.report, kReport, O_CLOEXEC) < 0) report_and_leave(start.report);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  ::setpgid(0, 0);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // The calls of the C library would do the same to the threads of Lookout, whose memory this is.
  const Account& account = start.account;
  if (account.change &&
      (::syscall(SYS_setgroups, account.groups.size(), account.groups.data()) != 0 ||
       ::syscall(SYS_setgid, account.group) != 0 || ::syscall(SYS_setuid, account.user) != 0))
    report_and_leave(kReport);
  if (::chdir(start.directory.c_str()) != 0) report_and_leave(kReport);
  ::execvpe(start.argv_pointers.front(), start.argv_pointers.data(), start.environment_pointers.data());
  report_and_leave(kReport);
}

// fork() would copy the page tables of a large process, and hold up all that its threads do with memory
// meanwhile. Signals wait, as Lookout's own handlers would see them in the child. Whether a core may be
// written is a property of the memory, and a change of user takes that away.
pid_t fork_and_become(const Start& start) {
  const int dumpable = ::prctl(PR_GET_DUMPABLE);
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::vfork();
  if (pid == 0) become(start);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (start.account.change) ::prctl(PR_SET_DUMPABLE, dumpable);
  errno = error;
  return pid;
}

// A started program. Destroyed before it has ended, it and its group are killed; somebody reaps it in any
// case.
class Program {
 public:
  Program(const Executor& executor, pid_t pid)
      : pid_(pid), ended_(std::make_shared<Descriptor>(executor, open_watch(pid))) {}
  ~Program() {
    if (reaped_) return;
    ::kill(-pid_, SIGKILL);
    ended_->async_wait(Descriptor::wait_read, [ended = ended_, pid = pid_](boost::system::error_code) {
      ::waitpid(pid, nullptr, WNOHANG);
    });
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Task<int> end() {
    co_await ended_->async_wait(Descriptor::wait_read, use_tuple);
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) reaped_ = true;
    co_return status;
  }

 private:
  // For want of descriptors a program that cannot be watched is ended again.
  static int open_watch(pid_t pid) {
    const int watch = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
    if (watch >= 0) return watch;
    const int error = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw std::system_error(error, std::generic_category(), "pidfd_open");
  }

  const pid_t pid_;
  bool reaped_ = false;
  std::shared_ptr<Descriptor> ended_;
};

// What the program printed so far; the end of it matters most.
void keep(std::string& output, std::string_view more) {
  output += more;
  const std::size_t most = 4 * ActionResult::kMaximumOutput;
  if (output.size() > 2 * most) output.erase(0, output.size() - most);
}

// Until it is cut off: whoever closes its outputs may still run.
Task<> read_output(std::shared_ptr<Descriptor> from, ActionRun& run) {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto [error, size] = co_await from->async_read_some(asio::buffer(buffer), use_tuple);
    if (error) break;
    keep(run.output, {buffer.data(), size});
  }
  Timer for_ever(from->get_executor(), SteadyTime::max());
  co_await for_ever.async_wait(use_tuple);
}

// The exec closes the report, or the child tells why there was none.
Task<int> exec_error(Descriptor report) {
  int error = 0;
  const auto [ending, size] = co_await report.async_read_some(asio::buffer(&error, sizeof error), use_tuple);
  co_return size == sizeof error ? error : 0;
}

// The program's status. Its output is read meanwhile, so that a full pipe holds nobody up.
Task<int> end_while_reading(Program& program, std::shared_ptr<Descriptor> printed, ActionRun& run) {
  auto executor = co_await asio::this_coro::executor;
  int status = 0;
  const auto wait = [](Program& waited, int& into) -> Task<> { into = co_await waited.end(); };
  co_await asio::experimental::make_parallel_group(
      asio::co_spawn(executor, wait(program, status), asio::deferred),
      asio::co_spawn(executor, read_output(printed, run), asio::deferred))
      .async_wait(asio::experimental::wait_for_one(), use_task);
  co_return status;
}

// What is there already. What a program in the background prints later is nobody's.
void drain(Descriptor& from, ActionRun& run) {
  std::array<char, 4096> buffer;
  from.non_blocking(true);
  for (int chunks = 0; chunks < 64; ++chunks) {
    boost::system::error_code error;
    const std::size_t size = from.read_some(asio::buffer(buffer), error);
    if (error) return;
    keep(run.output, {buffer.data(), size});
  }
}

std::string in_words(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

Task<ActionResult> run_exec(const ExecAction& action, const ActionCause& cause, ActionRun& run) {
  for (const auto& [name, value] : action.environment) run.secrets.push_back(value.value);
  Start start;
  if (std::string refusal = look_up(action.user, start.account); !refusal.empty())
    co_return without_end(run, refusal);
  start.argv = action.argv;
  start.environment = environment_of(action, cause, start.account);
  start.argv_pointers = pointers(start.argv);
  start.environment_pointers = pointers(start.environment);
  start.directory = action.directory.empty() ? "/" : action.directory;
  Pipe output, report;
  start.output = output.ends[1];
  start.report = report.ends[1];

  run.begun = true;
  const pid_t pid = fork_and_become(start);
  if (pid < 0) {
    const int error = errno;
    run.begun = false;
    co_return without_end(run, error_text(error));
  }
  ::setpgid(pid, pid);  // here too, so that the group is there whoever comes first
  output.close_writing();
  report.close_writing();
  auto executor = co_await asio::this_coro::executor;
  Program program(executor, pid);
  auto printed = std::make_shared<Descriptor>(executor, output.take_reading());

  if (const int error = co_await exec_error(Descriptor(executor, report.take_reading())); error != 0) {
    co_await program.end();
    run.begun = false;
    co_return without_end(run, fmt::format("{}: {}", action.argv.front(), error_text(error)));
  }
  const int status = co_await end_while_reading(program, printed, run);
  drain(*printed, run);
  const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  co_return ActionResult{well ? ActionEnd::done : ActionEnd::failed, in_words(status), run.output};
}

}  // namespace lookout
