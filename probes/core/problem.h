// What is wrong with a configuration, and where: FILE:LINE:COLUMN: message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lookout {

struct Mark {
  int line = 0;    // 1-based; 0: the file as a whole
  int column = 0;  // 1-based
};

struct Problem {
  std::string file;
  Mark mark;
  std::string message;  // says what to write instead
};

// "lookout.yml:12:5: message"
std::string describe(const Problem& problem);

// Collects all problems of one load, so that a person sees them in one run.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}
  void add(Mark mark, std::string message) { add(Problem{file_, mark, std::move(message)}); }
  void add(Problem problem) { problems_.push_back(std::move(problem)); }
  bool empty() const { return problems_.empty(); }
  const std::string& file() const { return file_; }
  std::vector<Problem> sorted() const;  // by file and position, without repetitions

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace lookout
