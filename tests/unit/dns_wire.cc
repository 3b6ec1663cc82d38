#include "tests/unit/dns_wire.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <ldns/ldns.h>

namespace lookout::test {
namespace {

void push(ldns_pkt* packet, ldns_pkt_section section, const std::vector<std::string>& records) {
  for (const std::string& text : records) {
    ldns_rr* record = nullptr;
    ASSERT_EQ(ldns_rr_new_frm_str(&record, text.c_str(), 300, nullptr, nullptr), LDNS_STATUS_OK) << text;
    ldns_pkt_push_rr(packet, section, record);
  }
}

}  // namespace

std::string dns_response(std::uint16_t id, const WireRecords& records, int rcode) {
  ldns_pkt* packet =
      ldns_pkt_query_new(ldns_dname_new_frm_str("example.com."), LDNS_RR_TYPE_A, LDNS_RR_CLASS_IN, LDNS_RD);
  ldns_pkt_set_id(packet, id);
  ldns_pkt_set_qr(packet, true);
  ldns_pkt_set_rcode(packet, static_cast<std::uint8_t>(rcode));
  push(packet, LDNS_SECTION_ANSWER, records.answer);
  push(packet, LDNS_SECTION_AUTHORITY, records.authority);
  push(packet, LDNS_SECTION_ADDITIONAL, records.additional);
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(ldns_pkt2wire(&wire, packet, &size), LDNS_STATUS_OK);
  std::string message(reinterpret_cast<const char*>(wire), size);
  std::free(wire);
  ldns_pkt_free(packet);
  return message;
}

}  // namespace lookout::test
