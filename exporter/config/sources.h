// The files that a configuration is read from: bytes, patterns and the fingerprint. Blocking reads; the
// caller decides when.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "exporter/config/config.h"

namespace lookout {

struct SourceFile {
  std::string path;
  std::string text;
};

// The text, or why it cannot be read ("No such file or directory"). A folder cannot be read; a pipe can.
std::variant<SourceFile, std::string> read_source(const std::string& path);

// The files that match patterns relative to the folder of `main_path`, sorted within each pattern, each once,
// the main file never. Files only.
std::vector<std::string> matching_files(const std::string& main_path,
                                        const std::vector<std::string>& patterns);

// The folders in which a new match may appear.
std::vector<std::string> pattern_folders(const std::string& main_path,
                                         const std::vector<std::string>& patterns);

// SHA-256 in hexadecimal digits over names and contents.
std::string fingerprint_of(const std::vector<SourceFile>& sources);

}  // namespace lookout
