#include "probes/dns/dns_message.h"

#include <chrono>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/dns/dns_names.h"
#include "probes/dns/dns_record_text.h"
#include "tests/unit/dns_wire.h"

namespace lookout::test {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

TEST(DnsQuery, is_a_header_and_one_question) {
  const auto query = build_dns_query({"www.Example.com", 28, 3, true}, 0xabcd);
  ASSERT_TRUE(query);
  EXPECT_EQ(*query,
            "\xab\xcd\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07"
            "Example\x03"
            "com\x00\x00\x1c\x00\x03"s);
}

TEST(DnsQuery, recursion_may_be_unwanted) {
  const auto query = build_dns_query({"a.", 1, 1, false}, 0);
  ASSERT_TRUE(query);
  EXPECT_EQ(*query,
            "\0\0\0\0\0\x01\0\0\0\0\0\0\x01"
            "a\0\0\x01\0\x01"s);
}

TEST(DnsQuery, names_are_made_fully_qualified) {
  struct Row {
    std::string name, wire;
  };
  for (const Row& row : {Row{"", "\0"s}, Row{".", "\0"s},
                         Row{"a",
                             "\x01"
                             "a\0"s},
                         Row{"a.",
                             "\x01"
                             "a\0"s},
                         Row{"a\\.b.c",
                             "\x03"
                             "a.b\x01"
                             "c\0"s},
                         Row{"_x._tcp", "\x02_x\x04_tcp\0"s}}) {
    const auto query = build_dns_query({row.name, 255, 1, true}, 0);
    ASSERT_TRUE(query) << row.name;
    EXPECT_EQ(query->substr(kDnsHeaderSize, row.wire.size()), row.wire) << row.name;
    EXPECT_EQ(query->size(), kDnsHeaderSize + row.wire.size() + 4) << row.name;
  }
}

TEST(DnsQuery, what_is_no_domain_name_is_refused) {
  std::string long_name;
  for (int i = 0; i < 130; ++i) long_name += "a.";
  for (const std::string& name : {std::string(64, 'x') + ".com", long_name, "a..b"s, "a\0b"s}) {
    EXPECT_FALSE(build_dns_query({name, 1, 1, true}, 0)) << name;
  }
}

TEST(DnsAnswer, has_code_flags_and_sections) {
  const std::string message =
      dns_response(7,
                   {{"example.com. 300 IN A 192.0.2.1", "example.com. 300 IN A 192.0.2.2"},
                    {"example.com. 60 IN NS ns.example.com."},
                    {"ns.example.com. 60 IN A 192.0.2.3"}},
                   3);
  std::string error;
  const auto answer = parse_dns_answer(message, error);
  ASSERT_TRUE(answer) << error;
  EXPECT_EQ(dns_message_id(message), 7);
  EXPECT_EQ(answer->rcode, kRcodeNameError);
  EXPECT_FALSE(answer->truncated);
  EXPECT_EQ(answer->records(DnsSection::answer).size(), 2);
  EXPECT_EQ(answer->records(DnsSection::authority).size(), 1);
  EXPECT_EQ(answer->records(DnsSection::additional).size(), 1);
  EXPECT_EQ(answer->records(DnsSection::additional)[0].text(), "ns.example.com.\t60\tIN\tA\t192.0.2.3");
}

// What blackbox_exporter's patterns were written against.
TEST(DnsRecordText, is_presentation_format_with_tabs) {
  struct Row {
    const char *zone, *text;
  };
  constexpr Row kRows[] = {
      {"Mixed.Case. 300 IN A 192.0.2.1", "Mixed.Case.\t300\tIN\tA\t192.0.2.1"},
      {"example.com. 300 IN AAAA 2001:db8::1", "example.com.\t300\tIN\tAAAA\t2001:db8::1"},
      {"example.com. 300 IN MX 10 mail.example.com.", "example.com.\t300\tIN\tMX\t10 mail.example.com."},
      {"example.com. 300 CH TXT \"a b\" \"c\\\"d\"", "example.com.\t300\tCH\tTXT\t\"a b\" \"c\\\"d\""},
      {"example.com. 9 IN SOA ns.a. root.a. 1000 1 2 3 4",
       "example.com.\t9\tIN\tSOA\tns.a. root.a. 1000 1 2 3 4"},
      {"a. 300 IN SRV 1 2 3 b.", "a.\t300\tIN\tSRV\t1 2 3 b."},
      {"a. 300 IN CAA 0 issue \"ca.example\"", "a.\t300\tIN\tCAA\t0 issue \"ca.example\""},
      {"a. 300 IN TLSA 3 1 1 0ABCDEF0", "a.\t300\tIN\tTLSA\t3 1 1 0abcdef0"},
      {"a. 300 IN DS 1 5 1 2bb183af5f22588179a53b0a98631fad1a292118",
       "a.\t300\tIN\tDS\t1 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"},
      {"a. 300 IN SSHFP 2 1 123456789abcdef67890123456789abcdef67890",
       "a.\t300\tIN\tSSHFP\t2 1 123456789ABCDEF67890123456789ABCDEF67890"},
      {"a. 300 IN NSEC3PARAM 1 0 12 aabbccdd", "a.\t300\tIN\tNSEC3PARAM\t1 0 12 AABBCCDD"},
      {"a. 300 IN NSEC3 1 0 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
       "a.\t300\tIN\tNSEC3\t1 0 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG"},
      {"a. 300 IN HTTPS 1 . alpn=h2,h3 no-default-alpn ipv4hint=192.0.2.1",
       "a.\t300\tIN\tHTTPS\t1 . alpn=\"h2,h3\" no-default-alpn=\"\" ipv4hint=\"192.0.2.1\""},
      {"a. 300 IN SVCB 0 b.", "a.\t300\tIN\tSVCB\t0 b."},
      {"a. 300 IN DNSKEY 257 3 8 AAECAwQ=", "a.\t300\tIN\tDNSKEY\t257 3 8 AAECAwQ="},
      {"a\\.b\\032c\\@\\;. 300 IN A 192.0.2.1", "a\\.b\\ c\\@\\;.\t300\tIN\tA\t192.0.2.1"},
      {"a. 9 IN SOA n\\\"s\\032x. it\\'s.b. 1 2 3 4 5", "a.\t9\tIN\tSOA\tn\\\"s\\ x. it\\'s.b. 1 2 3 4 5"},
      {"a. 300 IN TYPE65280 \\# 2 0102", "a.\t300\tCLASS1\tTYPE65280\t\\# 2 0102"},
  };
  for (const Row& row : kRows) {
    std::string error;
    const auto answer = parse_dns_answer(dns_response(1, {{row.zone}, {}, {}}), error);
    ASSERT_TRUE(answer) << row.zone << ": " << error;
    EXPECT_EQ(answer->records(DnsSection::answer)[0].text(), row.text);
  }
}

// The library takes an address of any length that has the bytes.
TEST(DnsAnswer, has_addresses_of_the_right_size_only) {
  const std::string message = dns_response(1, {{}, {}, {}});
  const auto with_address = [&](std::uint16_t type, std::size_t size) {
    std::string answer = message;
    answer[7] = 1;  // one record in the answer section
    answer += std::string("\xc0\x0c\0", 3) + static_cast<char>(type) + std::string("\0\1\0\0\0\1\0", 7);
    return answer + static_cast<char>(size) + std::string(size, '\1');
  };
  for (const auto& [type, size, taken] : {std::tuple{1, 4, true},
                                          {1, 3, false},
                                          {1, 5, false},
                                          {28, 16, true},
                                          {28, 15, false},
                                          {28, 17, false}}) {
    std::string error;
    EXPECT_EQ(parse_dns_answer(with_address(type, size), error).has_value(), taken) << type << ' ' << size;
    EXPECT_EQ(error.empty(), taken);
  }
}

TEST(DnsRecordText, tidying_survives_text_that_is_no_record) {
  EXPECT_EQ(tidy_record_text("", 65, 1), "\t\t\t\t");
  EXPECT_EQ(tidy_record_text("a.\n", 1, 1), "a.\t\t\t\t");
  EXPECT_EQ(tidy_record_text("a.\t1\tIN\tHTTPS\t1 . key=\"x y\\\" z\" k=\\ v\n", 65, 1),
            "a.\t1\tIN\tHTTPS\t1 . key=\"x y\\\" z\" k=\"\\ v\"");
}

TEST(DnsSerial, is_that_of_soa_records_only) {
  std::string error;
  const auto answer = parse_dns_answer(
      dns_response(1, {{"a. 9 IN SOA b. c. 4294967295 1 2 3 4", "a. 9 IN A 192.0.2.1"}, {}, {}}), error);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->records(DnsSection::answer)[0].serial(), 4294967295U);
  EXPECT_FALSE(answer->records(DnsSection::answer)[1].serial());
}

