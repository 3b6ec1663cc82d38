// The Grafana dashboards that are built in (dashboards/*.json), fitted to a configuration: pure, on no loop.
// Whoever calls writes them.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "exporter/config/config.h"

namespace lookout {

struct Fitting {
  const Config* config = nullptr;  // nullptr: none is known, and dashboards choose nothing
  std::string status_page;         // where Lookout is reached; empty: as the dashboards have it
  std::string name;  // tells those of several Lookouts in one Grafana apart; empty: there is one
};

// Those that have something to show: with a configuration without targets, what is about targets is left out.
std::vector<boost::json::object> fitted_dashboards(const Fitting& fitting);

}  // namespace lookout
