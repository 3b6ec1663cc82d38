// What is wrong with a configuration, and where: FILE:LINE:COLUMN: message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lookout {

struct Mark {
  int line = 0;    // 1-based; 0: the file as a whole
  int column = 0;  // 1-based, in bytes
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
  void add(Mark mark, std::string message);  // begins with the subject, if there is one
  void add(Problem problem) { problems_.push_back(std::move(problem)); }
  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }
  const std::string& file() const { return file_; }
  std::vector<Problem> sorted() const;  // by file and position, without repetitions

  // The key that is being read; what concerns a mapping as a whole has none.
  class Subject {
   public:
    Subject(Problems& problems, std::string subject)
        : problems_(problems), outer_(std::exchange(problems.subject_, std::move(subject))) {}
    ~Subject() { problems_.subject_ = std::move(outer_); }
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

   private:
    Problems& problems_;
    std::string outer_;
  };

 private:
  std::string file_;
  std::string subject_;
  std::vector<Problem> problems_;
};

}  // namespace lookout
