#include "exporter/report/json_text.h"

#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {

namespace json = boost::json;

json::string json_text(std::string_view value) {
  const std::string clean = to_utf8(value);
  return json::string(clean.data(), clean.size());
}

json::value json_text_or_null(std::string_view value) {
  if (value.empty()) return nullptr;
  return json_text(value);
}

json::value json_time_or_null(const std::optional<WallTime>& time) {
  return json_text_or_null(time ? rfc3339(*time) : std::string());
}

}  // namespace lookout
