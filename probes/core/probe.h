// The vocabulary between a probe and whoever runs it: what is asked (Target), what is gathered on the way
// (ProbeRun), what comes back (ProbeResult).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/core/certificate_summary.h"
#include "probes/core/clock.h"
#include "probes/core/fact.h"
#include "probes/core/failure.h"

namespace lookout {

class AddressPolicy;  // probes/net/address_policy.h
class ProbeServices;  // probes/net/services.h

// What one probe is aimed at.
struct Target {
  std::string address;   // in the grammar of the kind: URL, host:port, host, server[:port], path of a socket
  std::string hostname;  // /probe?hostname=: Host header and TLS name; empty: none
  std::shared_ptr<const AddressPolicy> allowed = nullptr;  // nullptr: any address
  bool operator==(const Target&) const = default;
};

enum class Verdict : std::uint8_t { up, down, inconclusive };
std::string_view name(Verdict verdict);

struct StageTime {
  Stage stage;
  Duration duration;
};

struct TraceLine {
  Duration at;  // since the probe's start
  std::string text;
};

struct ProbeResult {
  Verdict verdict = Verdict::inconclusive;
  Outcome
      failure;  // engaged exactly when the verdict is not up; inconclusive exactly when its cause is internal
  WallTime started;
  Duration duration{};
  Duration timeout{};
  std::vector<StageTime>
      stages;  // reached, in order of first entry; a stage entered several times (redirects) is summed
  std::vector<Fact> facts;
  std::vector<TraceLine> trace;
  std::optional<int> attempts;    // made; only of modules with retries, whose last attempt the rest tells of
  CertificateChain certificates;  // of the last TLS handshake in which the peer sent any, verified or not
};

// Owned by run_probe and lent to the probe, so that after a time-out the stage reached and everything
// gathered so far are still there. Lives on one loop.
class ProbeRun {
 public:
  ProbeRun(ProbeServices& services, SteadyTime start, SteadyTime deadline);

  ProbeServices& services;
  Facts facts;
  CertificateChain certificates;
  const SteadyTime start;
  const AddressPolicy* allowed = nullptr;  // the target's, which outlives the run
  const SteadyTime deadline;  // for options that a protocol carries itself; run_probe enforces it

  void enter(Stage stage);  // from now on time counts for this stage, and a time-out is reported in it
  Stage stage() const { return stage_; }

  // For people, in `lookout probe`, debug output and reports. Never a secret.
  void note(std::string text);

  // Fails in the stage reached.
  Failure fail(Cause cause, std::string detail) const;

  std::vector<StageTime> take_stages(SteadyTime end);
  std::vector<TraceLine> take_trace() { return std::move(trace_); }

  static constexpr std::size_t kMaximumTraceLines = 64;

 private:
  void close_stage(SteadyTime now);

  Stage stage_ = Stage::resolve;
  bool entered_ = false;
  SteadyTime entered_at_{};
  std::vector<StageTime> stages_;
  std::vector<TraceLine> trace_;
};

}  // namespace lookout
