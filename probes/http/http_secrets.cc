#include "probes/http/http_secrets.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "probes/core/base64.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Attempt<std::string> read_file(const ProbeRun& run, const std::string& path) {
  const auto fail = [&](int error) {
    return run.fail(Cause::internal, fmt::format("{}: {}", path, std::generic_category().message(error)));
  };
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "re"));
  if (!file) return fail(errno);
  std::string content;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, file.get())) {
    content.append(buffer, size);
    if (content.size() > kMaximumFile)
      return run.fail(Cause::internal, fmt::format("{}: larger than {} bytes", path, kMaximumFile));
  }
  if (std::ferror(file.get()) != 0) return fail(errno);
  return content;
}

Attempt<std::string> value_or_file(const ProbeRun& run, const std::string& value, const std::string& path) {
  if (path.empty()) return value;
  Attempt<std::string> content = read_file(run, path);
  if (!content) return content;
  const std::string_view secret = trimmed(*content);
  // Inside a header it would begin a new line.
  if (secret.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return run.fail(Cause::internal, fmt::format("{}: more than one line", path));
  }
  return std::string(secret);
}

// RFC 7617.
std::string basic_authorization(std::string_view user_and_password) {
  return "Basic " + base64(user_and_password);
}

Attempt<std::optional<std::string>> basic(const ProbeRun& run, const BasicAuth& auth) {
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

Attempt<std::optional<std::string>> read_authorization(const ProbeRun& run, const HttpConfig& config) {
  if (config.basic_auth) return basic(run, *config.basic_auth);
  if (config.authorization) {
    const Authorization& own = *config.authorization;
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

Attempt<std::optional<std::string>> read_body(const ProbeRun& run, const HttpConfig& config) {
  if (config.body_file.empty()) return config.body.empty() ? std::nullopt : std::optional(config.body);
  Attempt<std::string> content = read_file(run, config.body_file);
  if (!content) return content.error();
  return std::optional(std::move(*content));
}

}  // namespace lookout
