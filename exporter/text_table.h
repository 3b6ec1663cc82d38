// Rows in columns for a terminal. Pure.
#pragma once

#include <string>
#include <vector>

namespace lookout {

using TableRow = std::vector<std::string>;

// Each column as wide as its widest cell; cells are one line each, and as many in every row.
std::string text_table(const std::vector<TableRow>& rows);

}  // namespace lookout
