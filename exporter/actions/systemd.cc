#include "exporter/actions/systemd.h"

#include <cstring>

#include <fmt/format.h>

#include "exporter/actions/bus.h"

namespace lookout {
namespace {

constexpr const char* kManager = "org.freedesktop.systemd1";
constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
constexpr const char* kManagerInterface = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnitInterface = "org.freedesktop.systemd1.Unit";
constexpr std::string_view kNoAnswer = "systemd's answer is not what it should be";

// systemd listens on a socket of its own, too, which root may use where there is no bus.
bool is_systemds_own(std::string_view socket) { return socket.ends_with("/systemd/private"); }

// What became of a job: "done", "failed", "canceled", "timeout", "dependency", "skipped".
struct Job {
  std::string path, result;
};

int take_removed_job(sd_bus_message* message, void* to, sd_bus_error*) {
  std::uint32_t id = 0;
  const char *path = nullptr, *unit = nullptr, *result = nullptr;
  if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0)
    static_cast<std::vector<Job>*>(to)->push_back({path, result});
  return 0;
}

std::string in_words(const BusRefusal& refusal, const std::string& unit) {
  const bool denied = refusal.name == SD_BUS_ERROR_ACCESS_DENIED ||
                      refusal.name == SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED;
  if (!denied) return refusal.message;
  return fmt::format("{}; let Lookout's user manage {} by a rule of polkit, as deploy/systemd shows",
                     refusal.message, unit);
}

class UnitChange {
 public:
  UnitChange(const SystemdAction& action, ActionRun& run, const Executor& executor)
      : action_(action),
        run_(run),
        unit_(action.restart.empty() ? action.start : action.restart),
        bus_(executor, action.socket, is_systemds_own(action.socket)) {}

  Task<ActionResult> carry_out();

 private:
  Task<> listen();
  Task<std::string> hindrance();
  Task<std::string> result_of(std::string job);
  Task<ActionResult> end_of(std::string job);
  Task<std::string> unit_state();
  Task<std::string> property(std::string object, std::string name);
  BusMessage to_manager(const char* member) const;
  static std::string path_in(sd_bus_message* message);

  const SystemdAction& action_;
  ActionRun& run_;
  const std::string unit_;
  std::vector<Job> removed_;  // those that ended since we listen
  Bus bus_;
};

BusMessage UnitChange::to_manager(const char* member) const {
  sd_bus_message* message = nullptr;
  bus_result(
      sd_bus_message_new_method_call(bus_.get(), &message, kManager, kManagerPath, kManagerInterface, member),
      "D-Bus");
  return BusMessage(message);
}

std::string UnitChange::path_in(sd_bus_message* message) {
  const char* path = nullptr;
  if (sd_bus_message_read(message, "o", &path) < 0) throw std::runtime_error(std::string(kNoAnswer));
  return path;
}

// Before anything is asked, so that no job ends unseen. systemd is silent on a bus until it has a subscriber.
Task<> UnitChange::listen() {
  bus_result(sd_bus_match_signal_async(bus_.get(), nullptr, kManager, kManagerPath, kManagerInterface,
                                       "JobRemoved", take_removed_job, nullptr, &removed_),
             "D-Bus");
  const Bus::Answer answer = co_await bus_.call(to_manager("Subscribe"));
  if (!answer.message) throw std::runtime_error(in_words(answer.refusal, unit_));
}

// Empty where it cannot be had.
Task<std::string> UnitChange::property(std::string object, std::string name) {
  sd_bus_message* request = nullptr;
  bus_result(sd_bus_message_new_method_call(bus_.get(), &request, kManager, object.c_str(),
                                            "org.freedesktop.DBus.Properties", "Get"),
             "D-Bus");
  BusMessage owned(request);
  bus_result(sd_bus_message_append(request, "ss", kUnitInterface, name.c_str()), "D-Bus");
  const Bus::Answer answer = co_await bus_.call(std::move(owned));
  const char* value = nullptr;
  if (!answer.message || sd_bus_message_read(answer.message.get(), "v", "s", &value) < 0) co_return "";
  co_return value;
}

// "active (running)"; empty for a unit that systemd does not know.
Task<std::string> UnitChange::unit_state() {
  BusMessage request = to_manager("GetUnit");
  bus_result(sd_bus_message_append(request.get(), "s", unit_.c_str()), "D-Bus");
  const Bus::Answer answer = co_await bus_.call(std::move(request));
  if (!answer.message) co_return "";
  const std::string object = path_in(answer.message.get());
  const std::string active = co_await property(object, "ActiveState");
  co_return fmt::format("{} ({})", active, co_await property(object, "SubState"));
}

// Why systemd is left alone; empty: go on.
Task<std::string> UnitChange::hindrance() {
  const std::string state = co_await unit_state();
  if (state.ends_with("(auto-restart)"))
    co_return fmt::format("systemd restarts {} by itself: it is {}", unit_, state);
  if (action_.restart.empty() && state.starts_with("active "))
    co_return fmt::format("{} runs already: it is {}", unit_, state);
  co_return "";
}

Task<std::string> UnitChange::result_of(std::string job) {
  for (;;) {
    for (const Job& removed : removed_) {
      if (removed.path == job) co_return removed.result;
    }
    removed_.clear();
    co_await bus_.advance();
  }
}

Task<ActionResult> UnitChange::end_of(std::string job) {
  const std::string result = co_await result_of(std::move(job));
  const std::string state = co_await unit_state();
  co_return ActionResult{result == "done" ? ActionEnd::done : ActionEnd::failed,
                         fmt::format("job {}: {} is {}", result, unit_, state), run_.output};
}

Task<ActionResult> UnitChange::carry_out() {
  co_await listen();
  if (const std::string why = co_await hindrance(); !why.empty()) co_return without_end(run_, why);
  BusMessage request = to_manager(action_.restart.empty() ? "StartUnit" : "RestartUnit");
  bus_result(sd_bus_message_append(request.get(), "ss", unit_.c_str(), "replace"), "D-Bus");
  run_.begun = true;
  const Bus::Answer answer = co_await bus_.call(std::move(request));
  if (!answer.message) {
    run_.begun = false;
    co_return without_end(run_, in_words(answer.refusal, unit_));
  }
  co_return co_await end_of(path_in(answer.message.get()));
}

}  // namespace

Task<ActionResult> run_systemd(const SystemdAction& action, ActionRun& run) {
  UnitChange change(action, run, co_await asio::this_coro::executor);
  co_return co_await change.carry_out();
}

}  // namespace lookout
