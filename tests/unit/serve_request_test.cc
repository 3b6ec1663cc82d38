// From bytes to requests: whole, in single bytes, and hostile ones.
#include <gtest/gtest.h>

#include "exporter/serve/listen_address.h"
#include "exporter/serve/request_reader.h"

namespace lookout {
namespace {

constexpr std::size_t kHeaderLimit = 1024, kBodyLimit = 100;

void put(InputBuffer& input, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = input.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.data(), count, room.data());
    input.received(count);
    bytes.remove_prefix(count);
  }
}

struct Reading {
  RequestReader::Progress progress = RequestReader::Progress::need_more;
  int status = 0;
  Request request;
  std::string left;
};

// `step`: how many bytes arrive at a time.
Reading read(std::string_view bytes, std::size_t step = 1 << 20) {
  BlockPool pool;
  InputBuffer input(pool, kHeaderLimit + 1);
  RequestReader reader(kHeaderLimit, kBodyLimit);
  Reading outcome;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t count = std::min({step, bytes.size() - at, kHeaderLimit + 1 - input.bytes().size()});
    put(input, bytes.substr(at, count));
    at += count;
    outcome.progress = reader.advance(input);
    if (outcome.progress == RequestReader::Progress::complete) {
      outcome.request = reader.take();
      outcome.left = std::string(input.bytes()) + std::string(bytes.substr(at));
      return outcome;
    }
    if (outcome.progress == RequestReader::Progress::failed) {
      outcome.status = reader.status();
      EXPECT_FALSE(reader.reason().empty());
      return outcome;
    }
  }
  return outcome;
}

TEST(ServeRequest, ReadsARequestHoweverItArrives) {
  const std::string_view bytes =
      "GET /probe?target=a%20b&x HTTP/1.1\r\nHost: h\r\naccept: text/plain\r\nAccept: */*;q=0.1\r\n"
      "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\nX-Other: y\r\n\r\nGET /next";
  for (const std::size_t step : {1, 2, 3, 7, 1000}) {
    const Reading outcome = read(bytes, step);
    ASSERT_EQ(outcome.progress, RequestReader::Progress::complete) << step;
    EXPECT_EQ(outcome.request.method, "GET");
    EXPECT_EQ(outcome.request.path, "/probe");
    EXPECT_EQ(outcome.request.query, "target=a%20b&x");
    EXPECT_EQ(outcome.request.accept, "text/plain, */*;q=0.1");
    EXPECT_EQ(outcome.request.accept_encoding, "gzip");
    EXPECT_EQ(outcome.request.scrape_timeout, "10");
    EXPECT_TRUE(outcome.request.http_1_1);
    EXPECT_TRUE(outcome.request.keep_alive);
    EXPECT_EQ(outcome.left, "GET /next");
  }
}

TEST(ServeRequest, ReadsBodies) {
  for (const std::size_t step : {1, 2, 5, 1000}) {
    const Reading sized = read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET", step);
    ASSERT_EQ(sized.progress, RequestReader::Progress::complete) << step;
    EXPECT_EQ(sized.request.body, "hello");
    EXPECT_EQ(sized.left, "GET");
    const Reading chunked = read(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nHost: not-a-second-one\r\n\r\nGET",
        step);
    ASSERT_EQ(chunked.progress, RequestReader::Progress::complete) << step;
    EXPECT_EQ(chunked.request.body, "hello");
    EXPECT_EQ(chunked.left, "GET");
  }
}

TEST(ServeRequest, KnowsWhoKeepsTheConnection) {
  EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").request.keep_alive);
  EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").request.keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").request.keep_alive);
}

