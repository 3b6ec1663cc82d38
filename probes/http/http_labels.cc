#include "probes/http/http_labels.h"

#include "probes/core/text.h"
#include "probes/match/expect_info.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

std::string value_of(const HttpLabel& label, const HttpResponse& response) {
  if (label.body_regexp) {
    const auto groups = label.body_regexp->groups(response.body);
    return groups ? label.body_regexp->expand(label.value, *groups) : std::string();
  }
  for (const HttpHeader& header : response.headers) {
    if (!same_header_name(header.name, label.header)) continue;
    if (const auto groups = label.regexp->groups(header.value))
      return label.regexp->expand(label.value, *groups);
  }
  return {};
}

}  // namespace

std::string http_labels(const HttpConfig& config, const HttpResponse& response) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const HttpLabel& label : config.labels)
    named.emplace_back(label.name, one_line(value_of(label, response), kMaximumLabel));
  return expect_labels(named);
}

}  // namespace lookout
