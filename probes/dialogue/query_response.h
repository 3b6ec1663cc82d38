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

// Any bytes, written as hexadecimal digits; spaces between them are for the reader.
struct HexBytes {
  std::string bytes;
  bool operator==(const HexBytes&) const = default;
};
bool read_config(const YamlNode& node, HexBytes& value, Problems& problems);
std::string print_config(const HexBytes& value);

struct QueryResponse {
  std::optional<Regex> expect;
  std::string expect_bytes;
  std::vector<ExpectLabel> labels;
  std::string send;
  bool skip_newline_on_send = false;
  HexBytes send_hex;
  bool starttls = false;
  bool operator==(const QueryResponse&) const = default;

  bool awaits_something() const { return expect || !expect_bytes.empty(); }
  // Over a stream.
  bool ends_with_newline() const { return !skip_newline_on_send && send_hex.bytes.empty(); }
  // What is sent after the match of `expect`, whose groups a template takes; empty: nothing. No line feed.
  std::string payload(const std::vector<std::string>& groups) const;
};

template <class Visitor>
void describe(Visitor& v, ExpectLabel& label) {
  v.field("name", label.name, "Label name");
  v.field("value", label.value, "Label value, with $1 or ${name} from expect");
}

template <class Visitor>
void describe(Visitor& v, QueryResponse& step) {
  v.field("expect", step.expect,
          "Read lines until one matches this RE2 pattern; of messages, the next has to");
  v.field("expect_bytes", step.expect_bytes, "Read exactly these bytes; messages have to begin with them");
  v.field("labels", step.labels, "Labels of probe_expect_info, from the groups of expect");
  v.field("send", step.send, "Send this, with $1 or ${name} from expect; over a stream with a line feed");
  v.field("skip_newline_on_send", step.skip_newline_on_send, "Send without the line feed");
  v.field("send_hex", step.send_hex, "Send these bytes, as hexadecimal digits; never a line feed");
  v.field("starttls", step.starttls, "Start TLS on the connection");
}
void validate(const QueryResponse& step, ConfigReader& reader);

}  // namespace lookout