TEST(ServeRequest, SplitsTheTarget) {
  struct Case {
    std::string_view target, path, query;
  };
  for (const Case& c : {Case{"/", "/", ""}, Case{"/a?", "/a", ""}, Case{"/a?b?c", "/a", "b?c"},
                        Case{"http://h:1/a?b", "/a", "b"}, Case{"http://h", "/", ""},
                        Case{"http://h?b", "/", "b"}, Case{"*", "*", ""}}) {
    const Reading outcome = read("GET " + std::string(c.target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_EQ(outcome.progress, RequestReader::Progress::complete) << c.target;
    EXPECT_EQ(outcome.request.path, c.path) << c.target;
    EXPECT_EQ(outcome.request.query, c.query) << c.target;
  }
}

TEST(ServeRequest, IgnoresBlankLinesBefore) {
  EXPECT_EQ(read("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 1).progress, RequestReader::Progress::complete);
  EXPECT_EQ(read("\r\n\r\n\r\n\r\n\r\n", 2).status, 400) << "and nothing but blank lines is no request";
}

TEST(ServeRequest, SaysOnceThatTheClientWaits) {
  BlockPool pool;
  InputBuffer input(pool, kHeaderLimit + 1);
  RequestReader reader(kHeaderLimit, kBodyLimit);
  put(input, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(reader.advance(input), RequestReader::Progress::continue_expected);
  put(input, "a");
  EXPECT_EQ(reader.advance(input), RequestReader::Progress::need_more);
  put(input, "b");
  EXPECT_EQ(reader.advance(input), RequestReader::Progress::complete);
}

TEST(ServeRequest, RefusesWhatOthersMayReadDifferently) {
  const std::string nul("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29);
  const auto with = [](std::string_view lines) {
    return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(lines);
  };
  const std::pair<std::string, int> cases[]{
      {nul, 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
      {"\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"GET / FTP/1.1\r\nHost: h\r\n\r\n", 505},
      {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"\x16\x03\x01\x02hello\r\n\r\n", 400},
      {with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
      {with("Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
      {with("Transfer-Encoding: identity\r\n\r\n"), 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {with("Content-Length: -1\r\n\r\n"), 400},
      {with("Content-Length: +1\r\n\r\n"), 400},
      {with("Content-Length: 1x\r\n\r\n"), 400},
      {with("Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400},
      {with("Content-Length: 99999999999999999999999\r\n\r\n"), 400},
      {with("Content-Length: 101\r\n\r\n"), 413},
      {with("Transfer-Encoding: chunked\r\n\r\n65\r\n"), 413},
      {with("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\n\r\nx\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\n\r\n1\r\nabcdef"), 400},
      {"GET /" + std::string(kHeaderLimit, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
      {with("X: " + std::string(kHeaderLimit, 'a') + "\r\n\r\n"), 431},
      {std::string(kHeaderLimit + 1, 'a'), 431},
      {with("Transfer-Encoding: chunked\r\n\r\n1;" + std::string(2 * kHeaderLimit, 'a')), 400},
  };
  for (const auto& [bytes, status] : cases) {
    for (const std::size_t step : {1, 1000000}) {
      const Reading outcome = read(bytes, step);
      EXPECT_EQ(outcome.progress, RequestReader::Progress::failed) << bytes;
      EXPECT_EQ(outcome.status, status) << bytes;
    }
  }
}

TEST(ServeInputBuffer, HoldsMemoryOnlyWhileItHoldsBytes) {
  BlockPool pool;
  InputBuffer input(pool, 20000);
  put(input, std::string(10000, 'x'));
  EXPECT_EQ(input.bytes().size(), 10000u);
  input.consume(9999);
  put(input, std::string(10000, 'y'));
  EXPECT_EQ(input.bytes(), "x" + std::string(10000, 'y'));
  input.shrink();
  EXPECT_EQ(input.bytes().size(), 10001u);
  input.consume(10001);
  input.shrink();
  EXPECT_EQ(input.bytes().data(), nullptr);
}

TEST(ServeListenAddress, TakesGoForms) {
  const auto split = [](std::string_view text) {
    const HostAndService parts = split_listen_address(text);
    return parts.host + "|" + parts.service;
  };
  EXPECT_EQ(split(":9115"), "|9115");
  EXPECT_EQ(split("127.0.0.1:0"), "127.0.0.1|0");
  EXPECT_EQ(split("[::1]:9115"), "::1|9115");
  EXPECT_EQ(split("localhost:http"), "localhost|http");
  for (const std::string_view bad :
       {"", "9115", "localhost", "localhost:", "::1:9115", "[::1]", ":70000", ":999999"}) {
    EXPECT_THROW(split_listen_address(bad), std::runtime_error) << bad;
  }
}

}  // namespace
}  // namespace lookout
