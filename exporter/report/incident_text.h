// What the forms of an incident's report share: its evidence taken apart, and its words. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "exporter/report/incident_report.h"

namespace lookout {

// Reads what probe_json() wrote, perhaps an older or a newer one: what is missing or of another type is as if
// it were empty.
class Evidence {
 public:
  explicit Evidence(std::string_view json);
  bool empty() const { return object_.empty(); }
  const boost::json::object& object() const { return object_; }

  std::string text(const char* key) const { return text(object_, key); }
  double number(const char* key) const { return number(object_, key); }
  const boost::json::array& list(const char* key) const { return list(object_, key); }

  static std::string text(const boost::json::object& of, const char* key);
  static double number(const boost::json::object& of, const char* key);
  static const boost::json::array& list(const boost::json::object& of, const char* key);

 private:
  boost::json::object object_;
};

// What to look at next; by the evidence, or by the failure alone.
std::vector<std::string> advice_of(const Incident& incident, const Evidence& evidence);

// "41.2 s"; what no clock has seen is "less than 1 ms".
std::string span_in_words(Duration duration);

}  // namespace lookout
