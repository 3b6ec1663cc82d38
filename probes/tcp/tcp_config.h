// blackbox_exporter's `tcp:` block.
#pragma once

#include <string>
#include <vector>

#include "probes/match/regex.h"
#include "probes/net/network_options.h"
#include "probes/net/tls.h"

namespace lookout {

struct ExpectLabel {
  std::string name, value;  // value: a template over the groups of `expect`
  bool operator==(const ExpectLabel&) const = default;
};

struct QueryResponse {
  std::optional<Regex> expect;
  std::string expect_bytes;
  std::vector<ExpectLabel> labels;
  std::string send;
  bool starttls = false;
  bool operator==(const QueryResponse&) const = default;
};

struct TcpConfig {
  NetworkOptions network;
  std::vector<QueryResponse> query_response;
  bool tls = false;
  TlsConfig tls_config;
  bool operator==(const TcpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, ExpectLabel& label) {
  v.field("name", label.name, "Label name");
  v.field("value", label.value, "Label value, with $1 or ${name} from expect");
}

template <class Visitor>
void describe(Visitor& v, QueryResponse& step) {
  v.field("expect", step.expect, "Read lines until one matches this RE2 pattern");
  v.field("expect_bytes", step.expect_bytes, "Read exactly these bytes");
  v.field("labels", step.labels, "Labels of probe_expect_info, from the groups of expect");
  v.field("send", step.send, "Send this, and a line feed");
  v.field("starttls", step.starttls, "Start TLS on the connection");
}
void validate(const QueryResponse& step, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, TcpConfig& config) {
  describe_inline(v, config.network);
  v.field("query_response", config.query_response, "The dialogue, in order");
  v.field("tls", config.tls, "TLS from the first byte");
  v.field("tls_config", config.tls_config, "Settings of TLS");
}

}  // namespace lookout
