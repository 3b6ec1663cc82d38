// DNS messages for tests, written by the library from presentation text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lookout::test {

struct WireRecords {
  std::vector<std::string> answer, authority,
      additional;  // as in a zone file: "example.com. 300 IN A 192.0.2.1"
};

// A response to `id` with the question example.com. A.
std::string dns_response(std::uint16_t id, const WireRecords& records, int rcode = 0);

}  // namespace lookout::test
