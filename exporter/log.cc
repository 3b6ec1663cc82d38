#include "exporter/log.h"

#include <array>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace lookout {
namespace {

LogFormat chosen_format = LogFormat::logfmt;
std::array<LogLevel, 2> chosen_levels{LogLevel::info, LogLevel::info};  // by LogSource

constexpr std::string_view kTime = "%Y-%m-%dT%H:%M:%S.%eZ";

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                  spdlog::level::warn, spdlog::level::err};
  return levels[static_cast<std::size_t>(level)];
}

std::string_view word(LogLevel level) {
  constexpr std::string_view words[] = {"DEBUG", "INFO", "WARN", "ERROR"};
  return words[static_cast<std::size_t>(level)];
}

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::value(text)); }

// A bare word stays bare; anything else is quoted, with JSON's escapes, so that a line never breaks.
std::string logfmt_value(std::string_view text) {
  bool bare = !text.empty() && text.find_first_not_of(
                                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "-_.:/@+%,") == std::string_view::npos;
  return bare ? std::string(text) : quoted(text);
}

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("lookout", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_level(spdlog::level::debug);
    made.flush_on(spdlog::level::debug);
    return made;
  }();
  return instance;
}

void set_pattern(LogFormat format) {
  // The message that log() builds continues the line (or object) that the pattern begins.
  std::string pattern = format == LogFormat::logfmt ? fmt::format("time={} %v", kTime)
                                                    : fmt::format("{{\"time\":\"{}\",%v}}", kTime);
  logger().set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
}

}  // namespace

void configure_log(LogLevel program, LogLevel prober, LogFormat format) {
  chosen_levels = {program, prober};
  chosen_format = format;
  set_pattern(format);
}

bool logs_at(LogSource source, LogLevel level) {
  return level >= chosen_levels[static_cast<std::size_t>(source)];
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  log(LogSource::program, level, message, fields);
}

void log(LogSource source, LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!logs_at(source, level)) return;
  bool json = chosen_format == LogFormat::json;
  std::string line = json ? fmt::format("\"level\":\"{}\",\"msg\":{}", word(level), quoted(message))
                          : fmt::format("level={} msg={}", word(level), logfmt_value(message));
  for (const LogField& field : fields) {
    line += json ? fmt::format(",{}:{}", quoted(field.key), quoted(field.value))
                 : fmt::format(" {}={}", field.key, logfmt_value(field.value));
  }
  logger().log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace lookout
