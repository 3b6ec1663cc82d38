// The server behind --web.config.file: TLS, clients' certificates, users, headers, rate, and changes of the
// file while it serves.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include "tests/net/serve_fixture.h"
#include "tests/net/tls_client.h"
#include "tests/support/test_certificates.h"

namespace lookout::testing {
namespace {

// bcrypt of "secret", cost 4.
constexpr std::string_view kSecretHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
// "alice:secret", "alice:wrong", "nobody:secret"
constexpr std::string_view kAlice = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";
constexpr std::string_view kWrong = "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n";
constexpr std::string_view kNobody = "Authorization: Basic bm9ib2R5OnNlY3JldA==\r\n";

class ServeWeb : public ServeTest {
 protected:
  // Another inode each time, so that a change within the clock's tick counts.
  void write(const std::string& text) {
    const std::string fresh = file_ + ".new";
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, file_);
  }
  void serve(const std::string& text) {
    write(text);
    options.web_config_file = file_;
    options.on_web_config_problems = [this](const std::vector<Problem>& found) {
      problems_.insert(problems_.end(), found.begin(), found.end());
    };
    start();
  }
  std::string refusal(const std::string& text) {
    write(text);
    options.web_config_file = file_;
    try {
      start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it starts";
  }
  std::string tls(const std::string& more = "", const test::Identity* identity = nullptr) {
    if (identity == nullptr) identity = &server_;
    return fmt::format("tls_server_config:\n  cert_file: {}\n  key_file: {}\n{}", identity->certificate_file,
                       identity->key_file, more);
  }
  std::string users() const { return fmt::format("basic_auth_users: {{alice: {}}}\n", kSecretHash); }
  TlsClient::Settings trusting() const { return {.authority_file = certificates_.authority_file()}; }

  test::TestCertificates certificates_;
  test::Identity server_ = certificates_.good();
  std::string file_ = certificates_.folder() + "/web.yml";
  std::vector<Problem> problems_;
};

TEST_F(ServeWeb, OBS_060_AsksForAUserAndStillAddsHeaders) {
  serve(users() +
        "http_server_config: {headers: {X-Frame-Options: deny, Content-Security-Policy: \"frame-src x\"}}\n");
  for (const std::string_view headers : {std::string_view(), kWrong, kNobody}) {
    const Answer answer = get("/metrics", headers);
    EXPECT_EQ(answer.status, 401) << headers;
    EXPECT_EQ(answer.body, "Unauthorized\n");
    EXPECT_EQ(answer.header("www-authenticate"), "Basic");
    EXPECT_EQ(answer.header("x-frame-options"), "deny");
  }
  const Answer page = get("/", kAlice);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-security-policy"), "frame-src x")
      << "the configured one instead of the page's";
  for (const std::string path : {"/nothing", "/-/healthy", "/probe?target=x", "/config"})
    EXPECT_EQ(get(path).status, 401) << path;
  on_loop([&] { EXPECT_TRUE(backend().probed.empty()); });
}

TEST_F(ServeWeb, ChecksOneUserOfManyRequestsAtOnce) {
  serve(users());
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(connect());
    clients.back().send(fmt::format("GET /-/healthy HTTP/1.1\r\nHost: h\r\n{}\r\n", kAlice));
  }
  for (Client& client : clients) EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServeWeb, TurnsAwayMoreGuessesThanItCanCheckAndGoesOnServing) {
  serve(fmt::format("basic_auth_users: {{alice: {}}}\n",
                    "$2b$08$abcdefghijklmnopqrstuuRRCbQGo9TJRLFOpUL8.Jd.3nf7CpsJy"));
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(connect());
    const std::string guess = fmt::format("alice:{:03}", i);
    unsigned char encoded[32];
    EVP_EncodeBlock(encoded, reinterpret_cast<const unsigned char*>(guess.data()),
                    static_cast<int>(guess.size()));
    clients.back().send(fmt::format("GET /-/healthy HTTP/1.1\r\nHost: h\r\nAuthorization: Basic {}\r\n\r\n",
                                    reinterpret_cast<const char*>(encoded)));
  }
  EXPECT_EQ(get("/-/healthy").status, 401) << "without a password there is nothing to wait for";
  int busy = 0;
  for (Client& client : clients) {
    const int status = client.receive().status;
    EXPECT_TRUE(status == 401 || status == 503) << status;
    busy += status == 503 ? 1 : 0;
  }
  EXPECT_GT(busy, 0);
}

TEST_F(ServeWeb, LimitsTheRateBeforeItAsksForAUser) {
  serve(users() + "rate_limit: {interval: 1h, burst: 2}\n");
  EXPECT_EQ(get("/-/healthy").status, 401);
  EXPECT_EQ(get("/-/healthy", kAlice).status, 200);
  const Answer third = get("/-/healthy", kAlice);
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.body, "Too Many Requests\n");
}