std::string header(std::uint8_t flags, std::uint8_t low, int questions, int answers, int additional = 0) {
  return {'\0',
          '\x01',
          static_cast<char>(flags),
          static_cast<char>(low),
          '\0',
          static_cast<char>(questions),
          '\0',
          static_cast<char>(answers),
          '\0',
          '\0',
          '\0',
          static_cast<char>(additional)};
}

TEST(DnsAnswer, oddities_that_pass) {
  std::string error;
  EXPECT_TRUE(parse_dns_answer(header(0x80, 0, 0, 0), error)) << "no question";
  const auto truncated = parse_dns_answer(header(0x82, 0, 0, 0), error);
  ASSERT_TRUE(truncated);
  EXPECT_TRUE(truncated->truncated);
  const auto cut = parse_dns_answer(header(0x80, 2, 1, 5, 1), error);
  ASSERT_TRUE(cut) << "counts of more than there is: " << error;
  EXPECT_EQ(cut->rcode, 2);
  EXPECT_TRUE(cut->records(DnsSection::answer).empty());
  // An OPT record: root, type 41, size, extended rcode 1, version 0, flags 0, no data.
  const auto extended = parse_dns_answer(header(0x80, 0, 0, 0, 1) + "\0\0\x29\x10\0\x01\0\0\0\0\0"s, error);
  ASSERT_TRUE(extended) << error;
  EXPECT_EQ(extended->rcode, 16);
  EXPECT_EQ(dns_rcode_name(extended->rcode), "BADSIG");
  EXPECT_EQ(extended->records(DnsSection::additional).size(), 1);
}

