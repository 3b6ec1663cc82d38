#include "exporter/serve/recent_probes.h"

#include <iterator>
#include <ranges>

#include <fmt/format.h>

#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kMostRows = 500;  // of a page that loads itself every five seconds

constexpr std::string_view kHead = R"(<section aria-labelledby="recent"><h2 id="recent">Recent probes</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Module</th><th scope="col">Target</th><th scope="col">Result</th><th scope="col">When</th><th scope="col">Debug</th></tr></thead>
<tbody>
)";

std::string result_cell(const ProbeResult& result) {
  if (!result.failure) return "<span class=\"state up\">Success</span>";
  return fmt::format("<span class=\"state down\">Failure</span><small>{}</small>", key(*result.failure));
}

}  // namespace

void append_recent_probes(const std::vector<ProbeRecordPtr>& records, WallTime now, std::string& out) {
  if (records.empty()) return;
  out += kHead;
  for (const ProbeRecordPtr& record : records | std::views::reverse | std::views::take(kMostRows)) {
    fmt::format_to(std::back_inserter(out),
                   "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"number\">{} ago</td><td><a "
                   "href=\"logs?id={}\">Logs</a></td></tr>\n",
                   html_escaped(record->module->name),
                   html_escaped(mask_url_password(record->target.address)), result_cell(*record->result),
                   ago(record->result->started, now), record->id);
  }
  out += "</tbody></table></div></section>\n";
}

}  // namespace lookout
