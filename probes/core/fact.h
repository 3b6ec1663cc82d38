// What a probe learned besides its verdict. A fact is one sample of a metric family that the kind declares as
// a constant, so the probe states facts without knowing who exposes them.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lookout {

// Declared once, `inline constexpr`, in the header of the kind it belongs to, and listed in that kind's row
// of the registry. All are gauges. Families are told apart by address.
struct FactFamily {
  std::string_view metric;  // blackbox_exporter's name, e.g. "probe_http_status_code"
  std::string_view help;    // one plain sentence: no backslash, quote or newline
};

struct Fact {
  const FactFamily* family = nullptr;
  double value = 0;
  std::string labels;  // rendered and escaped: `phase="tls"`, several joined by a comma in label-name order;
                       // empty for none
};

// Renders labels for Fact::labels; sorts by name, escapes values, replaces bytes that are not UTF-8.
std::string render_labels(std::initializer_list<std::pair<std::string_view, std::string_view>> labels);
std::string render_labels(std::vector<std::pair<std::string, std::string>> labels);

// Facts of one probe, unique by (family, labels): stating one again replaces its value.
class Facts {
 public:
  void set(const FactFamily& family, double value, std::string_view labels = {});
  void add(const FactFamily& family, double value, std::string_view labels = {});  // sums, starting at 0
  const Fact* find(const FactFamily& family, std::string_view labels = {}) const;
  std::vector<Fact> take() &&;  // in the order of first statement

  // A hostile peer must not grow a scrape without bound; further facts are dropped.
  static constexpr std::size_t kMaximum = 256;

 private:
  std::vector<Fact> facts_;
};

}  // namespace lookout
