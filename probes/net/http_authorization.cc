#include "probes/net/http_authorization.h"

#include <fmt/format.h>

#include "probes/core/base64.h"
#include "probes/core/text.h"
#include "probes/net/secret_file.h"

namespace lookout {
namespace {

Attempt<std::optional<std::string>> basic(const ProbeRun& run, const BasicAuth& auth) {
  if (!auth.username_ref.empty()) return no_secret_manager(run, "username");
  if (!auth.password_ref.empty()) return no_secret_manager(run, "password");
  const Attempt<std::string> user = value_or_file(run, auth.username, auth.username_file);
  if (!user) return user.error();
  const Attempt<std::string> password = value_or_file(run, auth.password.value, auth.password_file);
  if (!password) return password.error();
  return std::optional(basic_authorization(*user + ":" + *password));
}

Attempt<std::optional<std::string>> with_type(const ProbeRun& run, const std::string& type,
                                              const Secret& credentials, const std::string& path) {
  const Attempt<std::string> value = value_or_file(run, credentials.value, path);
  if (!value) return value.error();
  return std::optional(fmt::format("{} {}", trimmed(type), *value));
}

}  // namespace

Attempt<std::string> value_or_file(const ProbeRun& run, const std::string& value, const std::string& path) {
  if (path.empty()) return value;
  return read_secret_file(run, path);
}

Failure no_secret_manager(const ProbeRun& run, std::string_view key) {
  return run.fail(Cause::internal,
                  fmt::format("{0}_ref: there is no manager of secrets; write {0} or {0}_file", key));
}

std::string basic_authorization(std::string_view user_and_password) {
  return "Basic " + base64(user_and_password);
}

Attempt<std::optional<std::string>> read_authorization(const ProbeRun& run, const HttpClientConfig& config) {
  if (config.basic_auth) return basic(run, *config.basic_auth);
  if (config.authorization) {
    const Authorization& own = *config.authorization;
    if (!own.credentials_ref.empty()) return no_secret_manager(run, "credentials");
    return with_type(run, own.type, own.credentials, own.credentials_file);
  }
  if (config.bearer_token.value.empty() && config.bearer_token_file.empty())
    return std::optional<std::string>();
  return with_type(run, "Bearer", config.bearer_token, config.bearer_token_file);
}

std::optional<std::string> userinfo_authorization(const HttpUrl& url) {
  if (!url.has_userinfo) return std::nullopt;
  const bool has_password = url.userinfo.find(':') != std::string::npos;
  return basic_authorization(has_password ? url.userinfo : url.userinfo + ":");
}

}  // namespace lookout
