#include "exporter/actions/kubernetes_api.h"

#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/actions/http_call.h"
#include "exporter/actions/json_at.h"
#include "probes/core/text.h"
#include "probes/core/version.h"
#include "probes/net/secret_file.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";
// A list of pods has some 10 KB for each.
constexpr std::uint64_t kMaximumObject = 16 * 1024 * 1024;
constexpr int kGatewayTimeout = 504;

std::string_view method_of(std::string_view verb) {
  if (verb == "create") return "POST";
  if (verb == "update") return "PUT";
  if (verb == "patch") return "PATCH";
  if (verb == "delete") return "DELETE";
  return "GET";
}

std::string path_of(const KubernetesCall& call, const std::string& in_namespace) {
  std::string path = call.group.empty() ? "/api/v1" : fmt::format("/apis/{}/v1", call.group);
  path += fmt::format("/namespaces/{}/{}", percent_encoded(in_namespace), call.resource);
  if (!call.name.empty()) path += "/" + percent_encoded(call.name);
  if (!call.subresource.empty()) path += fmt::format("/{}", call.subresource);
  if (!call.query.empty()) path += "?" + call.query;
  return path;
}

// "deployments/scale of apps"
std::string resource_of(const KubernetesCall& call) {
  std::string resource(call.resource);
  if (!call.subresource.empty()) resource += fmt::format("/{}", call.subresource);
  return call.group.empty() ? resource : fmt::format("{} of {}", resource, call.group);
}

std::string in_words(const KubernetesCall& call, const std::string& in_namespace, int status,
                     const json::value& answer) {
  const std::string_view message = text_at(answer, "/message");
  switch (status) {
    case 401:
      return "HTTP 401: the API server does not accept the token";
    case 403:
      return fmt::format("HTTP 403: the Role lacks the verb {} for {} in namespace {}", call.verb,
                         resource_of(call), in_namespace);
    case 404:
      return fmt::format("HTTP 404: there is no {}/{} in namespace {}", call.resource, call.name,
                         in_namespace);
    default:
      return fmt::format("HTTP {}: {}", status, message.empty() ? "no reason was given" : message);
  }
}

Attempt<std::string> in_cluster_url(const ProbeRun& run) {
  const char* const host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* const port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || port == nullptr)
    return run.fail(Cause::internal, "Lookout runs in no pod of Kubernetes; write api_server");
  return fmt::format("https://{}:{}", bracketed(host), port);
}

}  // namespace

void throw_exception_from_error(const KubernetesRefusal&, const boost::source_location&) { std::abort(); }

struct KubernetesApi::Access {
  HttpUrl url;
  TlsConfig tls;
  std::string authorization;
};

Attempt<KubernetesApi::Access> KubernetesApi::access() {
  Access access;
  Attempt<std::string> address = server_.in_cluster() ? in_cluster_url(run_) : server_.api_server.value;
  if (!address) return address.error();
  const std::optional<HttpUrl> url = parse_url(*address);
  if (!url) return run_.fail(Cause::internal, "the API server has no URL");
  access.url = *url;
  const auto own = [this](const std::string& configured, std::string_view file) {
    return configured.empty() && server_.in_cluster() ? fmt::format("{}{}", kServiceAccount, file)
                                                      : configured;
  };
  access.tls.ca_file = own(server_.ca_file, "ca.crt");
  const std::string token_file = own(server_.token_file, "token");
  if (token_file.empty()) return access;
  Attempt<std::string> token = read_secret_file(run_, token_file);
  if (!token) return token.error();
  access.authorization = "Bearer " + *token;
  secrets_.push_back(std::move(*token));
  return access;
}

Granted<std::string> KubernetesApi::find_namespace(const std::string& configured) {
  namespace_ = configured;
  if (!namespace_.empty()) return namespace_;
  Attempt<std::string> own = read_secret_file(run_, fmt::format("{}namespace", kServiceAccount));
  if (!own) return KubernetesRefusal{0, "no namespace is configured: " + own.error().detail};
  return namespace_ = std::move(*own);
}

Task<Granted<json::value>> KubernetesApi::read(KubernetesCall call) {
  bool nothing_changes = false;
  co_return co_await change(std::move(call), nothing_changes);
}

Task<Granted<json::value>> KubernetesApi::change(KubernetesCall call, bool& begun) {
  const auto unanswered = [](const Failure& failure) {
    return KubernetesRefusal{0, fmt::format("{}: {}", key(failure), failure.detail)};
  };
  Attempt<Access> way = access();
  if (!way) co_return unanswered(way.error());
  HttpRequest request;
  request.method = method_of(call.verb);
  request.body_limit = kMaximumObject;
  request.headers = {{"User-Agent", std::string(kUserAgent)}, {"Accept", "application/json"}};
  if (!way->authorization.empty()) request.headers.push_back({"Authorization", way->authorization});
  if (!call.body.empty()) {
    request.headers.push_back({"Content-Type", std::string(call.content_type)});
    request.body = std::make_shared<const std::string>(call.body);
  }
  const NetworkOptions network;
  const ProxyConfig no_proxy;
  HttpCall http{way->url, way->url.host, std::move(request)};
  while (http.url.path.ends_with('/')) http.url.path.pop_back();
  http.url.path += path_of(call, namespace_);
  const Attempt<HttpResponse> response =
      co_await call_http(run_, {network, way->tls, no_proxy, {"http/1.1"}}, std::move(http), begun);
  if (!response) co_return unanswered(response.error());
  json::value answer = parsed_json(response->body);
  if (response->status >= 200 && response->status <= 299) {
    if (answer.is_object()) co_return std::move(answer);
    co_return KubernetesRefusal{response->status, "the API server's answer is no object of JSON",
                                told(*response, secrets_)};
  }
  // That the API server gave up waiting says nothing about what becomes of the change.
  if (response->status != kGatewayTimeout) begun = false;
  co_return KubernetesRefusal{response->status, in_words(call, namespace_, response->status, answer),
                              told(*response, secrets_)};
}

}  // namespace lookout
