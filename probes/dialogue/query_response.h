// `query_response:`, the dialogue that a module tells for kinds that talk in lines, bytes or messages: a list
// of steps, each of which may expect something, send something and start TLS.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/match/regex.h"

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

}  // namespace lookout
