// Where the Kubernetes API is and as whom Lookout speaks to it: the pod's own service account, unless the
// configuration says something else.
#pragma once

#include <string>

#include "exporter/actions/server_url.h"

namespace lookout {

struct KubernetesServer {
  ServerUrl api_server;  // empty: KUBERNETES_SERVICE_HOST and _PORT
  std::string token_file, ca_file;
  bool in_cluster() const { return api_server.empty(); }
  bool operator==(const KubernetesServer&) const = default;
};

template <class Visitor>
void describe_inline(Visitor& v, KubernetesServer& server) {
  v.field("api_server", server.api_server,
          "URL of the API server; the cluster that Lookout runs in unless set");
  v.field("token_file", server.token_file,
          "Bearer token, read at each request; the pod's service account's unless api_server is set");
  v.field("ca_file", server.ca_file,
          "Authority of the API server's certificate; the cluster's, or with api_server the system's, unless "
          "set");
}

// Of objects, RFC 1123: lower-case letters, digits and -; dots, too, where it is no label.
bool is_kubernetes_name(std::string_view text);
bool is_kubernetes_label(std::string_view text);

}  // namespace lookout
