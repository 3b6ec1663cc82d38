#include "exporter/journal/file_lock.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace lookout {

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FileLock::take() {
  if (held_) return true;
  fault_.clear();
  if (descriptor_ < 0) descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    fault_ = fmt::format("{}: {}", path_, std::generic_category().message(errno));
    return false;
  }
  held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  return held_;
}

}  // namespace lookout
