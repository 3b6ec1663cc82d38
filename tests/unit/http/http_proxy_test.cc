#include "probes/net/http_proxy.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

TEST(NoProxy, by_gos_rules) {
  const std::tuple<const char*, const char*, int, bool> rows[] = {
      {"*", "anything.test", 80, true},
      {"example.com", "example.com", 80, true},
      {"example.com", "sub.example.com", 80, true},
      {"example.com", "notexample.com", 80, false},
      {".example.com", "example.com", 80, false},
      {".example.com", "sub.example.com", 80, true},
      {"*.example.com", "sub.example.com", 80, true},
      {"EXAMPLE.com", "example.COM", 80, true},
      {"example.com:443", "example.com", 443, true},
      {"example.com:443", "example.com", 80, false},
      {"10.0.0.1", "10.0.0.1", 80, true},
      {"10.0.0.1", "10.0.0.10", 80, false},
      {"10.0.0.1:81", "10.0.0.1", 81, true},
      {"10.0.0.1:81", "10.0.0.1", 80, false},
      {"10.0.0.0/8", "10.200.3.4", 80, true},
      {"10.0.0.0/8", "11.0.0.1", 80, false},
      {"10.0.0.0/8", "name.test", 80, false},
      {"fd00::/8", "fd12::1", 80, true},
      {"fd00::/8", "10.0.0.1", 80, false},
      {"::1", "::1", 80, true},
      {"[::1]:82", "::1", 82, true},
      {" a.test , b.test ", "b.test", 80, true},
      {"a.test,,", "c.test", 80, false},
      {"", "c.test", 80, false},
      {"10.0.0.0/99", "10.0.0.1", 80, false},
      {":", "a.test", 80, false},
  };
  for (const auto& [list, host, port, expected] : rows) {
    EXPECT_EQ(bypasses_proxy(list, host, static_cast<std::uint16_t>(port)), expected)
        << list << " / " << host;
  }
}

}  // namespace
}  // namespace lookout
