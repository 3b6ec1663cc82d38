#include "probes/net/secret_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

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

Attempt<std::string> read_secret_file(const ProbeRun& run, const std::string& path) {
  const Attempt<std::string> content = read_file(run, path);
  if (!content) return content.error();
  const std::string_view secret = trimmed(*content);
  // Inside a header it would begin a new line.
  if (!is_header_value(secret)) return run.fail(Cause::internal, fmt::format("{}: more than one line", path));
  return std::string(secret);
}

}  // namespace lookout
