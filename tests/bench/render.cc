// /metrics of many targets: Lookout's streamed page against prometheus-cpp's own way, Registry::Collect and
// TextSerializer, of the same samples. CPU seconds of the process, medians; how long one piece and the
// snapshot keep the main loop; what a target costs in memory.
//
//   bench_render [TARGETS]     default 20000; exit 1 if the ratio is below 10
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <malloc.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "exporter/incident/step.h"
#include "exporter/metrics/exposition.h"

namespace lookout {
namespace {

constexpr int kRuns = 5;
constexpr double kWantedRatio = 10;

// What a probe of http states.
constexpr FactFamily kLookup{"probe_dns_lookup_time_seconds", "Time that resolving the target's name took"};
constexpr FactFamily kProtocol{"probe_ip_protocol", "IP protocol that the probe used: 4 or 6"};
constexpr FactFamily kHash{"probe_ip_addr_hash", "Hash of the target's address, to see that it changed"};
constexpr FactFamily kPhases{"probe_http_duration_seconds", "Time by phase, over all redirects"};
constexpr FactFamily kStatus{"probe_http_status_code", "Status of the last response"};
constexpr FactFamily kLength{"probe_http_content_length", "Content-Length of the last response"};
constexpr FactFamily kBody{"probe_http_uncompressed_body_length", "Length of the uncompressed body"};
constexpr FactFamily kRedirects{"probe_http_redirects", "Redirects followed"};
constexpr FactFamily kSsl{"probe_http_ssl", "Whether the last response came over TLS"};
constexpr FactFamily kVersion{"probe_http_version", "HTTP version of the last response"};
constexpr FactFamily kRegex{"probe_failed_due_to_regex", "Whether a pattern failed the probe"};

double cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

template <class Work>
double median_seconds(Work work) {
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    const double before = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - before);
  }
  std::ranges::sort(times);
  return times[kRuns / 2];
}

std::shared_ptr<ProbeResult> result(std::mt19937& random) {
  const auto some = [&random] { return static_cast<double>(random() % 10'000'000) / 1e9; };
  auto probe = std::make_shared<ProbeResult>();
  probe->verdict = Verdict::up;
  probe->started = std::chrono::system_clock::now();
  probe->duration = Duration(random() % 100'000'000);
  probe->timeout = std::chrono::seconds(5);
  probe->stages = {
      {Stage::connect, Duration(1)}, {Stage::request, Duration(1)}, {Stage::response, Duration(1)}};
  probe->facts = {{&kLookup, some(), ""},
                  {&kProtocol, 4, ""},
                  {&kHash, static_cast<double>(random()), ""},
                  {&kPhases, some(), "phase=\"resolve\""},
                  {&kPhases, some(), "phase=\"connect\""},
                  {&kPhases, 0, "phase=\"tls\""},
                  {&kPhases, some(), "phase=\"processing\""},
                  {&kPhases, some(), "phase=\"transfer\""},
                  {&kStatus, 200, ""},
                  {&kLength, 1024, ""},
                  {&kBody, 1024, ""},
                  {&kRedirects, 0, ""},
                  {&kSsl, 0, ""},
                  {&kVersion, 1.1, ""},
                  {&kRegex, 0, ""}};
  for (int line = 0; line < 12; ++line)
    probe->trace.push_back({Duration(line), "a line for people, of the usual length"});
  return probe;
}

void fill(Book& book, int targets) {
  Config config;
  for (int i = 0; i < targets; ++i) {
    auto target = std::make_shared<TargetConfig>();
    target->name = "service-" + std::to_string(i);
    target->address =
        "http://10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ":8080/health";
    config.targets.push_back(std::move(target));
  }
  book.apply(config);
  std::mt19937 random(1);
  for (const auto& target : config.targets) {
    const auto probe = result(random);
    book.enter(target->name, probe, step({}, {}, {probe->verdict, {probe->started, {}}, probe->duration}));
  }
}

// The same samples in a registry, read off the page. Names and values of the page hold nothing that is
// escaped.
struct Copy {
  prometheus::Registry registry;
  std::size_t series = 0;

