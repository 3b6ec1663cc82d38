#include "exporter/actions/lease.h"

#include <array>
#include <ctime>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/actions/action.h"
#include "exporter/actions/json_at.h"
#include "probes/core/race.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr int kNotFound = 404, kConflict = 409;
// Of a record that names a holder but says nothing of how long it may be silent.
constexpr std::int64_t kUsualSeconds = 15;

SteadyTime now() { return std::chrono::steady_clock::now(); }

// MicroTime, as the API wants it: RFC 3339 with six digits.
std::string micro_time() {
  const auto wall = std::chrono::system_clock::now();
  const std::time_t whole = std::chrono::system_clock::to_time_t(wall);
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(wall.time_since_epoch()).count();
  return fmt::format("{}.{:06}Z", text.data(), micros % 1'000'000);
}

json::object text_of(const LeaseRecord& record, const LeaseConfig& config, const std::string& in_namespace) {
  json::object metadata{{"name", config.name}, {"namespace", in_namespace}};
  if (!record.resource_version.empty()) metadata["resourceVersion"] = record.resource_version;
  json::object spec{{"leaseDurationSeconds", record.duration_seconds},
                    {"acquireTime", record.acquire_time},
                    {"renewTime", record.renew_time},
                    {"leaseTransitions", record.transitions},
                    {"holderIdentity", record.holder}};
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)}};
}

}  // namespace

LeaseRecord lease_record(const json::value& lease) {
  const auto text = [&](std::string_view pointer) { return std::string(text_at(lease, pointer)); };
  return {text("/spec/holderIdentity"),
          number_at(lease, "/spec/leaseDurationSeconds"),
          text("/spec/acquireTime"),
          text("/spec/renewTime"),
          number_at(lease, "/spec/leaseTransitions"),
          text("/metadata/resourceVersion")};
}

LeaseStep lease_step(const std::optional<LeaseRecord>& record, const std::string& identity,
                     Duration seen_unchanged_for) {
  if (!record) return LeaseStep::create;
  if (record->holder == identity) return LeaseStep::renew;
  const std::int64_t duration = record->duration_seconds > 0 ? record->duration_seconds : kUsualSeconds;
  const bool expired = seen_unchanged_for >= std::chrono::seconds(duration);
  return record->holder.empty() || expired ? LeaseStep::take : LeaseStep::stay;
}

class Lease::Round {
 public:
  Round(Lease& lease, ProbeRun& run)
      : lease_(lease), config_(lease.config_), api_(config_.server, run, secrets_) {}

  Task<> renew();
  Task<> release();

 private:
  Task<bool> look();
  LeaseRecord next(LeaseStep step) const;
  Task<> write(LeaseStep step, LeaseRecord record, SteadyTime asked);
  void fail(const KubernetesRefusal& refusal) { lease_.trouble_ = masked(refusal.why, secrets_); }

  Lease& lease_;
  const LeaseConfig& config_;
  std::vector<std::string> secrets_;
  KubernetesApi api_;
  std::string namespace_;
};

// False: nothing is known of the Lease.
Task<bool> Lease::Round::look() {
  const Granted<std::string> in_namespace = api_.find_namespace(config_.lease_namespace);
  if (!in_namespace) {
    fail(in_namespace.error());
    co_return false;
  }
  namespace_ = *in_namespace;
  const Granted<json::value> lease = co_await api_.read(
      {.verb = "get", .group = "coordination.k8s.io", .resource = "leases", .name = config_.name});
  if (!lease && lease.error().status != kNotFound) {
    fail(lease.error());
    co_return false;
  }
  lease_.observe(lease ? std::optional(lease_record(*lease)) : std::nullopt, now());
  co_return true;
}

LeaseRecord Lease::Round::next(LeaseStep step) const {
  LeaseRecord record = lease_.seen_.value_or(LeaseRecord());
  const std::string time = micro_time();
  if (step != LeaseStep::renew) record.acquire_time = time;
  if (step == LeaseStep::take) ++record.transitions;
  record.renew_time = time;
  record.holder = config_.identity;
  record.duration_seconds = std::chrono::duration_cast<std::chrono::seconds>(config_.duration).count();
  return record;
}

// The version that was read goes with it, so that of two who write at once one is told 409 and has not got
// it.
Task<> Lease::Round::write(LeaseStep step, LeaseRecord record, SteadyTime asked) {
  const bool creates = step == LeaseStep::create;
  bool begun = false;
  const Granted<json::value> written =
      co_await api_.change({.verb = creates ? "create" : "update",
                            .group = "coordination.k8s.io",
                            .resource = "leases",
                            .name = creates ? "" : config_.name,
                            .body = json::serialize(text_of(record, config_, namespace_))},
                           begun);
  if (!written) {
    fail(written.error());
    if (written.error().status == kConflict) lease_.renewed_.reset();
    co_return;
  }
  lease_.observe(lease_record(*written), now());
  lease_.renewed_ = record.holder.empty() ? std::nullopt : std::optional(asked);
}

Task<> Lease::Round::renew() {
  if (!co_await look()) co_return;
  const LeaseStep step = lease_step(lease_.seen_, config_.identity, now() - lease_.seen_since_);
  if (step == LeaseStep::stay) {
    lease_.renewed_.reset();
    co_return;
  }
  co_await write(step, next(step), now());
}

Task<> Lease::Round::release() {
  if (!co_await look() || !lease_.seen_ || lease_.seen_->holder != config_.identity) co_return;
  LeaseRecord record = next(LeaseStep::renew);
  record.holder.clear();
  record.duration_seconds = 1;
  co_await write(LeaseStep::renew, std::move(record), now());
}

void Lease::observe(std::optional<LeaseRecord> record, SteadyTime when) {
  if (record != seen_) seen_since_ = when;
  seen_ = std::move(record);
  holder_ = seen_ ? seen_->holder : "";
}

bool Lease::held(SteadyTime when) const { return renewed_ && when < *held_until(); }

std::optional<SteadyTime> Lease::held_until() const {
  if (!renewed_) return std::nullopt;
  return *renewed_ + config_.renew_deadline;
}

Task<> Lease::within_deadline(ProbeServices& services, bool releases) {
  trouble_.clear();
  const SteadyTime start = now();
  ProbeRun run(services, start, start + config_.renew_deadline / 2);
  Round round(*this, run);
  const auto asked = co_await race(releases ? round.release() : round.renew(), run.deadline);
  if (asked.first != First::work) {
    trouble_ = "the API server does not answer in time";
  } else if (asked.exception) {
    trouble_ = reason(asked.exception);
  }
}

Task<bool> Lease::renew(ProbeServices& services) {
  co_await within_deadline(services, false);
  co_return held(now());
}

Task<> Lease::release(ProbeServices& services) {
  renewed_.reset();
  co_await within_deadline(services, true);
}

}  // namespace lookout
