#include "exporter/config/cron.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "probes/core/config_visitor.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

using cctz::civil_day, cctz::civil_minute, cctz::civil_month;

struct Field {
  std::string_view name;
  int low, high;
  std::span<const std::string_view> words;  // the first stands for `low`
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int kSunday = 7;  // as the end of a range; 0 otherwise
constexpr std::array<Field, 5> kFields{{{"minute", 0, 59, {}},
                                        {"hour", 0, 23, {}},
                                        {"day of month", 1, 31, {}},
                                        {"month", 1, 12, kMonths},
                                        {"day of week", 0, kSunday, kWeekdays}}};

struct Word {
  std::string_view word, fields;
};
constexpr std::array<Word, 7> kWords{{{"@hourly", "0 * * * *"},
                                      {"@daily", "0 0 * * *"},
                                      {"@midnight", "0 0 * * *"},
                                      {"@weekly", "0 0 * * 0"},
                                      {"@monthly", "0 0 1 * *"},
                                      {"@yearly", "0 0 1 1 *"},
                                      {"@annually", "0 0 1 1 *"}}};

// 29 February on a given weekday may take 40 years, as 2100 has none.
constexpr cctz::diff_t kLongestGap = 41LL * 366;
const civil_minute kAnyTime(2000, 1, 1, 0, 0);

// A field in the making: the values, or what is wrong with it.
struct Values {
  std::uint64_t bits = 0;
  std::string wrong;
};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words = split(text, " \t");
  std::erase(words, "");
  return words;
}

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain =
      !text.empty() && text[0] != '-' && error == std::errc() && end == text.data() + text.size();
  return plain ? std::optional(value) : std::nullopt;
}

std::optional<int> parse_value(const Field& field, std::string_view text) {
  if (const std::optional<int> number = parse_number(text))
    return *number >= field.low && *number <= field.high ? number : std::nullopt;
  const auto word = std::ranges::find(field.words, lower_case(text));
  if (word == field.words.end()) return std::nullopt;
  return field.low + static_cast<int>(word - field.words.begin());
}

std::string what_fits(const Field& field) {
  std::string text = fmt::format("{} to {}", field.low, field.high);
  if (!field.words.empty()) text += fmt::format(", a name such as {}", field.words.front());
  return text + ", or *";
}

Values wrong(std::string_view part, std::string_view why) {
  return {0, fmt::format("{} {}", in_quotes(part), why)};
}

// "*", "3", "1-5", each with "/step"; "3/2" goes on from 3 to the end.
Values parse_part(const Field& field, std::string_view part) {
  const std::size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  const std::optional<int> step =
      slash == std::string_view::npos ? std::optional(1) : parse_number(part.substr(slash + 1));
  if (!step || *step < 1)
    return wrong(part, fmt::format("has no step of the {} after /; write e.g. */2", field.name));
  const std::size_t dash = range.find('-');
  std::optional<int> low = field.low, high = field.high;
  if (range != "*") {
    low = parse_value(field, range.substr(0, dash));
    if (dash != std::string_view::npos) {
      high = parse_value(field, range.substr(dash + 1));
      if (high == 0 && low > 0 && field.high == kSunday) high = kSunday;
    } else if (slash == std::string_view::npos) {
      high = low;
    }
  }
  if (!low || !high) return wrong(part, fmt::format("is no {}; write {}", field.name, what_fits(field)));
  if (*low > *high)
    return wrong(part, fmt::format("goes downwards; write two ranges of the {}, {}-{},{}-{}", field.name,
                                   *low, field.high == kSunday ? kSunday - 1 : field.high, field.low, *high));
  Values values;
  for (int value = *low; value <= *high; value += *step) values.bits |= std::uint64_t{1} << value;
  return values;
}

Values parse_field(const Field& field, std::string_view text) {
  Values all;
  for (std::string_view part : split(text, ",")) {
    Values values = parse_part(field, part);
    if (!values.wrong.empty()) return values;
    all.bits |= values.bits;
  }
  if (field.high == kSunday && (all.bits >> kSunday & 1) != 0) all.bits = (all.bits | 1) & 0x7F;
  return all;
}

bool has(std::uint64_t bits, int value) { return (bits >> value & 1) != 0; }

bool fits(const CronSchedule& schedule, civil_day day) {
  const int weekday = (static_cast<int>(cctz::get_weekday(day)) + 1) % 7;  // theirs begin with Monday
  const bool by_day = has(schedule.days, day.day());
  const bool by_weekday = has(schedule.weekdays, weekday);
  return schedule.either_day_fits ? by_day || by_weekday : by_day && by_weekday;
}

