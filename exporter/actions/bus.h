// One connection to a D-Bus peer, by systemd's sd-bus, on the loop of whoever asks. Nothing here blocks;
// whoever is cancelled while waiting leaves a connection that is closed when it goes.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <systemd/sd-bus.h>

#include "probes/core/task.h"

namespace lookout {

struct BusMessageEnd {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using BusMessage = std::unique_ptr<sd_bus_message, BusMessageEnd>;

// What the other side, or the way to it, said no with. Never the end of the connection: that is thrown.
struct BusRefusal {
  std::string name;  // org.freedesktop.DBus.Error.AccessDenied
  std::string message;
};

class Bus {
 public:
  // `peer`: the socket is the other program's own, not a bus's. Throws std::system_error.
  Bus(const Executor& executor, const std::string& socket, bool peer);

  sd_bus* get() const { return bus_.get(); }

  struct Answer {
    BusMessage message;  // none: refused
    BusRefusal refusal;
  };
  // The answer to `request`. Throws std::system_error when the connection ends before it.
  Task<Answer> call(BusMessage request);
  // Reads and writes what there is, and waits for more if there is nothing.
  Task<> advance();

 private:
  struct BusEnd {
    void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  };
  std::unique_ptr<sd_bus, BusEnd> bus_;
  asio::posix::basic_stream_descriptor<Executor> descriptor_;
};

// Throws std::system_error for a negative errno, as every call of sd-bus returns it.
int bus_result(int result, const char* what);

}  // namespace lookout
