// Percent-encoding and query strings by the rules of Go's net/url, which blackbox_exporter's users write for.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/report/html_text.h"

namespace lookout {

// nullopt for a broken escape. In a query a plus is a space; in a path it is a plus.
std::optional<std::string> decode_query_text(std::string_view text);
std::optional<std::string> decode_path_text(std::string_view text);
// Without empty segments, "." and ".."; a slash at the end stays. As Go's path.Clean.
std::string clean_path(std::string_view path);

// The first value of a parameter. Pairs that hold a semicolon or a broken escape do not count; nullopt:
// absent.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// A target of /probe that a client has percent-encoded twice is decoded once more, but only when it makes no
// sense as it stands: its host (or what stands before the first slash) still holds an escape. Escapes in
// paths, queries, passwords and IPv6 zones stay.
std::string usable_target(std::string once_decoded);

// As Go's %q, whole: for error texts that users of blackbox_exporter know.
std::string go_quoted(std::string_view text);

}  // namespace lookout
