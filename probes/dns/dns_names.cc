#include "probes/dns/dns_names.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace lookout {
namespace {

struct Word {
  std::string_view name;
  std::uint16_t value;
};

// IANA's registry "Resource Record (RR) TYPEs", with the obsolete ones that blackbox_exporter accepts.
constexpr Word kTypes[] = {
    {"A", 1},        {"AAAA", 28},     {"AFSDB", 18},  {"AMTRELAY", 260},   {"ANY", 255},
    {"APL", 42},     {"ATMA", 34},     {"AVC", 258},   {"AXFR", 252},       {"CAA", 257},
    {"CDNSKEY", 60}, {"CDS", 59},      {"CERT", 37},   {"CNAME", 5},        {"CSYNC", 62},
    {"DHCID", 49},   {"DLV", 32769},   {"DNAME", 39},  {"DNSKEY", 48},      {"DS", 43},
    {"EID", 31},     {"EUI48", 108},   {"EUI64", 109}, {"GID", 102},        {"GPOS", 27},
    {"HINFO", 13},   {"HIP", 55},      {"HTTPS", 65},  {"IPSECKEY", 45},    {"ISDN", 20},
    {"IXFR", 251},   {"KEY", 25},      {"KX", 36},     {"L32", 105},        {"L64", 106},
    {"LOC", 29},     {"LP", 107},      {"MAILA", 254}, {"MAILB", 253},      {"MB", 7},
    {"MD", 3},       {"MF", 4},        {"MG", 8},      {"MINFO", 14},       {"MR", 9},
    {"MX", 15},      {"NAPTR", 35},    {"NID", 104},   {"NIMLOC", 32},      {"NINFO", 56},
    {"NS", 2},       {"NSAP-PTR", 23}, {"NSEC", 47},   {"NSEC3", 50},       {"NSEC3PARAM", 51},
    {"NULL", 10},    {"NXNAME", 128},  {"NXT", 30},    {"None", 0},         {"OPENPGPKEY", 61},
    {"OPT", 41},     {"PTR", 12},      {"PX", 26},     {"RESINFO", 261},    {"RKEY", 57},
    {"RP", 17},      {"RRSIG", 46},    {"RT", 21},     {"Reserved", 65535}, {"SIG", 24},
    {"SMIMEA", 53},  {"SOA", 6},       {"SPF", 99},    {"SRV", 33},         {"SSHFP", 44},
    {"SVCB", 64},    {"TA", 32768},    {"TALINK", 58}, {"TKEY", 249},       {"TLSA", 52},
    {"TSIG", 250},   {"TXT", 16},      {"UID", 101},   {"UINFO", 100},      {"UNSPEC", 103},
    {"URI", 256},    {"X25", 19},      {"ZONEMD", 63},
};

constexpr Word kClasses[] = {{"IN", 1}, {"CS", 2}, {"CH", 3}, {"HS", 4}, {"NONE", 254}, {"ANY", 255}};

// The first word of a value is the one shown.
constexpr Word kRcodes[] = {
    {"NOERROR", kRcodeNoError},
    {"FORMERR", 1},
    {"SERVFAIL", 2},
    {"NXDOMAIN", kRcodeNameError},
    {"NOTIMP", 4},
    {"REFUSED", kRcodeRefused},
    {"YXDOMAIN", 6},
    {"YXRRSET", 7},
    {"NXRRSET", 8},
    {"NOTAUTH", 9},
    {"NOTZONE", 10},
    {"DSOTYPENI", 11},
    {"BADSIG", 16},
    {"BADVERS", 16},
    {"BADKEY", 17},
    {"BADTIME", 18},
    {"BADMODE", 19},
    {"BADNAME", 20},
    {"BADALG", 21},
    {"BADTRUNC", 22},
    {"BADCOOKIE", 23},
};

std::optional<std::uint16_t> find(std::span<const Word> words, std::string_view name) {
  const auto found =
      std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.name == name; });
  return found == words.end() ? std::nullopt : std::optional(found->value);
}

}  // namespace

std::optional<std::uint16_t> parse_dns_type(std::string_view name) {
  return find(kTypes, name.empty() ? "ANY" : name);
}
std::optional<std::uint16_t> parse_dns_class(std::string_view name) {
  return find(kClasses, name.empty() ? "IN" : name);
}
std::optional<std::uint16_t> parse_dns_rcode(std::string_view name) { return find(kRcodes, name); }

std::string dns_rcode_name(std::uint16_t rcode) {
  for (const Word& word : kRcodes) {
    if (word.value == rcode) return std::string(word.name);
  }
  return fmt::format("RCODE {}", rcode);
}

}  // namespace lookout
