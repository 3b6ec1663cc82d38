#include "exporter/journal/report_files.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "exporter/report/incident_report.h"

namespace lookout {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLookedThrough = 100, kTold = 10;
constexpr std::string_view kUnfinished = ".tmp";

[[noreturn]] void fail(const fs::path& path, int error) {
  throw StoreError(StoreError::Kind::unusable,
                   fmt::format("{}: {}", path.string(), std::generic_category().message(error)));
}

fs::path reports_of(const std::string& folder) { return fs::path(folder) / "reports"; }

// What is not written here is never removed from here.
bool is_report(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string id = name.substr(0, name.find('.'));
  const std::string rest = name.substr(id.size());
  return is_incident_id(id) &&
         (rest.starts_with(".md") || rest.starts_with(".json") || rest.starts_with(".html"));
}

class File {
 public:
  explicit File(const fs::path& path)
      : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail(path_, errno);
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno != EINTR) fail(path_, errno);
      if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor_) != 0) fail(path_, errno);
  }

 private:
  const fs::path& path_;
  const int descriptor_;
};

void write_whole(const fs::path& path, std::string_view text) {
  fs::path unfinished = path;
  unfinished += kUnfinished;
  File(unfinished).write(text);
  if (::rename(unfinished.c_str(), path.c_str()) != 0) fail(path, errno);
}

}  // namespace

std::vector<Incident> earlier_alike(Store& store, const Incident& incident) {
  IncidentFilter filter;
  filter.target = incident.target;
  filter.before = incident.id;
  filter.limit = kLookedThrough;
  std::vector<Incident> found = store.incidents(filter);
  std::erase_if(found, [&](const Incident& each) { return !is_alike(each, incident); });
  if (found.size() > kTold) found.resize(kTold);
  return found;
}

void write_report_files(const std::string& folder, Store& store, const Incident& incident, WallTime now) {
  const fs::path reports = reports_of(folder);
  std::error_code error;
  fs::create_directories(reports, error);
  if (error) fail(reports, error.value());
  const IncidentReport report{incident, earlier_alike(store, incident), now};
  write_whole(reports / (incident.id + ".md"), incident_markdown(report));
  write_whole(reports / (incident.id + ".json"), incident_json(report));
  write_whole(reports / (incident.id + ".html"), incident_html_page(report));
}

bool has_report_files(const std::string& folder, const std::string& id) {
  const fs::path reports = reports_of(folder);
  std::error_code error;
  return fs::exists(reports / (id + ".md"), error) && fs::exists(reports / (id + ".json"), error) &&
         fs::exists(reports / (id + ".html"), error);
}

// By the time at which a file was written, which is when its incident had ended: a journal that was begun
// anew knows nothing of earlier incidents, and their reports are all that is left of them.
void remove_report_files(const std::string& folder, WallTime before) {
  std::error_code error;
  fs::directory_iterator files(reports_of(folder), error);
  if (error) return;  // there are none
  const auto limit = std::chrono::file_clock::from_sys(before);
  for (; files != fs::directory_iterator(); files.increment(error)) {
    if (error) fail(reports_of(folder), error.value());
    const auto written = files->last_write_time(error);
    if (!error && written < limit && is_report(files->path())) fs::remove(files->path(), error);
  }
}

}  // namespace lookout
