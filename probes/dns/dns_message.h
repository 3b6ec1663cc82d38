// DNS messages: a question as bytes, and bytes from an untrusted server as an answer. Pure; the only user of
// the DNS library.
//
// Record text is presentation format with tabs between its fields, as blackbox_exporter's patterns expect it:
//   example.com.<TAB>300<TAB>IN<TAB>MX<TAB>10 mail.example.com.
// Where the library writes a type otherwise (hexadecimal digits in lower case, service parameters without
// quotes), it is put right here.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ldns_struct_rr;

namespace lookout {

// RFC 6891.
struct DnsEdns {
  std::uint16_t udp_size = 1232;  // what fits into one packet everywhere
  bool dnssec_ok = false;
};

struct DnsQuestion {
  std::string name;  // made fully qualified; empty: the root
  std::uint16_t type = 255;
  std::uint16_t record_class = 1;
  bool recursion_desired = true;
  bool authenticated_data = false;  // whether it was validated is of interest (RFC 6840 section 5.7)
  bool checking_disabled = false;
  std::optional<DnsEdns> edns = std::nullopt;
};

// nullopt: the name cannot be a domain name.
std::optional<std::string> build_dns_query(const DnsQuestion& question, std::uint16_t id);

class DnsRecord {
 public:
  explicit DnsRecord(ldns_struct_rr* record) : record_(record) {}
  std::uint16_t type() const;
  std::uint32_t ttl() const;
  std::string text() const;
  std::optional<std::uint32_t> serial() const;  // of an SOA

 private:
  struct Deleter {
    void operator()(ldns_struct_rr* record) const;
  };
  std::unique_ptr<ldns_struct_rr, Deleter> record_;
};

enum class DnsSection : std::uint8_t { answer, authority, additional };
inline constexpr std::array kDnsSections{DnsSection::answer, DnsSection::authority, DnsSection::additional};
std::string_view name(DnsSection section);

struct DnsAnswer {
  bool truncated = false;
  bool authenticated = false;
  std::uint16_t rcode = 0;  // with the upper bits of an OPT record
  std::array<std::vector<DnsRecord>, 3> sections;

  const std::vector<DnsRecord>& records(DnsSection section) const {
    return sections[static_cast<std::size_t>(section)];
  }
  // Takes the OPT record out, which answers EDNS and is about the message, not about any name.
  void drop_edns();
};

inline constexpr std::size_t kDnsHeaderSize = 12;
// An answer to a query without EDNS over UDP (RFC 1035 4.2.1).
inline constexpr std::size_t kMaximumUdpAnswer = 512;

// Of processor time for one answer. Reading a large one takes 2 ms; one made of long chains of compression
// pointers would take 200.
inline constexpr std::chrono::milliseconds kDnsParseBudget{20};

// nullopt: too short to have one.
std::optional<std::uint16_t> dns_message_id(std::string_view message);

// nullopt: no DNS answer, and `error` says why. The question is not looked at, and a section may end early
// with the message, as blackbox_exporter has it.
std::optional<DnsAnswer> parse_dns_answer(std::string_view message, std::string& error);

}  // namespace lookout
