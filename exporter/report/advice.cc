#include "exporter/report/advice.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "exporter/report/probe_place.h"

namespace lookout {
namespace {

// For what no row foresees, by cause.
constexpr std::array<std::string_view, kCauseCount> kInAnyStage{
    "No answer came in time: is {host} overloaded, or only slower than the `timeout` allows?",
    "{host} does not want this client, or nothing listens there: look at its rules and its log.",
    "The way to {host} is blocked: `tracepath -n {host}` shows how far packets come.",
    "{host} hung up: look into its log at this time.",
    "What was asked for does not exist there: is it spelt right?",
    "{host} speaks something else than the module expects: is this the right port?",
    "The service answers, and says that it is unwell: its own log knows why.",
    "The service answers, but not what the module expects: compare both by hand.",
    "The answer is larger than what is accepted: is this the right service?",
    "Renew the certificate, and have the service load it; or correct this machine's clock (`date -u`).",
    "The certificate does not lead to an authority that is trusted here: look at the chain above.",
    "The certificate belongs to other names: is this the right host?",
    "The fault is on this side, not the target's; the text above says which.",
};

// A safe word, or what a reader takes for a placeholder.
std::string or_else(const std::string& word, const char* placeholder) {
  return word.empty() ? placeholder : word;
}

std::string shell_word(std::string_view target) {
  std::string word = "'";
  for (const char letter : target) {
    if (letter == '\'') return "TARGET";
    word += letter;
  }
  return word + "'";
}

}  // namespace

const AdviceRow* find_advice(const Failure& failure, std::string_view kind) {
  const AdviceRow* found = nullptr;
  for (const AdviceRow& row : advice_rows()) {
    if (row.stage != failure.stage || row.cause != failure.cause) continue;
    if (row.kind == kind) return &row;
    if (row.kind.empty()) found = &row;
  }
  return found;
}

std::string advice(const Failure& failure, std::string_view kind, std::string_view target) {
  const AdviceRow* row = find_advice(failure, kind);
  const std::string_view text = row ? row->text : kInAnyStage.at(static_cast<std::size_t>(failure.cause));
  const ProbePlace place = place_of(target, kind);
  const std::string host = or_else(place.host, "HOST"), port = or_else(place.port, "PORT");
  const std::string at = host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
  return fmt::format(fmt::runtime(text), fmt::arg("target", shell_word(target)), fmt::arg("host", host),
                     fmt::arg("port", port), fmt::arg("at", at));
}

}  // namespace lookout