TEST_F(ServeWeb, FollowsChangesOfItsFile) {
  serve("http_server_config: {headers: {X-XSS-Protection: \"0\"}}\n");
  Client client = connect();
  EXPECT_EQ(client.get("/-/healthy").header("x-xss-protection"), "0");
  write("basic_auth_users: [");
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.get("/-/healthy");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body, "Internal Server Error\n");
  }
  on_loop([&] { EXPECT_EQ(problems_.size(), 1u) << "told once"; });
  write(users());
  EXPECT_EQ(client.get("/-/healthy").status, 401);
  EXPECT_EQ(client.get("/-/healthy", kAlice).status, 200);
  write("");
  EXPECT_EQ(client.get("/-/healthy").status, 200) << "an empty file demands nothing";
  std::filesystem::remove(file_);
  EXPECT_EQ(client.get("/-/healthy").status, 500);
}

TEST_F(ServeWeb, TakesTheWordForHttp2AndSpeaksHttp1) {
  serve("http_server_config: {http2: true}\n");
  EXPECT_EQ(connect().get("/-/healthy").status, 200);
}

TEST_F(ServeWeb, RefusesToStartWithAnUnusableFile) {
  EXPECT_EQ(refusal("tls_server_config: {cert_file: a}\nfoo: 1\n").find(file_ + ":1:20: "), 0u);
  EXPECT_NE(refusal("http_server_config: {headers: {Server: x}}\n").find("\"Server\" cannot be set"),
            std::string::npos);
  EXPECT_NE(refusal(tls("  client_auth_type: Sometimes\n"))
                .find(":4:21: client_auth_type: \"Sometimes\" is none of"),
            std::string::npos);
  EXPECT_NE(refusal(tls("", &server_) + "  min_version: TLS13\n  max_version: TLS12\n")
                .find("min_version is above"),
            std::string::npos);
  EXPECT_NE(refusal("tls_server_config: {cert_file: none.pem, key_file: none.key}\n")
                .find("cannot read " + certificates_.folder() + "/none.pem"),
            std::string::npos)
      << "relative to the file";
  const std::string hash = refusal("basic_auth_users: {alice: hush}\n");
  EXPECT_NE(hash.find("of user \"alice\": this is no bcrypt hash"), std::string::npos) << hash;
  EXPECT_EQ(hash.find("hush"), std::string::npos) << hash;
  const test::Identity other = certificates_.expired();
  EXPECT_NE(refusal(fmt::format("tls_server_config: {{cert_file: {}, key_file: {}}}\n",
                                server_.certificate_file, other.key_file))
                .find("do not belong together"),
            std::string::npos);
}

TEST_F(ServeWeb, SpeaksTls) {
  serve(tls());
  TlsClient client(port(), trusting());
  ASSERT_EQ(client.trouble(), "");
  EXPECT_EQ(client.version(), "TLSv1.3");
  EXPECT_EQ(client.protocol(), "http/1.1");
  EXPECT_EQ(client.get("/-/healthy").body, "Healthy");
  EXPECT_EQ(client.get("/metrics").status, 200) << "the connection stays";
  client.send("GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\nGET /-/ready HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "Healthy");
  EXPECT_EQ(client.receive().body, "Ready");
}

TEST_F(ServeWeb, SendsLargePagesOverTls) {
  std::vector<TargetConfig> targets;
  for (int i = 0; i < 3000; ++i) targets.push_back(target_named("target-" + std::to_string(i)));
  add_targets(std::move(targets));
  serve(tls());
  TlsClient client(port(), trusting());
  const Answer page = client.get("/metrics");
  EXPECT_GT(page.body.size(), 1'000'000u);
  EXPECT_NE(page.body.find("target-2999"), std::string::npos);
}

TEST_F(ServeWeb, ReadsManyRequestsOfOneTlsRecord) {
  serve(tls());
  TlsClient client(port(), trusting());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.receive().body, "Healthy") << i;
}

TEST_F(ServeWeb, TellsAPlainClientThatTlsIsSpoken) {
  serve(tls());
  EXPECT_EQ(get("/-/healthy").body, "Client sent an HTTP request to an HTTPS server.\n");
}

TEST_F(ServeWeb, CutsHandshakesThatDoNotEnd) {
  options.limits.header_timeout = std::chrono::milliseconds(200);
  serve(tls());
  Client silent = connect(), partial = connect(), nonsense = connect();
  partial.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  nonsense.send(std::string(64, '\xFF'));
  EXPECT_EQ(silent.receive_rest(), "");
  EXPECT_EQ(partial.receive_rest(), "");
  EXPECT_TRUE(nonsense.readable(std::chrono::seconds(10))) << "an alert, or its end";
  EXPECT_EQ(TlsClient(port(), trusting()).get("/-/healthy").status, 200);
}

