#include "exporter/metrics/exposition_format.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

constexpr auto kText = ExpositionFormat::text;
constexpr auto kOpenMetrics = ExpositionFormat::openmetrics;

TEST(ExpositionFormat, IsWhatTheClientPrefers) {
  struct Case {
    std::string_view accept;
    ExpositionFormat format;
  };
  for (const Case& c : {
           Case{"", kText},
           Case{"*/*", kText},
           Case{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kText},
           Case{"application/json", kText},
           Case{"nonsense;;;=,,,;q=x", kText},
           // Prometheus 3.5 and 2.42
           Case{"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
                "openmetrics-text;"
                "version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/"
                "plain;version=0.0.4;q=0.3,*/*;q=0.2",
                kOpenMetrics},
           Case{
               "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
               "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
               kOpenMetrics},
           Case{"application/"
                "vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                kOpenMetrics},
           Case{"application/vnd.google.protobuf;q=1,text/plain;version=0.0.4;q=0.2", kText},
           Case{"application/openmetrics-text", kOpenMetrics},
           Case{"Application/OpenMetrics-Text ; Version=\"1.0.0\"", kOpenMetrics},
           Case{"application/openmetrics-text;version=0.0.1", kText},
           Case{"application/openmetrics-text;version=2.0.0", kText},
           Case{"application/openmetrics-text;version=1.0.0;q=0.3,text/plain;q=0.7", kText},
           Case{"application/openmetrics-text;q=0.7,text/plain;q=0.3", kOpenMetrics},
           Case{"application/openmetrics-text;q=0,*/*", kText},
           Case{"application/openmetrics-text;q=0", kText},
           Case{"application/openmetrics-text;q=wrong", kText},
           Case{"application/openmetrics-text;q=7", kText},
           // The same quality: the more specific range, then the first.
           Case{"*/*,application/openmetrics-text", kOpenMetrics},
           Case{"text/*,application/openmetrics-text", kOpenMetrics},
           Case{"application/openmetrics-text,text/plain", kOpenMetrics},
           Case{"text/plain,application/openmetrics-text", kText},
           // The most specific range gives a format its quality.
           Case{"text/plain;q=0.1,*/*;q=1,application/openmetrics-text;q=0.5", kOpenMetrics},
           Case{"application/*", kText},
           Case{"text/plain;version=1.0.0;q=0.9,application/openmetrics-text;q=0.2", kOpenMetrics},
       }) {
    EXPECT_EQ(negotiate_format(c.accept), c.format) << c.accept;
  }
}

TEST(ExpositionFormat, HasTheContentTypeThatPrometheusWants) {
  EXPECT_EQ(content_type(kText, ""), "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
  EXPECT_EQ(content_type(kOpenMetrics, "text/plain;escaping=values"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values");
}

}  // namespace
}  // namespace lookout
