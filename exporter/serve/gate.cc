#include "exporter/serve/gate.h"

#include <algorithm>
#include <stdexcept>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

Response unauthorized() {
  Response response = error_response(401, "Unauthorized");
  response.headers.emplace_back("WWW-Authenticate", "Basic");
  return response;
}

// Checking the password of somebody unknown takes as long as that of a user: of the highest cost there is.
std::string nobodys_hash(const WebConfig& config) {
  std::string hash = "$2b$10$abcdefghijklmnopqrstuuAbcdefghijklmnopqrstuvwxyz01234";
  for (const auto& [user, known] : config.basic_auth_users)
    hash.replace(4, 2, std::max(hash.substr(4, 2), known.value.substr(4, 2)));
  return hash;
}

}  // namespace

Gate::Gate(Executor executor, std::string path, OnProblems on_problems)
    : path_(std::move(path)),
      on_problems_(std::move(on_problems)),
      bucket_(Duration(), 0, now()),
      passwords_(executor) {
  std::vector<Problem> problems = load();
  if (config_) {
    speaks_tls_ = config_->tls_server_config.present();
    refresh_tls(problems);
  }
  if (problems.empty()) return;
  std::string text;
  for (const Problem& problem : problems)
    text += fmt::format("{}{}", text.empty() ? "" : "\n", describe(problem));
  throw std::runtime_error(text);
}

std::vector<Problem> Gate::load() {
  seen_ = FileState::of(path_);
  WebConfigOrProblems loaded = load_web_config(path_);
  if (auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
    config_ = nullptr;
    return std::move(*problems);
  }
  config_ = std::get<std::shared_ptr<const WebConfig>>(std::move(loaded));
  if (config_->rate_limit != limit_) {
    limit_ = config_->rate_limit;
    bucket_ = TokenBucket(limit_.interval, limit_.burst, now());
  }
  return {};
}

void Gate::refresh_tls(std::vector<Problem>& problems) {
  if (!speaks_tls_ || !config_ || !config_->tls_server_config.present()) return;
  if (const auto unusable = tls_.refresh(config_->tls_server_config))
    problems.push_back({path_, {}, unusable->reason});
}

void Gate::refresh() {
  if (FileState::of(path_) == seen_) return;
  std::vector<Problem> problems = load();
  if (config_ && config_->tls_server_config.present() != speaks_tls_) {
    problems.push_back({path_, {}, "TLS is switched on and off by a restart only"});
  }
  refresh_tls(problems);
  if (!problems.empty()) on_problems_(problems);
}

ssl_ctx_st* Gate::handshake_context() {
  refresh();
  std::vector<Problem> problems;
  refresh_tls(problems);
  if (!problems.empty()) on_problems_(problems);
  return tls_.get();
}

Task<PasswordCheck::Answer> Gate::check(const Request& request) {
  const std::shared_ptr<const WebConfig> config = config_;
  auto credentials = parse_basic_auth(request.authorization);
  if (!credentials) co_return PasswordCheck::Answer::wrong;
  const auto user = config->basic_auth_users.find(credentials->user);
  const bool known = user != config->basic_auth_users.end();
  const PasswordCheck::Answer answer = co_await passwords_.ask(
      std::move(credentials->password), known ? user->second.value : nobodys_hash(*config));
  co_return answer == PasswordCheck::Answer::right && !known ? PasswordCheck::Answer::wrong : answer;
}

Task<std::optional<Response>> Gate::admit(const Request& request) {
  refresh();
  if (!config_) co_return error_response(500, "Internal Server Error");
  if (!bucket_.take(now())) co_return error_response(429, "Too Many Requests");
  if (config_->basic_auth_users.empty()) co_return std::nullopt;
  switch (co_await check(request)) {
    case PasswordCheck::Answer::right:
      co_return std::nullopt;
    case PasswordCheck::Answer::wrong:
      co_return unauthorized();
    case PasswordCheck::Answer::busy:
      break;
  }
  Response response = error_response(503, "too many passwords wait to be checked");
  response.headers.emplace_back("Retry-After", "1");
  co_return response;
}

bool Gate::authenticates() const {
  if (!config_) return false;
  const bool by_certificate =
      speaks_tls_ && config_->tls_server_config.client_auth_type == ClientAuth::require_and_verify;
  return by_certificate || !config_->basic_auth_users.empty();
}

std::string Gate::user_of(const Request& request) const {
  if (!config_ || config_->basic_auth_users.empty()) return "the holder of a client certificate";
  const auto credentials = parse_basic_auth(request.authorization);
  return credentials ? one_line(credentials->user, 64) : std::string();
}

// What is configured takes the place of what a page says by itself.
void Gate::add_headers(Response& response) const {
  if (!config_) return;
  for (const auto& [name, value] : config_->http_server_config.headers) {
    std::erase_if(response.headers,
                  [&](const auto& header) { return boost::algorithm::iequals(header.first, name); });
    response.headers.emplace_back(allowed_header(name), value);
  }
}

void Gate::stop() { passwords_.stop(); }

}  // namespace lookout
