#include "probes/http/http_cookies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <libpsl.h>
#include <time.h>

#include "probes/core/text.h"
#include "probes/net/address.h"
#include "probes/net/http_head.h"
#include "probes/net/http_transfers.h"

namespace lookout {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kLongAgo = -kNever;

// RFC 6265 section 5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.' && !parse_ip(host);
}

std::string_view path_of(const HttpUrl& url) {
  return std::string_view(url.path).substr(0, url.path.find('?'));
}

// RFC 6265 section 5.1.4.
std::string default_path(const HttpUrl& url) {
  const std::string_view path = path_of(url);
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

bool path_matches(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/';
}

bool is_public_suffix(const std::string& domain) {
  const psl_ctx_t* list = psl_builtin();
  // Without a list, a name of one label is one.
  if (list == nullptr) return domain.find('.') == std::string::npos;
  return psl_is_public_suffix(list, domain.c_str()) == 1;
}

// RFC 6265 section 5.2.2; one that is no number counts as absent.
std::optional<double> max_age(std::string_view text, double now) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (negative) return kLongAgo;
  std::uint32_t delta = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), delta);
  if (error != std::errc()) return kNever;
  return delta == 0 ? kLongAgo : now + delta;
}

// The number that `token` begins with, if it has so many digits and ends there or with another character.
std::optional<int> leading_number(std::string_view token, std::size_t least, std::size_t most) {
  const std::size_t digits = std::min(token.find_first_not_of("0123456789"), token.size());
  if (digits < least || digits > most) return std::nullopt;
  int number = 0;
  std::from_chars(token.data(), token.data() + digits, number);
  return number;
}

struct CookieDate {
  std::optional<int> hour, minute, second, day, month, year;

  void take(std::string_view token) {
    if (!hour && take_time(token)) return;
    if (!day && (day = leading_number(token, 1, 2))) return;
    if (!month && (month = month_of(token))) return;
    if (!year) year = leading_number(token, 2, 4);
  }

  std::optional<double> unix_time() const {
    if (!hour || !day || !month || !year) return std::nullopt;
    int full_year = *year;
    if (full_year < 70) full_year += 2000;
    if (full_year < 100) full_year += 1900;
    if (*day < 1 || *day > 31 || full_year < 1601 || *hour > 23 || *minute > 59 || *second > 59)
      return std::nullopt;
    tm parts{};
    parts.tm_year = full_year - 1900;
    parts.tm_mon = *month;
    parts.tm_mday = *day;
    parts.tm_hour = *hour;
    parts.tm_min = *minute;
    parts.tm_sec = *second;
    return static_cast<double>(timegm(&parts));
  }

 private:
  bool take_time(std::string_view token) {
    const std::size_t first = token.find(':');
    const std::size_t second_colon = first == std::string_view::npos ? first : token.find(':', first + 1);
    if (second_colon == std::string_view::npos) return false;
    const auto h = leading_number(token.substr(0, first), 1, 2);
    const auto m = leading_number(token.substr(first + 1, second_colon - first - 1), 1, 2);
    const auto s = leading_number(token.substr(second_colon + 1), 1, 2);
    if (!h || !m || !s) return false;
    hour = h, minute = m, second = s;
    return true;
  }

  static std::optional<int> month_of(std::string_view token) {
    constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
    const std::string word = lower_case(token.substr(0, 3));
    const auto found = std::find(kMonths.begin(), kMonths.end(), word);
    if (found == kMonths.end()) return std::nullopt;
    return static_cast<int>(found - kMonths.begin());
  }
};

}  // namespace

std::optional<double> parse_cookie_date(std::string_view text) {
  constexpr std::string_view kDelimiters = "\t !\"#$%&'()*+,-./;<=>?@[\\]^_`{|}~";
  CookieDate date;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kDelimiters), text.size());
    if (end > 0) date.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return date.unix_time();
}

bool CookieJar::same(const Cookie& one, const Cookie& other) {
  return one.name == other.name && one.domain == other.domain && one.path == other.path;
}

void CookieJar::take(const HttpResponse& response, const HttpUrl& url, const std::string& host,
                     WallTime now) {
  const std::string name = lower_case(host);
  for (const HttpHeader& header : response.headers) {
    if (same_header_name(header.name, "Set-Cookie")) set(header.value, url, name, unix_seconds(now));
  }
}

void CookieJar::set(std::string_view header, const HttpUrl& url, const std::string& host, double now) {
  std::size_t end = std::min(header.find(';'), header.size());
  const std::string_view pair = header.substr(0, end);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos || pair.size() > kMaximumCookie) return;
  Cookie cookie{std::string(trimmed(pair.substr(0, equals))),
                std::string(trimmed(pair.substr(equals + 1))),
                host,
                true,
                default_path(url),
                false,
                kNever};
  if (cookie.name.empty()) return;
  std::string domain;
  std::optional<double> age;
  while (end < header.size()) {
    header.remove_prefix(end + 1);
    end = std::min(header.find(';'), header.size());
    const std::string_view attribute = header.substr(0, end);
    const std::size_t sign = std::min(attribute.find('='), attribute.size());
    const std::string_view key = trimmed(attribute.substr(0, sign));
    const std::string_view value = trimmed(attribute.substr(std::min(sign + 1, attribute.size())));
    if (same_header_name(key, "Domain"))
      domain = lower_case(value.starts_with('.') ? value.substr(1) : value);
    if (same_header_name(key, "Path"))
      cookie.path = value.starts_with('/') ? std::string(value) : default_path(url);
    if (same_header_name(key, "Secure")) cookie.secure = true;
    if (same_header_name(key, "Max-Age")) age = max_age(value, now);
    if (same_header_name(key, "Expires")) cookie.expires = parse_cookie_date(value).value_or(cookie.expires);
  }
  if (age) cookie.expires = *age;
  if (!domain.empty() && domain != host) {
    if (is_public_suffix(domain) || !domain_matches(host, domain)) return;
  }
  if (!domain.empty()) {
    cookie.host_only = parse_ip(domain).has_value() || is_public_suffix(domain);
    cookie.domain = domain;
  }
  const auto older =
      std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& each) { return same(each, cookie); });
  if (older != cookies_.end()) {
    *older = std::move(cookie);  // in the place of its creation
  } else if (cookies_.size() < kMaximumCookies) {
    cookies_.push_back(std::move(cookie));
  }
}

std::string CookieJar::matching(const HttpUrl& url, const std::string& host, WallTime now) const {
  const std::string name = lower_case(host);
  const bool secure = url.is_https() || is_loopback(url.host);  // as browsers and newer Go have it
  std::vector<const Cookie*> chosen;
  for (const Cookie& cookie : cookies_) {
    const bool for_host = cookie.host_only ? name == cookie.domain : domain_matches(name, cookie.domain);
    if (for_host && path_matches(path_of(url), cookie.path) && (!cookie.secure || secure) &&
        cookie.expires > unix_seconds(now)) {
      chosen.push_back(&cookie);
    }
  }
  // RFC 6265 section 5.4: longer paths first, then the older.
  std::sort(chosen.begin(), chosen.end(), [](const Cookie* one, const Cookie* other) {
    return one->path.size() != other->path.size() ? one->path.size() > other->path.size() : one < other;
  });
  std::string text;
  for (const Cookie* cookie : chosen) {
    if (!text.empty()) text += "; ";
    text.append(cookie->name).append("=").append(cookie->value);
  }
  return text;
}

}  // namespace lookout
