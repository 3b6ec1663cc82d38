// Rules for single values of a target, each a pure function: nullopt if the value is well, else what is wrong
// with it and what to write instead.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "exporter/config/config.h"

namespace lookout {

using Complaint = std::optional<std::string>;

Complaint complain_about_name(const std::string& name);
Complaint complain_about_address(const std::string& address);
Complaint complain_about_interval(Duration interval);
Complaint complain_about_timeout(Duration timeout, TargetMode mode, Duration interval);
Complaint complain_about_threshold(int threshold);
Complaint complain_about_retries(int retries);
Complaint complain_about_quorum(int quorum, std::size_t checkpoints);
Complaint complain_about_label(const std::string& name, const std::string& value);
Complaint complain_about_runbook(const std::string& url);

}  // namespace lookout
