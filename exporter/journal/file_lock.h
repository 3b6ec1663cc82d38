// A file that one process at a time holds, by flock(2), for as long as this object lives. What it holds it
// lets go of when it is killed.
#pragma once

#include <string>

namespace lookout {

class FileLock {
 public:
  explicit FileLock(std::string path) : path_(std::move(path)) {}
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // Whether it is held now; tries to get it, and waits for nobody.
  bool take();
  // Of the last take(): why the file cannot be used; empty: it can, and another process holds it.
  const std::string& fault() const { return fault_; }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  std::string fault_;
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace lookout
