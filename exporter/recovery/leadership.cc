#include "exporter/recovery/leadership.h"

#include <random>

#include <fmt/format.h>

#include "exporter/recovery/action_loop.h"
#include "probes/core/host_name.h"

namespace lookout {
namespace {

constexpr Duration kPollInterval = std::chrono::seconds(2);

// Unique over hosts and processes, as client-go has it.
std::string own_identity() {
  std::random_device random;
  return fmt::format("{}_{:08x}{:08x}", host_name(), random(), random());
}

}  // namespace

struct Leadership::HeldLease {
  explicit HeldLease(const LeaseSettings& settings_in)
      : settings(settings_in), lease(std::make_shared<Lease>(config_of(settings_in))) {}

  static LeaseConfig config_of(const LeaseSettings& settings) {
    LeaseConfig config;
    config.server = settings.server;
    config.lease_namespace = settings.lease_namespace;
    config.name = settings.name;
    config.identity = own_identity();
    return config;
  }

  const LeaseSettings settings;
  const std::shared_ptr<Lease> lease;  // touched on the loop of actions only
  LeaseStanding standing;
};

void Leadership::apply(const RecoveryConfig& config) {
  if (config.lock_file.empty()) {
    lock_ = nullptr;
  } else if (!lock_ || lock_->path() != config.lock_file) {
    lock_ = std::make_unique<FileLock>(config.lock_file);
  }
  if (!config.lease || loop_ == nullptr) {
    lease_ = nullptr;
  } else if (!lease_ || lease_->settings != *config.lease) {
    lease_ = std::make_shared<HeldLease>(*config.lease);
  }
}

std::string Leadership::refusal(SteadyTime now) {
  if (released_) return "Lookout stops";
  if (lock_ && !lock_->take())
    return lock_->fault().empty() ? fmt::format("another Lookout holds {}", lock_->path()) : lock_->fault();
  return lease_ ? lease_refusal(now) : std::string();
}

std::string Leadership::lease_refusal(SteadyTime now) const {
  const LeaseStanding& standing = lease_->standing;
  if (standing.held_until && now < *standing.held_until) return {};
  if (!standing.trouble.empty()) return "the lease cannot be had: " + standing.trouble;
  if (standing.holder.empty()) return fmt::format("nobody holds the lease {} yet", lease_->settings.name);
  return fmt::format("{} holds the lease {}", standing.holder, lease_->settings.name);
}

Task<> Leadership::keep_lease() {
  Timer timer(co_await asio::this_coro::executor);
  for (;;) {
    if (const std::shared_ptr<HeldLease> kept = lease_) kept->standing = co_await loop_->renew(kept->lease);
    timer.expires_after(kPollInterval);
    co_await timer.async_wait(use_tuple);
  }
}

Task<> Leadership::release() {
  released_ = true;
  if (const std::shared_ptr<HeldLease> kept = std::exchange(lease_, nullptr))
    co_await loop_->release(kept->lease);
}

}  // namespace lookout
