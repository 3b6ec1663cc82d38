// The log of the process: logfmt or JSON on stderr, one line an event, in the form of the Prometheus
// programs. Any thread. A target being down is no event of this log at warning or above: it is data. Never
// give it a secret.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace lookout {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { logfmt, json };

struct LogField {
  std::string_view key;
  std::string value;
};

void configure_log(LogLevel level, LogFormat format);
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace lookout
