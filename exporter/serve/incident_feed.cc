#include "exporter/serve/incident_feed.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "exporter/report/incident_report.h"
#include "exporter/serve/incident_api.h"
#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"

namespace lookout {
namespace {

constexpr std::size_t kEntries = 50;

// A name that stays when this instance moves to another address: a UUID of version 8 (RFC 9562) out of what
// is named.
std::string urn_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
  hash[6] = static_cast<unsigned char>((hash[6] & 0x0f) | 0x80);
  hash[8] = static_cast<unsigned char>((hash[8] & 0x3f) | 0x80);
  std::string urn = "urn:uuid:";
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) urn += '-';
    urn += fmt::format("{:02x}", hash.at(i));
  }
  return urn;
}

WallTime updated(const Incident& incident) {
  const WallTime noted = incident.timeline.empty() ? incident.detected : incident.timeline.back().at;
  return std::max(noted, incident.recovered.value_or(incident.detected));
}

std::string title(const Incident& incident, WallTime now) {
  if (incident.drill) return fmt::format("DRILL of {}: {}", incident.target, in_words(incident.failure));
  if (!incident.recovered) return incident.target + " is down: " + in_words(incident.failure);
  return fmt::format("{} was down for {}: {}", incident.target, for_people(lasted(incident, now)),
                     in_words(incident.failure));
}

void append_entry(const Incident& incident, const std::string& root, WallTime now, std::string& out) {
  const std::string words = html_escaped(title(incident, now));
  out += fmt::format(
      "<entry>\n<id>{}</id>\n<title>{}</title>\n<published>{}</published>\n<updated>{}</updated>\n"
      "<link rel=\"alternate\" type=\"text/html\" href=\"{}incidents/{}\"/>\n<category term=\"{}\"/>\n"
      "<summary>{}</summary>\n</entry>\n",
      urn_of(incident.id + " " + incident.target), words, rfc3339(incident.detected),
      rfc3339(updated(incident)), html_escaped(root), incident.id, html_escaped(incident.severity),
      html_escaped(fmt::format("Onset {}, detected {}, {}", rfc3339(incident.onset),
                               rfc3339(incident.detected),
                               incident.recovered ? "recovered " + rfc3339(*incident.recovered) : "open")));
}

}  // namespace

Task<Response> incident_feed(Backend& backend, std::string_view external_url) {
  IncidentFilter filter;
  filter.limit = kEntries;
  FoundIncidents found = co_await find_incidents(backend, filter);
  if (!found.fault.empty()) co_return error_response(503, found.fault);
  if (found.incidents.size() > kEntries) found.incidents.pop_back();
  const WallTime now = std::chrono::system_clock::now();
  const std::string root = external_url.empty() ? "" : std::string(external_url) + "/";
  WallTime newest;
  std::string entries;
  for (const Incident& incident : found.incidents) {
    newest = std::max(newest, updated(incident));
    append_entry(incident, root, now, entries);
  }
  Response response;
  response.content_type = "application/atom+xml; charset=utf-8";
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.compressible = true;
  response.body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
      "xmlns=\"http://www.w3.org/2005/Atom\">\n<id>{}</id>\n"
      "<title>Incidents, as Lookout sees "
      "them</title>\n<updated>{}</updated>\n<author><name>Lookout</name></author>\n"
      "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}incidents.atom\"/>\n"
      "<link rel=\"alternate\" type=\"text/html\" href=\"{}incidents\"/>\n{}</feed>\n",
      urn_of("incidents of " + std::string(external_url)), rfc3339(newest), html_escaped(root),
      html_escaped(root), entries);
  co_return response;
}

}  // namespace lookout
