#include "probes/dns/dns_message.h"

#include <cstdlib>
#include <ctime>

#include <fmt/format.h>
#include <ldns/ldns.h>

#include "probes/dns/dns_record_text.h"

namespace lookout {
namespace {

// Of the header's third and fourth byte.
constexpr std::uint8_t kRecursionDesiredBit = 0x01, kTruncatedBit = 0x02, kResponseBit = 0x80;
constexpr std::uint8_t kCheckingDisabledBit = 0x10, kAuthenticatedBit = 0x20, kRcodeBits = 0x0f;
constexpr std::uint16_t kDnssecOkBit = 0x8000;
constexpr std::uint16_t kOptType = 41;

void append16(std::string& text, std::uint16_t value) {
  text += static_cast<char>(value >> 8);
  text += static_cast<char>(value);
}

// The OPT record of a question (RFC 6891 section 6.1.2, RFC 3225).
void append_edns(std::string& query, const DnsEdns& edns) {
  query += '\0';  // the root
  append16(query, kOptType);
  append16(query, edns.udp_size);
  append16(query, 0);  // extended code and version
  append16(query, edns.dnssec_ok ? kDnssecOkBit : 0);
  append16(query, 0);  // no options
}

std::uint16_t read16(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(text[at]) << 8 |
                                    static_cast<std::uint8_t>(text[at + 1]));
}

// Time of this thread only, so that a busy machine fails no target.
std::chrono::nanoseconds thread_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// Of the data of a type that is an address; 0: of another type. The library takes longer ones.
std::size_t address_size(ldns_rr_type type) {
  return type == LDNS_RR_TYPE_A ? 4 : type == LDNS_RR_TYPE_AAAA ? 16 : 0;
}

struct Reader {
  std::string_view message;
  std::size_t position = kDnsHeaderSize;
  std::chrono::nanoseconds start = thread_time();
  unsigned records = 0;

  bool over_budget() {
    constexpr unsigned kBetweenLooks = 16;
    return ++records % kBetweenLooks == 0 && thread_time() - start > kDnsParseBudget;
  }

  bool at_end() const { return position >= message.size(); }
  // Of the record that begins at `record_start` and that the library has read to its end.
  std::size_t data_size(std::size_t record_start) const {
    constexpr std::uint8_t kPointerBits = 0xC0;
    std::size_t at = record_start;
    std::uint8_t label = 0;
    while ((label = static_cast<std::uint8_t>(message[at])) != 0 && label < kPointerBits) at += 1 + label;
    return read16(message, at + (label == 0 ? 1 : 2) + 8);  // behind type, class and TTL
  }

  // nullptr: malformed.
  ldns_rr* next(ldns_pkt_section section, std::string& error) {
    const std::size_t record_start = position;
    ldns_rr* record = nullptr;
    const ldns_status status = ldns_wire2rr(&record, reinterpret_cast<const std::uint8_t*>(message.data()),
                                            message.size(), &position, section);
    if (status != LDNS_STATUS_OK) {
      error = fmt::format("at byte {}: {}", position, ldns_get_errorstr_by_id(status));
      return nullptr;
    }
    const std::size_t wanted = section == LDNS_SECTION_QUESTION ? 0 : address_size(ldns_rr_get_type(record));
    if (wanted == 0 || data_size(record_start) == wanted) return record;
    error =
        fmt::format("at byte {}: an address of {} bytes, not {}", position, data_size(record_start), wanted);
    ldns_rr_free(record);
    return nullptr;
  }
};

bool skip_questions(Reader& reader, std::uint16_t count, std::string& error) {
  for (std::uint16_t i = 0; i < count && !reader.at_end(); ++i) {
    ldns_rr* question = reader.next(LDNS_SECTION_QUESTION, error);
    if (question == nullptr) return false;
    ldns_rr_free(question);
  }
  return true;
}

bool read_section(Reader& reader, std::uint16_t count, ldns_pkt_section section,
                  std::vector<DnsRecord>& records, std::string& error) {
  for (std::uint16_t i = 0; i < count && !reader.at_end(); ++i) {
    if (reader.over_budget()) {
      error =
          fmt::format("reading it takes more than {} ms, which only malice does", kDnsParseBudget.count());
      return false;
    }
    ldns_rr* record = reader.next(section, error);
    if (record == nullptr) return false;
    records.emplace_back(record);
  }
  return true;
}

// RFC 6891 6.1.3: an OPT record's TTL begins with the upper eight bits of the response code.
std::uint16_t extended_rcode(std::uint16_t rcode, const std::vector<DnsRecord>& additional) {
  for (const DnsRecord& record : additional) {
    if (record.type() == kOptType) return static_cast<std::uint16_t>(rcode | (record.ttl() >> 24) << 4);
  }
  return rcode;
}

}  // namespace

