#include "exporter/serve/page_frame.h"

#include <iterator>

#include <fmt/format.h>

#include "exporter/serve/assets.h"
#include "exporter/serve/query.h"

namespace lookout {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

void append_link(const PageFrame& frame, std::string_view path, std::string_view text, bool here,
                 std::string& out) {
  const std::string_view way = frame.root.empty() && path.empty() ? "./" : frame.root;
  fmt::format_to(std::back_inserter(out), "<li><a href=\"{}{}\"{}>{}</a></li>", way, path,
                 here ? " aria-current=\"page\"" : "", text);
}

}  // namespace

Response html_response(int status) {
  Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.compressible = true;
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

void begin_page(const PageFrame& frame, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{0}</title>
<link rel="icon" type="image/svg+xml" href="{1}{2}">
<link rel="stylesheet" href="{1}{3}">
)",
                 html_escaped(frame.title), frame.root, asset_path("icon.svg"), asset_path("style.css"));
  if (frame.live) {
    fmt::format_to(std::back_inserter(out),
                   "<script src=\"{}{}\" defer></script>\n"
                   "<noscript><meta http-equiv=\"refresh\" content=\"20\"></noscript>\n",
                   frame.root, asset_path("live.js"));
  }
  fmt::format_to(std::back_inserter(out), R"(</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="{}">Lookout</a>
<nav aria-label="Pages"><ul>)",
                 frame.root.empty() ? "./" : frame.root);
  append_link(frame, "", "Targets", frame.section == Section::targets, out);
  append_link(frame, "incidents", "Incidents", frame.section == Section::incidents, out);
  append_link(frame, "metrics", "Metrics", false, out);
  append_link(frame, "config", "Configuration", false, out);
  out += "</ul></nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n";
}

void end_page(std::string& out) {
  out +=
      "</main>\n<div id=\"said\" class=\"quiet\" role=\"status\" "
      "aria-live=\"polite\"></div>\n</body>\n</html>\n";
}

}  // namespace lookout
