// What a person does next about a failed probe: a table from stage x cause, for some kinds of probe their own
// row. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "probes/core/failure.h"

namespace lookout {

struct AdviceRow {
  Stage stage;
  Cause cause;
  std::string_view kind;  // empty: every kind that has no row of its own
  std::string_view text;  // {target}, {host}, {port} and {at} (host:port) stand for those of the probe
};

std::span<const AdviceRow> advice_rows();

// One or two sentences. Where the table has no row: what holds for the cause in any stage.
std::string advice(const Failure& failure, std::string_view kind, std::string_view target);

// The kind's own row, or the one of all kinds; nullptr: there is none.
const AdviceRow* find_advice(const Failure& failure, std::string_view kind);

}  // namespace lookout