  explicit Copy(const std::string& page) {
    std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
    std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
    prometheus::Family<prometheus::Histogram>* latency = nullptr;
    std::string kind, name, help;
    for (std::size_t begin = 0, end; begin < page.size(); begin = end + 1) {
      end = page.find('\n', begin);
      const std::string line = page.substr(begin, end - begin);
      if (line.starts_with("# HELP ")) {
        name = line.substr(7, line.find(' ', 7) - 7);
        help = line.substr(8 + name.size());
        continue;
      }
      if (line.starts_with("# TYPE ")) {
        kind = line.substr(line.rfind(' ') + 1);
        if (kind == "gauge")
          gauges[name] = &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
        if (kind == "counter")
          counters[name] = &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
        if (name == "lookout_probe_latency_seconds") {
          latency = &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
        }
        continue;
      }
      const double value = std::strtod(line.c_str() + line.rfind(' '), nullptr);
      if (kind == "gauge") gauges[name]->Add(labels(line)).Set(value), ++series;
      if (kind == "counter") counters[name]->Add(labels(line)).Increment(value), ++series;
      if (line.starts_with("lookout_probe_latency_seconds_sum")) {
        const prometheus::Histogram::BucketBoundaries bounds(kLatencyBounds.begin(), kLatencyBounds.end());
        latency->Add(labels(line), bounds).Observe(value);
        series += bounds.size() + 3;
      }
    }
  }

  static prometheus::Labels labels(const std::string& line) {
    prometheus::Labels result;
    std::size_t at = line.find('{');
    while (at != std::string::npos && line[at] != '}') {
      const std::size_t equals = line.find('=', at), end = line.find('"', equals + 2);
      result[line.substr(at + 1, equals - at - 1)] = line.substr(equals + 2, end - equals - 2);
      at = end + 1;
    }
    return result;
  }
};

int run(int targets) {
  const std::size_t heap_before = ::mallinfo2().uordblks;
  Book book;
  fill(book, targets);
  const double per_target = static_cast<double>(::mallinfo2().uordblks - heap_before) / targets;

  SelfMetrics self;
  std::size_t bytes = 0;
  double longest_piece = 0, snapshot = 0;
  std::string piece;
  const double ours = median_seconds([&] {
    const double start = cpu_seconds();
    Scrape scrape(book, self, ExpositionFormat::text, std::chrono::system_clock::now());
    snapshot = std::max(snapshot, cpu_seconds() - start);
    bytes = 0;
    for (bool more = true; more; bytes += piece.size()) {
      piece.clear();
      const double before = cpu_seconds();
      more = scrape.next(piece);
      longest_piece = std::max(longest_piece, cpu_seconds() - before);
    }
  });

  std::string page;
  Scrape scrape(book, self, ExpositionFormat::text, std::chrono::system_clock::now());
  while (scrape.next(page)) {
  }
  const Copy copy(page);
  std::size_t library_bytes = 0;
  const prometheus::TextSerializer serializer;
  const double library = median_seconds([&] {
    library_bytes =
        static_cast<const prometheus::Serializer&>(serializer).Serialize(copy.registry.Collect()).size();
  });

  const double ratio = library / ours;
  std::printf("/metrics of %d targets, %zu series\n", targets, copy.series);
  std::printf("  Lookout, streamed       %8.1f ms  %6.1f MB\n", ours * 1e3, static_cast<double>(bytes) / 1e6);
  std::printf("  prometheus-cpp          %8.1f ms  %6.1f MB\n", library * 1e3,
              static_cast<double>(library_bytes) / 1e6);
  std::printf("  ratio                   %8.1f     (wanted: %.0f)\n", ratio, kWantedRatio);
  std::printf("  snapshot %.2f ms, longest piece of 64 KiB %.2f ms (worst of %d pages)\n", snapshot * 1e3,
              longest_piece * 1e3, kRuns);
  std::printf("  memory per target: %.0f bytes (configuration, record and newest probe)\n", per_target);
  return ratio >= kWantedRatio ? 0 : 1;
}

}  // namespace
}  // namespace lookout

int main(int count, char** arguments) {
  const int targets = count > 1 ? std::atoi(arguments[1]) : 20'000;
  if (targets <= 0) {
    std::fprintf(stderr, "usage: bench_render [TARGETS]\n");
    return 2;
  }
  return lookout::run(targets);
}
