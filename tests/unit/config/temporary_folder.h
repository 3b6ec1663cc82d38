// A folder of its own for one test, gone with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "exporter/config/config.h"

namespace lookout {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = ::testing::TempDir() + "lookout-config-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Returns where it was written to.
  std::string write(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string place(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::shared_ptr<const Config> load(const std::string& path) {
  ConfigOrProblems loaded = load_config(path);
  if (auto* config = std::get_if<std::shared_ptr<const Config>>(&loaded)) return *config;
  for (const Problem& problem : std::get<std::vector<Problem>>(loaded)) ADD_FAILURE() << describe(problem);
  return default_config();
}

inline std::string problems_of(const std::string& path) {
  ConfigOrProblems loaded = load_config(path);
  std::string text;
  if (auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
    for (const Problem& problem : *problems) text += describe(problem) + "\n";
  }
  return text;
}

}  // namespace lookout
