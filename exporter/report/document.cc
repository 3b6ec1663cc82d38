#include "exporter/report/document.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/report/html_text.h"
#include "exporter/report/terminal_text.h"

namespace lookout {
namespace {

// One line of visible characters.
std::string visible(std::string_view text) { return printable(text, true); }

bool is_web_url(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

std::string markdown_escaped(std::string_view text) {
  std::string out;
  for (const char letter : visible(text)) {
    if (std::string_view("\\`*_[]<>|~&#").find(letter) != std::string_view::npos) out += '\\';
    out += letter;
  }
  // What makes a list or a rule at the beginning of a line.
  const std::size_t digits = std::min(out.find_first_not_of("0123456789"), out.size());
  if (!out.empty() && std::string_view("-+=").find(out[0]) != std::string_view::npos) {
    out.insert(0, 1, '\\');
  } else if (digits > 0 && digits < out.size() && (out[digits] == '.' || out[digits] == ')') &&
             (digits + 1 == out.size() || out[digits + 1] == ' ')) {
    out.insert(digits, 1, '\\');
  }
  return out;
}

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0, run = 0;
  for (const char letter : text) {
    run = letter == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string markdown_code(std::string_view text) {
  const std::string inside = visible(text);
  if (inside.empty()) return {};
  const std::string fence(longest_run(inside, '`') + 1, '`');
  const bool apart = inside.starts_with('`') || inside.ends_with('`');
  return apart ? fmt::format("{0} {1} {0}", fence, inside) : fence + inside + fence;
}

std::string url_escaped(std::string_view url) {
  std::string out;
  for (const char letter : url) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = byte > 0x20 && byte < 0x7f &&
                       std::string_view("<>()[]\\|\"'`").find(letter) == std::string_view::npos;
    out += plain ? std::string(1, letter) : fmt::format("%{:02X}", byte);
  }
  return out;
}

std::string markdown_of(const Line& line, bool in_table = false) {
  std::string out;
  for (const Words& words : line) {
    switch (words.kind) {
      case Words::Kind::plain:
        out += markdown_escaped(words.text);
        break;
      case Words::Kind::strong:
        out += "**" + markdown_escaped(words.text) + "**";
        break;
      case Words::Kind::code:
        // A pipe ends a cell even within code.
        out += in_table && words.text.find('|') != std::string::npos ? markdown_escaped(words.text)
                                                                     : markdown_code(words.text);
        break;
      case Words::Kind::link:
        out += is_web_url(words.url)
                   ? fmt::format("[{}]({})", markdown_escaped(words.text), url_escaped(words.url))
                   : markdown_escaped(words.text);
        break;
      case Words::Kind::blank:
        out += "_" + markdown_escaped(words.text) + "_";
        break;
    }
  }
  return out;
}

std::string html_of(const Line& line) {
  std::string out;
  for (const Words& words : line) {
    const std::string text = html_escaped(visible(words.text));
    switch (words.kind) {
      case Words::Kind::plain:
        out += text;
        break;
      case Words::Kind::strong:
        out += "<strong>" + text + "</strong>";
        break;
      case Words::Kind::code:
        out += "<code>" + text + "</code>";
        break;
      case Words::Kind::link:
        out += is_web_url(words.url)
                   ? fmt::format("<a href=\"{}\" rel=\"noreferrer\">{}</a>", html_escaped(words.url), text)
                   : text;
        break;
      case Words::Kind::blank:
        out += "<em>" + text + "</em>";
        break;
    }
  }
  return out;
}

// Visible, but in lines.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(visible(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

}  // namespace

Line plain(std::string text) { return {{std::move(text)}}; }

Line code(std::string text) {
  if (text.empty()) return {};
  return {{std::move(text), Words::Kind::code}};
}

Line with_code(std::string_view text) {
  Line line;
  for (bool in_code = false; !text.empty(); in_code = !in_code) {
    const std::size_t end = text.find('`');
    line.push_back({std::string(text.substr(0, end)), in_code ? Words::Kind::code : Words::Kind::plain});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return line;
}

void Document::heading(int level, std::string text) {
  blocks_.push_back({Block::Kind::heading, level, std::move(text)});
}

void Document::paragraph(Line line) {
  blocks_.push_back({.kind = Block::Kind::paragraph, .rows = {{std::move(line)}}});
}

void Document::list(std::vector<Line> items) {
  blocks_.push_back({.kind = Block::Kind::list, .rows = {std::move(items)}});
}

void Document::tasks(std::vector<Line> items) {
  blocks_.push_back({.kind = Block::Kind::tasks, .rows = {std::move(items)}});
}

void Document::table(std::vector<std::string> columns, std::vector<std::vector<Line>> rows) {
  blocks_.push_back({.kind = Block::Kind::table, .columns = std::move(columns), .rows = std::move(rows)});
}

void Document::verbatim(std::string text) {
  blocks_.push_back({.kind = Block::Kind::verbatim, .text = std::move(text)});
}

std::string Document::markdown_of(const Block& block) {
  std::string out;
  switch (block.kind) {
    case Block::Kind::heading:
      return fmt::format("{} {}\n", std::string(static_cast<std::size_t>(block.level), '#'),
                         markdown_escaped(block.text));
    case Block::Kind::paragraph:
      return lookout::markdown_of(block.rows[0][0]) + "\n";
    case Block::Kind::list:
      for (const Line& item : block.rows[0]) out += "- " + lookout::markdown_of(item) + "\n";
      return out;
    case Block::Kind::tasks:
      for (const Line& item : block.rows[0]) out += "- [ ] " + lookout::markdown_of(item) + "\n";
      return out;
    case Block::Kind::table:
      for (const std::string& column : block.columns) out += "| " + markdown_escaped(column) + " ";
      out += "|\n";
      for (std::size_t i = 0; i < block.columns.size(); ++i) out += "|---";
      out += "|\n";
      for (const auto& row : block.rows) {
        for (const Line& cell : row) out += "| " + lookout::markdown_of(cell, true) + " ";
        out += "|\n";
      }
      return out;
    case Block::Kind::verbatim: {
      const std::string fence(std::max<std::size_t>(3, longest_run(block.text, '`') + 1), '`');
      out = fence + "text\n";
      for (const std::string& line : lines_of(block.text)) out += line + "\n";
      return out + fence + "\n";
    }
  }
  return out;
}

std::string Document::html_of(const Block& block) {
  std::string out;
  switch (block.kind) {
    case Block::Kind::heading:
      return fmt::format("<h{0}>{1}</h{0}>\n", block.level, html_escaped(visible(block.text)));
    case Block::Kind::paragraph:
      return "<p>" + lookout::html_of(block.rows[0][0]) + "</p>\n";
    case Block::Kind::list:
    case Block::Kind::tasks:
      for (const Line& item : block.rows[0]) out += "<li>" + lookout::html_of(item) + "</li>\n";
      return "<ul>\n" + out + "</ul>\n";
    case Block::Kind::table:
      out = "<div class=\"table\"><table>\n<thead><tr>";
      for (const std::string& column : block.columns)
        out += "<th scope=\"col\">" + html_escaped(visible(column)) + "</th>";
      out += "</tr></thead>\n<tbody>\n";
      for (const auto& row : block.rows) {
        out += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i)
          out += (i == 0 ? "<th scope=\"row\">" : "<td>") + lookout::html_of(row[i]) +
                 (i == 0 ? "</th>" : "</td>");
        out += "</tr>\n";
      }
      return out + "</tbody>\n</table></div>\n";
    case Block::Kind::verbatim:
      for (const std::string& line : lines_of(block.text)) out += html_escaped(line) + "\n";
      return "<pre>" + out + "</pre>\n";
  }
  return out;
}

std::string Document::markdown() const {
  std::string out;
  for (const Block& block : blocks_) {
    if (!out.empty()) out += '\n';
    out += markdown_of(block);
  }
  return out;
}

std::string Document::html() const {
  std::string out;
  for (const Block& block : blocks_) out += html_of(block);
  return out;
}

}  // namespace lookout
