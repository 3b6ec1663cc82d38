// Calls of the Kubernetes API, each over a connection of its own, on the loop of the run. The token is read
// anew for each, because the kubelet changes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "exporter/actions/kubernetes_server.h"
#include "probes/core/probe.h"
#include "probes/core/task.h"

namespace lookout {

// One call, in the words that a Role has for it.
struct KubernetesCall {
  std::string_view verb;      // get, list, create, update, patch, delete
  std::string_view group;     // "" for pods, "apps", "coordination.k8s.io"
  std::string_view resource;  // "pods", "deployments"
  std::string name = {};      // empty: all of them
  std::string_view subresource = {};
  std::string query = {};
  std::string body = {};
  std::string_view content_type = "application/json";  // of the body
};

// Why a call came to nothing.
struct KubernetesRefusal {
  int status = 0;  // 0: no answer
  std::string why;
  std::string output = {};  // what was answered
};
[[noreturn]] void throw_exception_from_error(const KubernetesRefusal&, const boost::source_location&);
template <class T>
using Granted = boost::system::result<T, KubernetesRefusal>;

class KubernetesApi {
 public:
  // Everything must outlive it. Tokens are added to `secrets`.
  KubernetesApi(const KubernetesServer& server, ProbeRun& run, std::vector<std::string>& secrets)
      : server_(server), run_(run), secrets_(secrets) {}

  // Empty: the pod's own. Before any call.
  Granted<std::string> find_namespace(const std::string& configured);

  Task<Granted<boost::json::value>> read(KubernetesCall call);
  // `begun` is true while it is not known whether something was changed: from the moment the call is sent
  // until the server says no.
  Task<Granted<boost::json::value>> change(KubernetesCall call, bool& begun);

 private:
  struct Access;
  Attempt<Access> access();

  const KubernetesServer& server_;
  ProbeRun& run_;
  std::vector<std::string>& secrets_;
  std::string namespace_;
};

}  // namespace lookout