TEST(DnsAnswer, what_is_none_is_refused_with_a_reason) {
  struct Row {
    const char* name;
    std::string message;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "too short"},
      {"eleven bytes", header(0x80, 0, 0, 0).substr(0, 11), "too short"},
      {"a query", header(0x01, 0, 0, 0), "a query came back"},
      {"half a question",
       header(0x80, 0, 1, 0) + "\x07"
                               "exam",
       "at byte"},
      {"a name that points at itself", header(0x80, 0, 0, 1) + "\xc0\x0c\0\x01\0\x01\0\0\0\0\0\0"s,
       "at byte"},
      {"a name beyond the message", header(0x80, 0, 0, 1) + "\xff\xff\0\x01\0\x01\0\0\0\0\0\0"s, "at byte"},
      {"data beyond the message", header(0x80, 0, 0, 1) + "\0\0\x01\0\x01\0\0\0\0\0\x04\x7f"s, "at byte"},
      {"an address of three bytes", header(0x80, 0, 0, 1) + "\0\0\x01\0\x01\0\0\0\0\0\x03\x7f\0\0"s,
       "at byte"},
  };
  for (const Row& row : rows) {
    std::string error;
    EXPECT_FALSE(parse_dns_answer(row.message, error)) << row.name;
    EXPECT_THAT(error, HasSubstr(row.reason)) << row.name;
  }
}

// The largest message there is, made to cost as much as it can: every name is a long chain of compression
// pointers.
TEST(DnsAnswer, a_chain_of_pointers_costs_bounded_time) {
  std::string message = header(0x80, 0, 0, 0);
  message[6] = message[7] = '\xff';
  const std::string owner_of_chain = "\0\0\x0a\0\x01\0\0\0\0"s;  // root, NULL, IN, TTL 0
  constexpr std::size_t kChain = 16000;                          // hops; pointers reach 16383 bytes
  message += owner_of_chain;
  const std::size_t length = 2 + 2 * (kChain / 2);
  message += static_cast<char>(length >> 8);
  message += static_cast<char>(length);
  std::size_t last = message.size();
  message += "\0\0"s;
  for (std::size_t i = 0; i < kChain / 2; ++i) {
    const std::size_t here = message.size();
    message += static_cast<char>(0xc0 | last >> 8);
    message += static_cast<char>(last);
    last = here;
  }
  const std::string record{
      static_cast<char>(0xc0 | last >> 8), static_cast<char>(last), 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4};
  while (message.size() + record.size() <= 65535) message += record;
  std::string error;
  EXPECT_FALSE(parse_dns_answer(message, error));
  EXPECT_THAT(error, HasSubstr("takes more than 20 ms"));
}

