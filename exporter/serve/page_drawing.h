// Small pictures of pages, SVG within the HTML, each with its meaning in words; and how pages mark states and
// times. Append to `out`. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/incident/latency_ring.h"
#include "exporter/journal/entries.h"
#include "exporter/serve/past_cache.h"
#include "exporter/serve/shown_state.h"

namespace lookout {

void append_state(ShownState state, std::string& out);
// <time> that says "3 min ago" or the like and holds the exact moment; `text` is plain.
void append_time(WallTime time, std::string_view text, std::string& out);

// A bar for each of the last 90 days.
void append_day_bars(const WatchedPast& past, WallTime now, std::string& out);
// What the bars' colours mean.
void append_legend(std::string& out);

void append_sparkline(const LatencyRing& latencies, std::string& out);

// Means and maxima of the last 24 hours, with a table of the same.
void append_hours(const std::vector<std::pair<WallTime, Summary>>& hours, WallTime now, std::string& out);

}  // namespace lookout
