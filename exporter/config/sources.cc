#include "exporter/config/sources.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <glob.h>
#include <openssl/evp.h>

namespace lookout {
namespace {

constexpr std::size_t kMaximumRead = 16 * 1024 * 1024 + 1;  // one byte more than the YAML reader takes
constexpr std::string_view kWildcards = "*?[\\";

std::filesystem::path folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

std::string located(const std::string& main_path, const std::string& pattern) {
  if (std::filesystem::path(pattern).is_absolute()) return pattern;
  const std::filesystem::path folder = std::filesystem::path(main_path).parent_path();
  return (folder / pattern).string();
}

struct GlobResult {
  glob_t value{};
  ~GlobResult() { globfree(&value); }
};

bool is_same_file(const std::string& left, const std::string& right) {
  std::error_code error;
  return std::filesystem::equivalent(left, right, error) && !error;
}

}  // namespace

std::variant<SourceFile, std::string> read_source(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) return std::string(std::strerror(errno));
  SourceFile source{path, {}};
  std::array<char, 65536> buffer;
  while (source.text.size() < kMaximumRead) {
    const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get());
    source.text.append(buffer.data(), count);
    if (count == buffer.size()) continue;
    if (std::ferror(file.get())) return std::string(std::strerror(errno));
    break;
  }
  return source;
}

std::vector<std::string> matching_files(const std::string& main_path,
                                        const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    GlobResult found;
    if (glob(located(main_path, pattern).c_str(), 0, nullptr, &found.value) != 0)
      continue;  // no match is no fault
    for (std::size_t index = 0; index < found.value.gl_pathc; ++index) {
      const std::string path = found.value.gl_pathv[index];
      std::error_code error;
      if (!std::filesystem::is_regular_file(path, error) || is_same_file(path, main_path)) continue;
      if (std::ranges::find(files, path) == files.end()) files.push_back(path);
    }
  }
  return files;
}

std::vector<std::string> pattern_folders(const std::string& main_path,
                                         const std::vector<std::string>& patterns) {
  std::vector<std::string> folders;
  for (const std::string& pattern : patterns) {
    const std::string whole = located(main_path, pattern);
    const std::string folder = folder_of(whole.substr(0, whole.find_first_of(kWildcards))).string();
    if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  }
  return folders;
}

std::string fingerprint_of(const std::vector<SourceFile>& sources) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto add = [&](std::string_view text) {
    const std::string size =
        fmt::format("{}:", text.size());  // so that no two lists of files run into the same bytes
    EVP_DigestUpdate(context.get(), size.data(), size.size());
    EVP_DigestUpdate(context.get(), text.data(), text.size());
  };
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  for (const SourceFile& source : sources) {
    add(source.path);
    add(source.text);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  std::string text;
  for (unsigned int index = 0; index < length; ++index) text += fmt::format("{:02x}", digest[index]);
  return text;
}

}  // namespace lookout