std::string_view name(DnsSection section) {
  switch (section) {
    case DnsSection::answer:
      return "answer";
    case DnsSection::authority:
      return "authority";
    case DnsSection::additional:
      return "additional";
  }
  std::abort();
}

std::optional<std::string> build_dns_query(const DnsQuestion& question, std::uint16_t id) {
  // An embedded zero byte would end the name for the library, and ask for another one.
  if (question.name.find('\0') != std::string::npos) return std::nullopt;
  ldns_rdf* name = nullptr;
  const char* text = question.name.empty() ? "." : question.name.c_str();
  if (ldns_str2rdf_dname(&name, text) != LDNS_STATUS_OK) return std::nullopt;
  std::string query;
  append16(query, id);
  query += static_cast<char>(question.recursion_desired ? kRecursionDesiredBit : 0);
  query += static_cast<char>((question.authenticated_data ? kAuthenticatedBit : 0) |
                             (question.checking_disabled ? kCheckingDisabledBit : 0));
  append16(query, 1);  // one question, and no records of answer and authority
  query.append(4, '\0');
  append16(query, question.edns ? 1 : 0);
  query.append(reinterpret_cast<const char*>(ldns_rdf_data(name)), ldns_rdf_size(name));
  append16(query, question.type);
  append16(query, question.record_class);
  if (question.edns) append_edns(query, *question.edns);
  ldns_rdf_deep_free(name);
  return query;
}

void DnsRecord::Deleter::operator()(ldns_struct_rr* record) const { ldns_rr_free(record); }

std::uint16_t DnsRecord::type() const { return static_cast<std::uint16_t>(ldns_rr_get_type(record_.get())); }

std::uint32_t DnsRecord::ttl() const { return ldns_rr_ttl(record_.get()); }

std::string DnsRecord::text() const {
  char* written = ldns_rr2str_fmt(ldns_output_format_nocomments, record_.get());
  if (written == nullptr) return {};
  std::vector<bool> names;
  for (std::size_t i = 0; i < ldns_rr_rd_count(record_.get()); ++i) {
    const ldns_rdf* data = ldns_rr_rdf(record_.get(), i);
    names.push_back(data != nullptr && ldns_rdf_get_type(data) == LDNS_RDF_TYPE_DNAME);
  }
  std::string text =
      tidy_record_text(written, type(), static_cast<std::uint16_t>(ldns_rr_get_class(record_.get())), names);
  std::free(written);
  return text;
}

std::optional<std::uint32_t> DnsRecord::serial() const {
  if (type() != LDNS_RR_TYPE_SOA) return std::nullopt;
  const ldns_rdf* serial = ldns_rr_rdf(record_.get(), 2);
  if (serial == nullptr || ldns_rdf_size(serial) != sizeof(std::uint32_t)) return std::nullopt;
  return ldns_rdf2native_int32(serial);
}

void DnsAnswer::drop_edns() {
  std::erase_if(sections[static_cast<std::size_t>(DnsSection::additional)],
                [](const DnsRecord& record) { return record.type() == kOptType; });
}

std::optional<std::uint16_t> dns_message_id(std::string_view message) {
  if (message.size() < 2) return std::nullopt;
  return read16(message, 0);
}

std::optional<DnsAnswer> parse_dns_answer(std::string_view message, std::string& error) {
  if (message.size() < kDnsHeaderSize) {
    error = fmt::format("{} bytes are too short for a DNS message", message.size());
    return std::nullopt;
  }
  const auto flags = static_cast<std::uint8_t>(message[2]);
  if ((flags & kResponseBit) == 0) {
    error = "a query came back, not a response";
    return std::nullopt;
  }
  DnsAnswer answer;
  answer.truncated = (flags & kTruncatedBit) != 0;
  answer.authenticated = (static_cast<std::uint8_t>(message[3]) & kAuthenticatedBit) != 0;
  Reader reader{message};
  if (!skip_questions(reader, read16(message, 4), error)) return std::nullopt;
  constexpr std::array kWireSections{LDNS_SECTION_ANSWER, LDNS_SECTION_AUTHORITY, LDNS_SECTION_ADDITIONAL};
  for (std::size_t i = 0; i < kWireSections.size(); ++i) {
    const std::uint16_t count = read16(message, 6 + 2 * i);
    if (!read_section(reader, count, kWireSections[i], answer.sections[i], error)) return std::nullopt;
  }
  answer.rcode = extended_rcode(static_cast<std::uint8_t>(message[3]) & kRcodeBits,
                                answer.records(DnsSection::additional));
  return answer;
}

}  // namespace lookout
