// A text with headings, tables and lists, written once and told as Markdown (GitHub's) or as HTML. Whatever
// is put in is text: nothing of it is markup in either. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lookout {

struct Words {
  enum class Kind { plain, strong, code, link, blank };  // blank: where a person is to write
  std::string text;
  Kind kind = Kind::plain;
  std::string url = {};  // of a link; anything but http and https stays text
};
using Line = std::vector<Words>;

Line plain(std::string text);
Line code(std::string text);            // nothing for an empty text
Line with_code(std::string_view text);  // what stands between backticks is code

class Document {
 public:
  void heading(int level, std::string text);  // 1: the title
  void paragraph(Line line);
  void list(std::vector<Line> items);
  void tasks(std::vector<Line> items);  // to be ticked
  // The first column names its row.
  void table(std::vector<std::string> columns, std::vector<std::vector<Line>> rows);
  void verbatim(std::string text);  // line by line, as it stands

  std::string markdown() const;
  std::string html() const;  // a fragment

 private:
  struct Block {
    enum class Kind { heading, paragraph, list, tasks, table, verbatim } kind;
    int level = 0;
    std::string text = {};
    std::vector<std::string> columns = {};
    std::vector<std::vector<Line>> rows = {};
  };
  static std::string markdown_of(const Block& block);
  static std::string html_of(const Block& block);

  std::vector<Block> blocks_;
};

}  // namespace lookout
