// Which module a target without --module gets.
#include "exporter/target_form.h"

#include <gtest/gtest.h>

#include "probes/registry.h"

namespace lookout {
namespace {

TEST(TargetForm, ChoosesTheModule) {
  const std::pair<std::string_view, std::string_view> cases[]{
      {"http://127.0.0.1:3999/health", "http_2xx"},
      {"HTTPS://example.org", "http_2xx"},
      {"example.org/health", "http_2xx"},
      {"example.org:8080/health", "http_2xx"},
      {"example.org:25", "tcp_connect"},
      {"127.0.0.1:25", "tcp_connect"},
      {"[::1]:25", "tcp_connect"},
      {"[fe80::1%eth0]:25", "tcp_connect"},
      {"example.org", "icmp"},
      {"127.0.0.1", "icmp"},
      {"::1", "icmp"},
      {"[::1]", "icmp"},
      {"fe80::1%eth0", "icmp"},
      {"/run/redis/redis.sock", "unix_connect"},
      {"@abstract", "unix_connect"},
      {"ws://example.org/chat", "websocket"},
      {"wss://[::1]:8443", "websocket"},
      {"example.org:smtp", "http_2xx"},
      {"example.org:123456", "http_2xx"},
      {"a:b:c", "http_2xx"},
      {"[::1", "http_2xx"},
      {"[::1]x", "http_2xx"},
      {"user@example.org", "http_2xx"},
      {"", "icmp"},
  };
  for (const auto& [target, module] : cases) EXPECT_EQ(module_for(target), module) << target;
}

TEST(TargetForm, ChoosesAmongTheBuiltInModules) {
  const Modules modules = built_in_modules();
  for (const std::string_view target : {"http://x/", "x:1", "x"})
    EXPECT_TRUE(modules.contains(module_for(target))) << target;
}

}  // namespace
}  // namespace lookout
