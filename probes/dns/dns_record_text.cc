#include "probes/dns/dns_record_text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lookout {
namespace {

constexpr std::uint16_t kDs = 43, kSshfp = 44, kNsec3 = 50, kNsec3Param = 51, kCds = 59, kSvcb = 64,
                        kHttps = 65, kDlv = 32769;

// Owner, TTL, class, type, data; the last keeps whatever tabs it has.
std::array<std::string_view, 5> split_fields(std::string_view text) {
  std::array<std::string_view, 5> fields;
  for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
    const std::size_t tab = text.find('\t');
    fields[i] = text.substr(0, tab);
    if (tab == std::string_view::npos) return fields;
    text.remove_prefix(tab + 1);
  }
  fields.back() = text;
  return fields;
}

// Blank-separated words; a quoted or escaped blank does not separate.
std::vector<std::string> split_words(std::string_view data) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i] == ' ' && !quoted) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
      continue;
    }
    const bool may_quote = quoted || word.empty() || word.back() == '=';  // a name may hold one, too
    if (data[i] == '"' && may_quote) quoted = !quoted;
    word += data[i];
    if (data[i] == '\\' && i + 1 < data.size()) word += data[++i];
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

void raise_case(std::string& word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

// alpn=h2 -> alpn="h2", no-default-alpn -> no-default-alpn=""
void quote_parameter(std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    word += "=\"\"";
  } else if (equals + 1 == word.size() || word[equals + 1] != '"') {
    word = fmt::format("{}=\"{}\"", std::string_view(word).substr(0, equals),
                       std::string_view(word).substr(equals + 1));
  }
}

// "a\032b@c" -> "a\ b\@c": the library escapes fewer characters, and blanks as numbers.
std::string tidy_name(std::string_view name) {
  std::string tidy;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i).starts_with("\\032")) {
      tidy += "\\ ";
      i += 3;
      continue;
    }
    if (name[i] == '\'' || name[i] == '@' || name[i] == '"') tidy += '\\';
    tidy += name[i];
    if (name[i] == '\\' && i + 1 < name.size()) tidy += name[++i];
  }
  return tidy;
}

std::string tidy_data(std::string_view data, std::uint16_t type, const std::vector<bool>& names) {
  constexpr std::size_t kDigestWord = 3, kFingerprintWord = 2, kSaltWord = 3, kNextOwnerWord = 4,
                        kFirstParameter = 2;
  std::vector<std::string> words = split_words(data);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool raised = (type == kSshfp && i == kFingerprintWord) ||
                        ((type == kDs || type == kCds || type == kDlv) && i >= kDigestWord) ||
                        ((type == kNsec3 || type == kNsec3Param) && i == kSaltWord) ||
                        (type == kNsec3 && i == kNextOwnerWord);
    if (raised) raise_case(words[i]);
    if ((type == kSvcb || type == kHttps) && i >= kFirstParameter) quote_parameter(words[i]);
    if (i < names.size() && names[i]) words[i] = tidy_name(words[i]);
  }
  return fmt::format("{}", fmt::join(words, " "));
}

bool needs_tidying(std::uint16_t type, const std::vector<bool>& names) {
  constexpr std::array kTypes{kDs, kSshfp, kNsec3, kNsec3Param, kCds, kSvcb, kHttps, kDlv};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end() ||
         std::find(names.begin(), names.end(), true) != names.end();
}

}  // namespace

std::string tidy_record_text(std::string_view text, std::uint16_t type, std::uint16_t record_class,
                             const std::vector<bool>& names) {
  text = text.substr(0, text.find_last_not_of(" \n") + 1);
  const auto [owner, ttl, class_name, type_name, data] = split_fields(text);
  const std::string shown_class = type_name.starts_with("TYPE")
                                      ? fmt::format("CLASS{}", record_class)  // RFC 3597
                                      : std::string(class_name);
  return fmt::format("{}\t{}\t{}\t{}\t{}", tidy_name(owner), ttl, shown_class, type_name,
                     needs_tidying(type, names) ? tidy_data(data, type, names) : data);
}

}  // namespace lookout
