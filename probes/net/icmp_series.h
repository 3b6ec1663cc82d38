// Several echo requests to one destination, sent at a steady pace whether or not replies have come, on the
// socket that the probes of the loop share. A reply counts whenever it comes before the end, and once.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "probes/net/icmp_sockets.h"

namespace lookout {

class AwaitedEcho;  // probes/net/icmp_echo_socket.h

// Lost is what was sent and not received: unanswered until the end, or answered by an ICMP error.
struct EchoTally {
  int sent = 0, received = 0;
  Duration least{}, mean{}, most{};  // round-trip times of those received
  Duration jitter{};                 // mean difference between one reply's round-trip time and the next's
  std::optional<int> hop_limit;      // of the last reply
  std::optional<IcmpError> error;    // the first
};

class EchoSeries {
 public:
  // `count` is at least 1. An interval for which the time is too short is shortened.
  EchoSeries(ProbeRun& run, EchoRequest request, int count, Duration interval);
  ~EchoSeries();
  EchoSeries(const EchoSeries&) = delete;
  EchoSeries& operator=(const EchoSeries&) = delete;

  // Enters Stage::request, then Stage::response; call IcmpSockets::open() before. Fails when a request cannot
  // be sent, as IcmpSockets::exchange() does. Ends when all are answered, or a while after the last was sent;
  // where nothing at all answers, only the run's deadline ends it.
  Task<Outcome> exchange();

  // Until now; after the deadline, too.
  EchoTally tally() const;

 private:
  Task<> wait_until(SteadyTime time);
  SteadyTime end_of_wait(SteadyTime begin) const;

  ProbeRun& run_;
  EchoRequest request_;
  int count_;
  Duration interval_;
  Timer event_;  // cancelled whenever an answer has come
  std::vector<std::unique_ptr<AwaitedEcho>> echoes_;
  int sent_ = 0;
};

}  // namespace lookout
