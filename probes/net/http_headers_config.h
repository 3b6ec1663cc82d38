// Request headers as blackbox_exporter's http_headers block has them: a name with values in the open, secret
// ones and ones from files. For every kind whose conversation begins with HTTP.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/core/probe.h"

namespace lookout {

struct HttpHeader;  // probes/net/http_transfers.h

struct HeaderValues {
  std::vector<std::string> values;
  std::vector<Secret> secrets;
  std::vector<std::string> files;
  bool operator==(const HeaderValues&) const = default;
};

template <class Visitor>
void describe(Visitor& v, HeaderValues& header) {
  v.field("values", header.values, "Values, a header line for each");
  v.field("secrets", header.secrets, "The same, never shown");
  v.field("files", header.files, "The same from files, read at each probe");
}

using HttpHeadersConfig = std::map<std::string, HeaderValues>;

enum class ReservedHeaders { refused, allowed };
// States a problem at `key` for each name that is no header's, each value of several lines, and each header
// that belongs to other keys or to the connection, unless those are allowed.
void validate_http_headers(const HttpHeadersConfig& headers, ReservedHeaders reserved, std::string_view key,
                           ConfigReader& reader);

// All values in order of the names: values, secrets, then what the files hold now. An unreadable file is our
// own fault: internal.
Attempt<std::vector<HttpHeader>> read_http_headers(const ProbeRun& run, const HttpHeadersConfig& headers);

}  // namespace lookout
