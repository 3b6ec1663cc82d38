// What tells that a file was written again or replaced since it was read.
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace lookout {

struct FileState {
  std::uint64_t device = 0, inode = 0;
  std::int64_t size = 0, modified_nanoseconds = 0;
  bool operator==(const FileState&) const = default;

  // All zero when there is no such file.
  static FileState of(const std::string& path) {
    struct stat status{};
    if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino, status.st_size,
            status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
  }
};

}  // namespace lookout