TEST_F(ServeWeb, KeepsToVersionsSuitesAndCurves) {
  serve(
      tls("  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n  curve_preferences: [CurveP384]\n"));
  TlsClient client(port(), trusting());
  ASSERT_EQ(client.trouble(), "");
  EXPECT_EQ(client.version(), "TLSv1.2");
  EXPECT_NE(client.cipher().find("AES256-GCM-SHA384"), std::string::npos) << client.cipher();
  EXPECT_EQ(client.group(), "secp384r1");
  TlsClient::Settings other = trusting();
  other.ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256";
  other.highest = TLS1_2_VERSION;
  EXPECT_NE(TlsClient(port(), other).trouble(), "");
}

TEST_F(ServeWeb, RefusesVersionsBelowItsLowest) {
  serve(tls("  min_version: TLS13\n"));
  TlsClient::Settings old = trusting();
  old.highest = TLS1_2_VERSION;
  EXPECT_NE(TlsClient(port(), old).trouble(), "");
  EXPECT_EQ(TlsClient(port(), trusting()).trouble(), "");
}

struct ClientAuthCase {
  const char* type;
  bool without, with_strange, with_good;  // whether such a client is served
};

class ServeWebClients : public ServeWeb, public ::testing::WithParamInterface<ClientAuthCase> {};

// Under TLS 1.3 a client learns only with its first read that it was refused.
bool served(std::uint16_t port, const TlsClient::Settings& settings) {
  TlsClient client(port, settings);
  return client.trouble().empty() && client.asks("/-/healthy");
}

TEST_P(ServeWebClients, MustShowWhatIsAskedFor) {
  const ClientAuthCase& c = GetParam();
  serve(tls(fmt::format("  client_auth_type: {}\n", c.type) +
            (std::string_view(c.type) == "NoClientCert"
                 ? ""
                 : fmt::format("  client_ca_file: {}\n", certificates_.authority_file()))));
  const test::Identity good = certificates_.client(), strange = certificates_.untrusted();
  TlsClient::Settings settings = trusting();
  EXPECT_EQ(served(port(), settings), c.without);
  settings.identity = &strange;
  EXPECT_EQ(served(port(), settings), c.with_strange);
  settings.identity = &good;
  EXPECT_EQ(served(port(), settings), c.with_good);
}

INSTANTIATE_TEST_SUITE_P(Types, ServeWebClients,
                         ::testing::Values(ClientAuthCase{"NoClientCert", true, true, true},
                                           ClientAuthCase{"RequestClientCert", true, true, true},
                                           ClientAuthCase{"RequireAnyClientCert", false, true, true},
                                           ClientAuthCase{"RequireClientCert", false, true, true},
                                           ClientAuthCase{"VerifyClientCertIfGiven", true, false, true},
                                           ClientAuthCase{"RequireAndVerifyClientCert", false, false, true}),
                         [](const auto& info) { return std::string(info.param.type); });

TEST_F(ServeWeb, TakesOnlyClientsOfTheNamesAllowed) {
  serve(
      tls(fmt::format("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: {}\n"
                      "  client_allowed_sans: [scraper.example, 10.1.2.3]\n",
                      certificates_.authority_file())));
  const auto identity = [&](std::vector<std::string> names, std::vector<std::string> addresses) {
    test::CertificateRequest request;
    request.dns_names = std::move(names);
    request.ip_addresses = std::move(addresses);
    request.for_client = true;
    return certificates_.make(request);
  };
  const test::Identity named = identity({"other.example", "scraper.example"}, {}),
                       addressed = identity({}, {"10.1.2.3"}),
                       neither = identity({"scraper.example.org"}, {"10.1.2.4"});
  TlsClient::Settings settings = trusting();
  settings.identity = &named;
  EXPECT_TRUE(served(port(), settings));
  settings.identity = &addressed;
  EXPECT_TRUE(served(port(), settings));
  settings.identity = &neither;
  EXPECT_FALSE(served(port(), settings));
}

TEST_F(ServeWeb, TakesUpARenewedCertificate) {
  namespace fs = std::filesystem;
  const std::string cert = certificates_.folder() + "/live.pem", key = certificates_.folder() + "/live.key";
  const auto install = [&](const std::string& from, const std::string& to) {
    fs::copy_file(from, to + ".new", fs::copy_options::overwrite_existing);
    fs::rename(to + ".new", to);
  };
  install(server_.certificate_file, cert);
  install(server_.key_file, key);
  serve("tls_server_config: {cert_file: live.pem, key_file: live.key}\n");
  const std::string before = TlsClient(port(), trusting()).certificate();
  const test::Identity renewed = certificates_.good();
  install(renewed.certificate_file, cert);
  EXPECT_EQ(TlsClient(port(), trusting()).certificate(), before) << "in the middle of the renewal";
  on_loop([&] { EXPECT_EQ(problems_.size(), 1u); });
  install(renewed.key_file, key);
  const std::string after = TlsClient(port(), trusting()).certificate();
  EXPECT_NE(after, before);
  EXPECT_NE(after, "");
}

}  // namespace
}  // namespace lookout::testing
