// Who of several replicas may act: the holder of a Lease of Kubernetes (coordination.k8s.io/v1), as
// client-go's leader election has it. Owned by recovery, polled on one loop, one round at a time.
//
// No clock of another machine is compared with ours: somebody else's lease has expired when its record has
// not changed for its duration by our steady clock since we saw it last change. What cannot be read is not
// held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "exporter/actions/kubernetes_api.h"
#include "exporter/actions/kubernetes_server.h"

namespace lookout {

// What a Lease says. Times are as they are written.
struct LeaseRecord {
  std::string holder;
  std::int64_t duration_seconds = 0;
  std::string acquire_time, renew_time;
  std::int64_t transitions = 0;
  std::string resource_version;
  bool operator==(const LeaseRecord&) const = default;
};
LeaseRecord lease_record(const boost::json::value& lease);

enum class LeaseStep : std::uint8_t {
  create,  // there is none
  take,    // nobody holds it, or its holder has not renewed it for too long
  renew,   // it is ours
  stay     // somebody else's
};
// `seen_unchanged_for`: how long this record is the one that was read.
LeaseStep lease_step(const std::optional<LeaseRecord>& record, const std::string& identity,
                     Duration seen_unchanged_for);

struct LeaseConfig {
  KubernetesServer server;
  std::string lease_namespace;  // empty: the pod's own
  std::string name = "lookout";
  std::string identity;  // of this replica: unique, the pod's name
  Duration duration = std::chrono::seconds(15);
  Duration renew_deadline = std::chrono::seconds(10);  // shorter than `duration`
};

class Lease {
 public:
  explicit Lease(LeaseConfig config) : config_(std::move(config)) {}

  // One round: reads the Lease, and creates, takes or renews it if that is due. Ends within half of the renew
  // deadline. True: it is held.
  Task<bool> renew(ProbeServices& services);
  // Gives it back at once, so that nobody has to wait until it expires.
  Task<> release(ProbeServices& services);

  // Whether this replica may act: renewed within the renew deadline, counted from before the request left, so
  // that it stops believing before anybody else may begin to.
  bool held(SteadyTime now) const;
  // Until then, unless it is renewed; none: it is not held.
  std::optional<SteadyTime> held_until() const;
  const std::string& holder() const { return holder_; }    // as read last; empty: nobody
  const std::string& trouble() const { return trouble_; }  // of the last round; empty: none
  std::int64_t transitions() const { return seen_ ? seen_->transitions : 0; }

 private:
  class Round;
  Task<> within_deadline(ProbeServices& services, bool releases);
  void observe(std::optional<LeaseRecord> record, SteadyTime now);

  const LeaseConfig config_;
  std::optional<LeaseRecord> seen_;
  SteadyTime seen_since_{};
  std::optional<SteadyTime> renewed_;
  std::string holder_, trouble_;
};

}  // namespace lookout
