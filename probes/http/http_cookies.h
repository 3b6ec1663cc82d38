// The cookies of one probe (RFC 6265): what a response sets is sent with the hops that it is meant for. Aware
// of public suffixes, so that no site sets cookies for all of .co.uk. Pure: told the time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "probes/core/clock.h"
#include "probes/net/http_url.h"

namespace lookout {

struct HttpResponse;

class CookieJar {
 public:
  // Takes the Set-Cookie headers of a response to a request for `host` at `url`. `host` is the name that the
  // request asked for, which a Host header may make another than the URL's.
  void take(const HttpResponse& response, const HttpUrl& url, const std::string& host, WallTime now);
  // The Cookie header's value for a request, "a=1; b=2"; empty: no cookie is meant for it.
  std::string matching(const HttpUrl& url, const std::string& host, WallTime now) const;

  static constexpr std::size_t kMaximumCookies = 200;
  static constexpr std::size_t kMaximumCookie = 8 * 1024;  // bytes of name and value

 private:
  struct Cookie {
    std::string name, value;
    std::string domain;
    bool host_only = true;
    std::string path;
    bool secure = false;
    double expires;  // Unix time; infinite for the session's
  };
  static bool same(const Cookie& one, const Cookie& other);
  void set(std::string_view header, const HttpUrl& url, const std::string& host, double now);

  std::vector<Cookie> cookies_;  // in order of creation
};

// RFC 6265 section 5.1.1: Unix time of the many forms that a cookie's date has. nullopt: no date.
std::optional<double> parse_cookie_date(std::string_view text);

}  // namespace lookout