std::string mutated(const std::string& original, std::mt19937& random) {
  std::string message = original;
  const auto any = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  const std::size_t changes = 1 + any(6);
  for (std::size_t i = 0; i < changes && message.size() > 2; ++i) {
    const std::size_t at = any(message.size());
    switch (any(6)) {
      case 0:
        message[at] = static_cast<char>(any(256));
        break;
      case 1:
        message[at] = static_cast<char>(0xc0);
        break;
      case 2:
        message[at] ^= static_cast<char>(1 << any(8));
        break;
      case 3:
        message.resize(at);
        break;
      case 4:
        message.insert(at, message.substr(any(message.size()), any(20)));
        break;
      default:
        message.erase(at, 1 + any(4));
        break;
    }
  }
  return message;
}

// Bytes of an untrusted server: whatever they are, the parser ends, and so does the text of what it took.
TEST(DnsAnswer, mutated_answers_do_no_harm) {
  const std::string originals[] = {
      dns_response(1,
                   {{"a. 1 IN A 192.0.2.1", "a. 1 IN AAAA ::1", "a. 1 IN MX 1 b.", "a. 1 IN TXT \"x\" \"y\""},
                    {"a. 1 IN SOA b. c. 1 2 3 4 5", "a. 1 IN NS b."},
                    {"a. 1 IN SRV 1 2 3 b.", "a. 1 IN CAA 0 issue \"x\""}}),
      dns_response(
          2,
          {{"a. 1 IN HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1", "a. 1 IN NAPTR 1 1 \"S\" \"x\" \"\" b.",
            "a. 1 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", "a. 1 IN APL 1:192.0.2.0/24",
            "a. 1 IN IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
           {"a. 1 IN NSEC3 1 0 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG", "a. 1 IN NSEC b. A MX"},
           {"a. 1 IN DS 1 5 1 2bb183af5f22588179a53b0a98631fad1a292118", "a. 1 IN TLSA 3 1 1 0abc",
            "a. 1 IN HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p b.",
            "a. 1 IN CERT 1 2 3 aaaa", "a. 1 IN SSHFP 1 1 00", "a. 1 IN URI 1 1 \"ftp://x\"",
            "a. 1 IN RP b. c.", "a. 1 IN DNSKEY 256 3 5 AQPS", "a. 1 IN TYPE65280 \\# 2 0102",
            "a. 1 IN EUI48 00-00-5e-00-53-2a"}}),
  };
  std::mt19937 random(20260101);
  const char* wanted = std::getenv("DNS_MUTATIONS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 20000;
  std::size_t parsed = 0, letters = 0;
  for (int i = 0; i < rounds; ++i) {
    std::string error;
    const auto answer = parse_dns_answer(mutated(originals[i % 2], random), error);
    if (!answer) {
      EXPECT_FALSE(error.empty());
      continue;
    }
    ++parsed;
    for (DnsSection section : kDnsSections) {
      for (const DnsRecord& record : answer->records(section)) {
        letters += record.text().size();
        record.serial();
      }
    }
  }
  // Both sides of the parser were met.
  EXPECT_GT(parsed, static_cast<std::size_t>(rounds) / 20);
  EXPECT_LT(parsed, static_cast<std::size_t>(rounds) * 19 / 20);
  EXPECT_GT(letters, 0);
}

TEST(DnsNames, types_classes_and_codes) {
  EXPECT_EQ(parse_dns_type("A"), 1);
  EXPECT_EQ(parse_dns_type("NSAP-PTR"), 23);
  EXPECT_EQ(parse_dns_type("HTTPS"), 65);
  EXPECT_EQ(parse_dns_type("None"), 0);
  EXPECT_EQ(parse_dns_type("Reserved"), 65535);
  for (const char* name : {"a", "TYPE65", "NOPE", "none"}) EXPECT_FALSE(parse_dns_type(name)) << name;
  EXPECT_EQ(parse_dns_type(""), parse_dns_type("ANY"));
  EXPECT_EQ(parse_dns_class(""), parse_dns_class("IN"));
  EXPECT_EQ(parse_dns_class("CH"), 3);
  EXPECT_FALSE(parse_dns_class("in"));
  EXPECT_EQ(parse_dns_rcode("BADVERS"), 16);
  EXPECT_EQ(parse_dns_rcode("BADCOOKIE"), 23);
  EXPECT_FALSE(parse_dns_rcode("noerror"));
  EXPECT_EQ(dns_rcode_name(kRcodeRefused), "REFUSED");
  EXPECT_EQ(dns_rcode_name(14), "RCODE 14");
}

}  // namespace
}  // namespace lookout::test
