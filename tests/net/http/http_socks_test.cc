// Proxies of SOCKS5: what they are asked, and how they fail.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kAccepted = "\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x00"s;

// Takes a login without a password, then what it is asked for, of `size` bytes, and is the destination
// itself.
ScriptedServer::Script proxy_asked(std::string& request, std::size_t size, std::string& asked) {
  return [&request, size, &asked](Peer& peer) {
    peer.expect("\x05\x01\x00"s);
    peer.send("\x05\x00"s);
    asked = peer.read_exactly(size);
    peer.send(kAccepted);
    request = peer.read_request();
    peer.send(reply(200, "through"));
    peer.close();
  };
}

std::string yaml(const ScriptedServer& proxy, const char* scheme, std::string_view more = {}) {
  return fmt::format("{{proxy_url: '{}://{}', preferred_ip_protocol: ip4{}}}", scheme, proxy.address(), more);
}

TEST(HttpSocks, is_told_the_address) {
  std::string request, asked;
  ScriptedServer proxy(proxy_asked(request, 10, asked));
  const Conversed result = probe_http_once(yaml(proxy, "socks5"), "http://localhost:8081/path");
  EXPECT_EQ(key_of(result.failure), "up")
      << (result.failure ? result.failure->detail : "") << proxy.trouble();
  EXPECT_TRUE(proxy.wait_idle());
  EXPECT_EQ(asked, "\x05\x01\x00\x01\x7f\x00\x00\x01\x1f\x91"s);
  EXPECT_THAT(request,
              AllOf(StartsWith("GET /path HTTP/1.1\r\nHost: localhost:8081\r\n"), Not(HasSubstr("Proxy"))));
}

TEST(HttpSocks, is_told_the_name_where_nobody_resolved_it) {
  std::string request, asked;
  ScriptedServer proxy(proxy_asked(request, 15, asked));
  const Conversed result =
      probe_http_once(yaml(proxy, "socks5", ", skip_resolve_phase_with_proxy: true"), "http://far.test/");
  EXPECT_EQ(key_of(result.failure), "up")
      << (result.failure ? result.failure->detail : "") << proxy.trouble();
  EXPECT_TRUE(proxy.wait_idle());
  EXPECT_EQ(asked,
            "\x05\x01\x00\x03\x08"
            "far.test\x00\x50"s);
}

TEST(HttpSocks, of_scheme_socks5h_is_told_the_name) {
  std::string request, asked;
  ScriptedServer proxy(proxy_asked(request, 16, asked));
  const Conversed result = probe_http_once(yaml(proxy, "socks5h"), "http://localhost/");
  EXPECT_EQ(key_of(result.failure), "up")
      << (result.failure ? result.failure->detail : "") << proxy.trouble();
  EXPECT_TRUE(proxy.wait_idle());
  EXPECT_EQ(asked, "\x05\x01\x00\x03\x09localhost\x00\x50"s);
}

TEST(HttpSocks, carries_tls_and_is_logged_in_to) {
  TestCertificates certificates;
  const ServerTls tls = tls_with(certificates.good());
  ScriptedServer proxy([&](Peer& peer) {
    peer.expect("\x05\x02\x00\x02"s);
    peer.send("\x05\x02"s);
    peer.expect("\x01\x04user\x06pa:ss "s);
    peer.send("\x01\x00"s);
    peer.expect(
        "\x05\x01\x00\x03\x0c"
        "example.test\x01\xbb"s);
    peer.send("\x05\x00\x00\x03\x04name\x00\x01"s);
    peer.start_tls(tls);
    peer.read_request();
    peer.send(reply(200));
    peer.close();
  });
  const Conversed result = probe_http_once(
      fmt::format("{{proxy_url: 'socks5h://user:pa%3Ass%20@{}', skip_resolve_phase_with_proxy: true, "
                  "tls_config: {{ca_file: {}}}}}",
                  proxy.address(), certificates.authority_file()),
      "https://example.test/");
  EXPECT_EQ(key_of(result.failure), "up")
      << (result.failure ? result.failure->detail : "") << proxy.trouble();
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 1);
}

struct Refusal {
  const char* name;
  ScriptedServer::Script script;
  const char* expected;
  const char* userinfo = "";
};
void PrintTo(const Refusal& row, std::ostream* out) { *out << row.name; }
class HttpSocksRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(HttpSocksRefusal, is_told) {
  ScriptedServer proxy(GetParam().script);
  const Conversed result =
      probe_http_once(fmt::format("{{proxy_url: 'socks5://{}{}', skip_resolve_phase_with_proxy: true}}",
                                  GetParam().userinfo, proxy.address()),
                      "http://far.test/", 500ms);
  EXPECT_EQ(key_of(result.failure), GetParam().expected) << result.failure->detail;
  EXPECT_THAT(result.failure->detail, Not(HasSubstr("hush")));
}

ScriptedServer::Script saying(std::vector<std::string> answers) {
  return [answers](Peer& peer) {
    for (const std::string& answer : answers) {
      peer.read_some();
      peer.send(answer);
    }
    peer.wait_for_close();
  };
}

INSTANTIATE_TEST_SUITE_P(
    all, HttpSocksRefusal,
    testing::Values(
        Refusal{"wants a login", saying({"\x05\xff"s}), "connect/refused"},
        Refusal{"refuses the login", saying({"\x05\x02"s, "\x01\x01"s}), "connect/refused", "a:hush@"},
        Refusal{"wants another login", saying({"\x05\x01"s}), "connect/protocol"},
        Refusal{"speaks HTTP", saying({"HTTP/1.1 400 Bad Request\r\n\r\n"}), "connect/protocol"},
        Refusal{"forbids it", saying({"\x05\x00"s, "\x05\x02\x00\x01"s}), "connect/refused"},
        Refusal{"has no route", saying({"\x05\x00"s, "\x05\x04\x00\x01"s}), "connect/unreachable"},
        Refusal{"is refused", saying({"\x05\x00"s, "\x05\x05\x00\x01"s}), "connect/refused"},
        Refusal{"has a reason of its own", saying({"\x05\x00"s, "\x05\x77\x00\x01"s}), "connect/refused"},
        Refusal{"answers nonsense", saying({"\x05\x00"s, "\x05\x00\x00\x09"s}), "connect/protocol"},
        Refusal{"stops within its answer", saying({"\x05\x00"s, "\x05\x00\x00\x01\x7f"s}), "connect/timeout"},
        Refusal{"is silent", saying({""}), "connect/timeout"},
        Refusal{"hangs up", [](Peer& peer) { peer.close(); }, "connect/closed"}));

TEST(HttpSocks, carries_no_longer_names) {
  ScriptedServer proxy(saying({}));
  const Conversed result = probe_http_once(
      fmt::format("{{proxy_url: 'socks5://{}:x@{}'}}", std::string(256, 'u'), proxy.address()),
      "http://192.0.2.1/");
  EXPECT_EQ(key_of(result.failure), "connect/internal");
}

}  // namespace
}  // namespace lookout::test
