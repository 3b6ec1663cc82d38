#include "exporter/metrics/process_metrics.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exporter/metrics/catalogue.h"

namespace lookout {
namespace {

// Fields of /proc/self/stat, counted from 0 behind the name's closing parenthesis: proc(5) counts two more
// and from 1.
enum StatField : std::size_t {
  kThreads = 17,
  kStartTime = 19,
  kVirtualBytes = 20,
  kResidentPages = 21,
  kStatFields = 22
};

std::optional<std::array<double, kStatFields>> read_stat(int descriptor) {
  char buffer[1024];
  const ssize_t size = ::pread(descriptor, buffer, sizeof buffer, 0);
  if (size <= 0) return std::nullopt;
  std::string_view text(buffer, static_cast<std::size_t>(size));
  const std::size_t name_end = text.rfind(')');  // the name itself may hold anything
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 1);
  std::array<double, kStatFields> fields{};
  for (double& field : fields) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return std::nullopt;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find(' '), text.size());
    std::from_chars(text.data(), text.data() + end, field);  // the state, a letter, stays 0
    text.remove_prefix(end);
  }
  return fields;
}

// Counts by getdents64, without a buffer or a descriptor of its own.
std::optional<std::size_t> count_descriptors(int directory) {
  if (directory < 0 || ::lseek(directory, 0, SEEK_SET) != 0) return std::nullopt;
  constexpr std::size_t kDots = 2;
  alignas(dirent64) char buffer[8192];
  std::size_t count = 0;
  for (long size; (size = ::syscall(SYS_getdents64, directory, buffer, sizeof buffer)) != 0;) {
    if (size < 0) return std::nullopt;
    for (long at = 0; at < size; ++count) at += reinterpret_cast<const dirent64*>(buffer + at)->d_reclen;
  }
  return count >= kDots ? std::optional(count - kDots) : std::nullopt;
}

// The value below the name in the section that begins with "IpExt:", whose first line has names and whose
// second has values.
std::optional<double> ip_octets(std::string_view text, std::string_view name) {
  constexpr std::string_view kSection = "IpExt: ";
  const std::size_t names_at = text.find(kSection);
  if (names_at == std::string_view::npos) return std::nullopt;
  const std::size_t values_at = text.find(kSection, names_at + kSection.size());
  if (values_at == std::string_view::npos) return std::nullopt;
  std::istringstream names(std::string(text.substr(names_at, values_at - names_at)));
  std::istringstream values(std::string(text.substr(values_at)));
  std::string word, value;
  while (names >> word && values >> value) {
    if (word == name) return std::strtod(value.c_str(), nullptr);
  }
  return std::nullopt;
}

std::string read_network(int descriptor) {
  std::string text(16384, '\0');
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

double read_boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kKey = "btime ";
    if (!line.starts_with(kKey)) continue;
    double seconds = 0;
    std::from_chars(line.data() + kKey.size(), line.data() + line.size(), seconds);
    return seconds;
  }
  return 0;
}

void add(std::vector<prometheus::MetricFamily>& families, std::string_view name, double value) {
  const Metric& row = metric(name);
  prometheus::MetricFamily family;
  family.name = row.name;
  family.help = row.help;
  family.type =
      row.kind == MetricKind::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  family.metric.resize(1);
  family.metric[0].counter.value = family.metric[0].gauge.value = value;
  families.push_back(std::move(family));
}

void add_limit(std::vector<prometheus::MetricFamily>& families, std::string_view name, int resource) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0) {
    add(families, name, static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

ProcessMetrics::ProcessMetrics()
    : stat_(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC)),
      descriptors_(::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      network_(::open("/proc/self/net/netstat", O_RDONLY | O_CLOEXEC)),
      boot_time_seconds_(read_boot_time()) {}

ProcessMetrics::~ProcessMetrics() {
  if (stat_ >= 0) ::close(stat_);
  if (descriptors_ >= 0) ::close(descriptors_);
  if (network_ >= 0) ::close(network_);
}

std::vector<prometheus::MetricFamily> ProcessMetrics::collect() const {
  std::vector<prometheus::MetricFamily> families;
  timespec spent{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) == 0) {
    add(families, "process_cpu_seconds_total",
        static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9);
  }
  if (const auto open = count_descriptors(descriptors_))
    add(families, "process_open_fds", static_cast<double>(*open));
  add_limit(families, "process_max_fds", RLIMIT_NOFILE);
  add_limit(families, "process_virtual_memory_max_bytes", RLIMIT_AS);
  const std::string network = read_network(network_);
  if (const auto bytes = ip_octets(network, "InOctets"))
    add(families, "process_network_receive_bytes_total", *bytes);
  if (const auto bytes = ip_octets(network, "OutOctets"))
    add(families, "process_network_transmit_bytes_total", *bytes);
  const auto stat = read_stat(stat_);
  if (!stat) return families;
  add(families, "process_threads", (*stat)[kThreads]);
  add(families, "process_virtual_memory_bytes", (*stat)[kVirtualBytes]);
  add(families, "process_resident_memory_bytes",
      (*stat)[kResidentPages] * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  if (boot_time_seconds_ > 0) {
    const double ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
    add(families, "process_start_time_seconds", boot_time_seconds_ + (*stat)[kStartTime] / ticks_per_second);
  }
  return families;
}

}  // namespace lookout
