// The log of the process: logfmt or JSON on stderr, one line an event, in the form of the Prometheus
// programs. Any thread. Two sources, each with a level of its own: the program, and probes on request, which
// blackbox_exporter's users find their failures in. Never give it a secret.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace lookout {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { logfmt, json };
enum class LogSource { program, prober };

struct LogField {
  std::string_view key;
  std::string value;
};

// Once, before other threads start.
void configure_log(LogLevel program, LogLevel prober, LogFormat format);
bool logs_at(LogSource source, LogLevel level);
void log(LogSource source, LogLevel level, std::string_view message,
         std::initializer_list<LogField> fields = {});
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace lookout
