#include "exporter/actions/bus.h"

#include <cerrno>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <poll.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

struct Awaited {
  bool over = false;
  Bus::Answer answer;
};

int take_answer(sd_bus_message* message, void* to, sd_bus_error*) {
  auto& awaited = *static_cast<Awaited*>(to);
  awaited.over = true;
  if (const sd_bus_error* error = sd_bus_message_get_error(message)) {
    awaited.answer.refusal = {error->name, error->message != nullptr ? error->message : error->name};
  } else {
    awaited.answer.message.reset(sd_bus_message_ref(message));
  }
  return 0;
}

// sd-bus, and the bus for whoever has left it, answer in place of the other side.
bool is_end_of_connection(const BusRefusal& refusal) {
  return refusal.name == SD_BUS_ERROR_NO_REPLY || refusal.name == SD_BUS_ERROR_DISCONNECTED ||
         refusal.name == SD_BUS_ERROR_TIMEOUT;
}

struct SlotEnd {
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};

}  // namespace

int bus_result(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), what);
  return result;
}

Bus::Bus(const Executor& executor, const std::string& socket, bool peer) : descriptor_(executor) {
  sd_bus* bus = nullptr;
  bus_result(sd_bus_new(&bus), "D-Bus");
  bus_.reset(bus);
  bus_result(sd_bus_set_address(bus, ("unix:path=" + percent_encoded(socket)).c_str()), "D-Bus");
  bus_result(sd_bus_set_bus_client(bus, peer ? 0 : 1), "D-Bus");
  // The action has a time limit of its own.
  bus_result(sd_bus_set_method_call_timeout(bus, UINT64_MAX), "D-Bus");
  bus_result(sd_bus_start(bus), socket.c_str());
  // One of our own: sd-bus closes its one when the other side hangs up, whatever waits for it.
  const int own = ::fcntl(bus_result(sd_bus_get_fd(bus), "D-Bus"), F_DUPFD_CLOEXEC, 0);
  descriptor_.assign(bus_result(own < 0 ? -errno : own, "D-Bus"));
}

Task<Bus::Answer> Bus::call(BusMessage request) {
  Awaited awaited;
  sd_bus_slot* slot = nullptr;
  bus_result(sd_bus_call_async(bus_.get(), &slot, request.get(), take_answer, &awaited, 0), "D-Bus");
  const std::unique_ptr<sd_bus_slot, SlotEnd> kept(slot);
  while (!awaited.over) co_await advance();
  if (is_end_of_connection(awaited.answer.refusal))
    throw std::system_error(ECONNRESET, std::generic_category(), awaited.answer.refusal.message);
  co_return std::move(awaited.answer);
}

Task<> Bus::advance() {
  if (bus_result(sd_bus_process(bus_.get(), nullptr), "D-Bus") > 0) co_return;
  const int events = bus_result(sd_bus_get_events(bus_.get()), "D-Bus");
  using asio::posix::descriptor_base;
  co_await descriptor_.async_wait(
      (events & POLLOUT) != 0 ? descriptor_base::wait_write : descriptor_base::wait_read, use_task);
}

}  // namespace lookout
