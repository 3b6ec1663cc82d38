#include "probes/core/problem.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace lookout {
namespace {

auto order(const Problem& problem) {
  return std::tie(problem.file, problem.mark.line, problem.mark.column, problem.message);
}

}  // namespace

std::string describe(const Problem& problem) {
  if (problem.mark.line == 0) return fmt::format("{}: {}", problem.file, problem.message);
  return fmt::format("{}:{}:{}: {}", problem.file, problem.mark.line, problem.mark.column, problem.message);
}

void Problems::add(Mark mark, std::string message) {
  add(Problem{file_, mark, subject_.empty() ? std::move(message) : fmt::format("{}: {}", subject_, message)});
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> result = problems_;
  std::sort(result.begin(), result.end(),
            [](const Problem& left, const Problem& right) { return order(left) < order(right); });
  const auto same = [](const Problem& left, const Problem& right) { return order(left) == order(right); };
  result.erase(std::unique(result.begin(), result.end(), same), result.end());
  return result;
}

}  // namespace lookout