// Minutes of a day.
std::optional<int> first_minute(const CronSchedule& schedule, int from) {
  for (int hour = from / 60; hour < 24; ++hour) {
    const std::uint64_t minutes = schedule.minutes & ~std::uint64_t{0} << (hour == from / 60 ? from % 60 : 0);
    if (has(schedule.hours, hour) && minutes != 0) return hour * 60 + std::countr_zero(minutes);
  }
  return std::nullopt;
}

std::optional<int> last_minute(const CronSchedule& schedule, int to) {
  for (int hour = to / 60; hour >= 0; --hour) {
    const std::uint64_t minutes =
        schedule.minutes & ~std::uint64_t{0} >> (63 - (hour == to / 60 ? to % 60 : 59));
    if (has(schedule.hours, hour) && minutes != 0) return hour * 60 + 63 - std::countl_zero(minutes);
  }
  return std::nullopt;
}

int minute_of_day(civil_minute time) { return time.hour() * 60 + time.minute(); }

}  // namespace

std::variant<CronSchedule, std::string> parse_cron(std::string_view text) {
  CronSchedule schedule;
  schedule.text = text;
  const auto word = std::ranges::find(kWords, lower_case(text), &Word::word);
  if (word == kWords.end() && text.starts_with('@')) {
    std::vector<std::string_view> words;
    for (const Word& known : kWords) words.push_back(known.word);
    return fmt::format("{} is none of {}{}", in_quotes(text), fmt::join(words, ", "),
                       suggestion(text, words));
  }
  const std::vector<std::string_view> parts = words_of(word == kWords.end() ? text : word->fields);
  if (parts.size() != kFields.size())
    return fmt::format(
        "{} has {} fields where a schedule has 5; write minute, hour, day of month, month and day "
        "of week, e.g. \"0 3 * * SUN\"",
        in_quotes(text), parts.size());
  const std::array<std::uint64_t*, kFields.size()> places{&schedule.minutes, &schedule.hours, &schedule.days,
                                                          &schedule.months, &schedule.weekdays};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    Values values = parse_field(kFields[i], parts[i]);
    if (!values.wrong.empty()) return std::move(values.wrong);
    *places[i] = values.bits;
  }
  schedule.either_day_fits = !parts[2].starts_with('*') && !parts[4].starts_with('*');
  if (!first_match(schedule, kAnyTime))
    return fmt::format("{} never comes: no such month has such a day; write another day", in_quotes(text));
  return schedule;
}

std::optional<civil_minute> first_match(const CronSchedule& schedule, civil_minute from) {
  const civil_day first(from);
  for (civil_day day = first; day - first <= kLongestGap;) {
    if (!has(schedule.months, day.month())) {
      day = civil_day(civil_month(day) + 1);
      continue;
    }
    if (fits(schedule, day)) {
      const std::optional<int> minute = first_minute(schedule, day == first ? minute_of_day(from) : 0);
      if (minute) return civil_minute(day) + *minute;
    }
    ++day;
  }
  return std::nullopt;
}

std::optional<civil_minute> last_match(const CronSchedule& schedule, civil_minute to) {
  const civil_day last(to);
  for (civil_day day = last; last - day <= kLongestGap;) {
    if (!has(schedule.months, day.month())) {
      day = civil_day(civil_month(day)) - 1;
      continue;
    }
    if (fits(schedule, day)) {
      const std::optional<int> minute = last_minute(schedule, day == last ? minute_of_day(to) : 24 * 60 - 1);
      if (minute) return civil_minute(day) + *minute;
    }
    --day;
  }
  return std::nullopt;
}

bool read_config(const YamlNode& node, CronSchedule& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  std::variant<CronSchedule, std::string> parsed = parse_cron(text);
  if (const std::string* message = std::get_if<std::string>(&parsed)) {
    problems.add(node.mark(), *message);
    return false;
  }
  value = std::get<CronSchedule>(std::move(parsed));
  return true;
}

std::string print_config(const CronSchedule& value) { return value.text; }

boost::json::object config_schema(const CronSchedule&) {
  return {{"type", "string"},
          {"pattern", "^\\s*(@[A-Za-z]+|[^\\s@]+(\\s+\\S+){4})\\s*$"},
          {"examples", boost::json::array{"0 3 * * SUN", "30 1 1-7 * *", "@daily"}}};
}

}  // namespace lookout
