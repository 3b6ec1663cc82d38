// What every page for people begins and ends with: head, navigation, style and script from our own paths, and
// the headers that hold it to them. Links are relative, so pages work behind any prefix. Pure.
#pragma once

#include <string>
#include <string_view>

#include "exporter/serve/http_message.h"

namespace lookout {

enum class Section { none, targets, incidents };

struct PageFrame {
  std::string title;      // plain text
  std::string_view root;  // the way to the first page: "" from there, "../" from /targets/NAME
  Section section = Section::none;
  bool live = true;  // follows what happens, with a script or by loading itself anew
};

// Without a body yet; nothing but our own style, script and pages may be loaded, and nothing is cached.
Response html_response(int status = 200);

// Up to and with the begin of <main>; the page goes on with its <h1>.
void begin_page(const PageFrame& frame, std::string& out);
void end_page(std::string& out);

}  // namespace lookout
