// The table itself, in the order of stages. Each row names what to look at, and how.
#include "exporter/report/advice.h"

namespace lookout {
namespace {

using enum Stage;
using enum Cause;

constexpr AdviceRow kRows[] = {
    {resolve, timeout, "",
     "The name servers did not answer. Ask by hand: `dig {host}`. They are those of /etc/resolv.conf, or of "
     "the module's `resolvers`."},
    {resolve, not_found, "",
     "Is {host} spelt right? Ask by hand: `dig {host} A {host} AAAA`. With `ip_protocol_fallback: false` "
     "only "
     "addresses of `preferred_ip_protocol` count."},
    {resolve, refused, "",
     "The name server does not answer this machine. Ask by hand: `dig {host}`; does it allow recursion from "
     "here?"},
    {resolve, protocol, "",
     "The name servers answered, and not with an address: their own upstream may be down (SERVFAIL), or "
     "DNSSEC "
     "broken. Ask by hand: `dig {host}`."},
    {resolve, internal, "",
     "The fault is on this side, and the text above names it: a target in another form than the prober's, a "
     "value of the module that cannot work, or nothing left to ask with (`ulimit -n`)."},
    {resolve, internal, "http",
     "The fault is on this side, and the text above names it. A target of an http module is a URL such as "
     "https://example.org/health; files that the module names are looked for in the folder where Lookout was "
     "started."},
    {resolve, internal, "tcp",
     "The fault is on this side, and the text above names it. A target of a tcp module is HOST:PORT, with an "
     "IPv6 address in brackets: [::1]:25."},

    {connect, timeout, "",
     "Nothing answers at all: a firewall that drops, a host that is off, or a wrong address. Does it answer "
     "`lookout probe --module=icmp {host}`? On the host: `ss -ltn` and its firewall's rules."},
    {connect, refused, "",
     "The host is there, and nothing listens on port {port}. Does the service run, and on this address "
     "rather "
     "than on 127.0.0.1 only? On the host: `ss -ltn 'sport = :{port}'`."},
    {connect, refused, "http",
     "The host is there, and nothing listens on port {port}. Does the service run, and on this address "
     "rather "
     "than on 127.0.0.1 only? On the host: `ss -ltn 'sport = :{port}'`. If it was the proxy that refused, "
     "its "
     "rules do not allow this destination."},
    {connect, timeout, "unix",
     "The socket is there, and its queue of connections is full: the service hangs, or is overloaded. `ss "
     "-xl` shows "
     "how many wait."},
    {connect, refused, "unix",
     "The socket's file is there, and nobody listens: the service ended and left it behind. Does it run? `ss "
     "-xlp`."},
    {connect, not_found, "",
     "There is nothing at {target}: does the service run, and is its socket there and not elsewhere? `ss "
     "-xl`."},
    {connect, unreachable, "",
     "A router or firewall on the way says that it does not pass this on. `tracepath -n {host}` shows how "
     "far it "
     "comes; then look at that hop's routes and rules."},
    {connect, closed, "",
     "The connection was broken off as soon as it stood: a balancer without a healthy backend, a full queue, "
     "a "
     "firewall that resets. Look into the service's log at this time."},
    {connect, closed, "http",
     "The connection was broken off as soon as it stood: a balancer without a healthy backend, a full queue, "
     "a "
     "firewall that resets, a proxy that does not know CONNECT. Look into its log at this time."},
    {connect, protocol, "",
     "The proxy does not speak as a proxy does: are scheme, host and port of `proxy_url` those of one?"},
    {connect, protocol, "unix",
     "What is at {target} is no stream socket: is the path right? `ls -l {target}`; `ss -xl`."},
    {connect, limit, "",
     "The proxy's answer has no end, so it is hardly a proxy: are scheme, host and port of `proxy_url` "
     "right?"},
    {connect, internal, "",
     "This machine could not begin: no route (`ip route`), no descriptor (`ulimit -n`), no free port (`ss "
     "-s`), "
     "or a source address that is not its own (`ip address`)."},

    {connect, internal, "unix",
     "This process could not use the socket: mostly it lacks the right to. `ls -l {target}`, and as whom "
     "does Lookout "
     "run (`id`)?"},
    {tls, timeout, "",
     "The port is open, and nobody answers the handshake: a plain-text service that waits for its client, or "
     "one that hangs. By hand: `openssl s_client -connect {at}`."},
    {tls, closed, "",
     "The peer hung up within the handshake: it speaks no TLS on this port, does not know the name that was "
     "asked for (`tls_config: server_name`), or wants a client certificate. By hand: `openssl s_client "
     "-connect "
     "{at}`."},
    {tls, protocol, "",
     "What came is not the TLS that was offered: a plain-text port (http instead of https? `starttls` "
     "missing?), or no version or cipher in common (`tls_config: min_version`). By hand: `openssl s_client "
     "-connect {at}`."},
    {tls, certificate_expired, "",
     "Renew the certificate that is out of its time, above, and have the service load it; a renewed file is "
     "often not loaded yet. If it should be valid: is this machine's clock right (`date -u`)?"},
    {tls, certificate_untrusted, "",
     "The chain does not lead to an authority that is trusted here. Does the server send its intermediate "
     "certificates (`openssl s_client -showcerts -connect {at}`)? An authority of your own is given as "
     "`tls_config: {{ca_file: ...}}`."},
    {tls, certificate_name, "",
     "The certificate belongs to other names. Is this the right host, and does it serve the right "
     "certificate "
     "for this name? To probe by address, say the name: `tls_config: {{server_name: ...}}`."},
    {tls, unreachable, "",
     "The way to the peer broke within the handshake. `tracepath -n {host}` shows how far packets come, and "
     "at "
     "which size they are lost."},
    {tls, internal, "",
     "The fault is on this side, and the text above names it: a file of `tls_config` that cannot be read, a "
     "key that does not fit its certificate, or no `server_name` to verify."},

    {request, timeout, "",
     "The peer does not take what is sent: it hangs, or never reads. Look into its log at this time, and at "
     "how "
     "busy it is."},
    {request, timeout, "http",
     "The service took the request and did not begin to answer: it hangs, is overloaded, or waits for a "
     "backend "
     "of its own. Is it only slow? `curl -m 60 -o /dev/null -w '%{{time_total}}' {target}`."},
    {request, closed, "",
     "The peer hung up while it was spoken to: it crashed, or does not want this client. Look into its log "
     "at "
     "this time."},
    {request, closed, "http",
     "The service hung up instead of answering: it crashed on the request, wants TLS on this port, or a "
     "balancer "
     "lost its backend. Look into its log at this time."},
    {request, limit, "",
     "The packet is larger than the way takes: lower `payload_size`, or look at the interface's MTU (`ip "
     "link`)."},
    {request, internal, "",
     "This machine could not send: no route (`ip route`), no descriptor (`ulimit -n`), or a file of the "
     "module that cannot be read; the text above says which."},

    {response, timeout, "",
     "The connection stands, and what is waited for does not come. Listen by hand: `nc {host} {port}`. Does "
     "the "
     "service wait for something that the module does not send?"},
    {response, timeout, "http",
     "The answer began and did not end: a slow body, a stalled backend, or a stream that never ends. By "
     "hand: "
     "`curl -v -m 60 -o /dev/null {target}`."},
    {response, timeout, "dns",
     "The name server did not answer. By hand: `dig @{host} -p {port}`, once more with `+tcp`. Does it run, "
     "and "
     "do firewalls let UDP through in both directions?"},
    {response, timeout, "icmp",
     "No echo came back: the host is off, or a firewall drops ICMP on the way there or back. Does another "
     "service of it answer, e.g. `lookout probe {host}:22`? `tracepath -n {host}` shows how far packets "
     "come."},
    {response, timeout, "grpc",
     "The server took the call and did not answer it: it hangs, or its health service waits for something. "
     "By hand: "
     "`grpc_health_probe -addr={at}`."},
    {response, timeout, "udp",
     "No datagram came back. UDP does not say whether anybody listens: does the service run (`ss -lun` on "
     "the host), "
     "do firewalls let the answer back, and is this a question that it answers?"},
    {response, refused, "",
     "The peer does not want this client: are its rules right for this machine's address?"},
    {response, refused, "dns",
     "The name server does not answer this question for this machine: it has no such zone, and offers no "
     "recursion to here. Or no name server listens on the port. By hand: `dig @{host} -p {port}`."},
    {response, refused, "grpc",
     "The server does not allow this call: are the credentials in `metadata` or the client certificate "
     "right?"},
    {response, refused, "udp",
     "The host is there, and nothing listens on UDP port {port}. Does the service run, and on this address? "
     "On the "
     "host: `ss -lun 'sport = :{port}'`."},
    {response, unreachable, "",
     "A host or router on the way answered that it does not pass this on. `tracepath -n {host}` shows how "
     "far "
     "packets come; then look at that hop's routes and rules."},
    {response, closed, "",
     "The peer hung up before it said what is expected. Listen by hand: `nc {host} {port}`, and look into "
     "the "
     "service's log at this time."},
    {response, closed, "http",
     "The answer broke off in the middle: a crash, a restart, or a balancer that lost its backend. Look into "
     "the service's log at this time."},
    {response, closed, "dns",
     "The name server closed the connection without an answer: does it serve TCP, and this machine? By hand: "
     "`dig +tcp @{host} -p {port}`."},
    {response, not_found, "",
     "The peer does not know what was asked for. If that is expected, the module has to say so."},
    {response, not_found, "dns",
     "The name server says that `query_name` does not exist (NXDOMAIN). Is the zone loaded and the name "
     "spelt "
     "right? If this answer is the right one: `valid_rcodes: [NXDOMAIN]`."},
    {response, not_found, "grpc",
     "The server does not know the `service` that was asked about: is the name spelt as it registers it, "
     "package and "
     "all? An empty `service` asks about the whole server."},
    {response, protocol, "",
     "The peer speaks something else than the module expects. Is this the right port? Listen by hand: `nc "
     "{host} "
     "{port}`."},
    {response, protocol, "http",
     "This is not the HTTP that is expected: another service on this port, a broken header, an unusable "
     "redirect, or a body in another coding than `compression` says. By hand: `curl -v {target}`."},
    {response, protocol, "dns",
     "What came is no usable DNS answer: is port {port} a name server's? By hand: `dig @{host} -p {port}`."},
    {response, protocol, "grpc",
     "The peer has no health service, or does not speak gRPC on this port: is grpc.health.v1.Health "
     "registered, and "
     "is `tls` set as the server has it? By hand: `grpc_health_probe -addr={at}`."},
    {response, status, "", "The service answers, and says that it is unwell: its own log knows why."},
    {response, status, "http",
     "The service answers, and says that it is unwell: read its body with `curl -i {target}`, and its log. "
     "If "
     "this status is the right one, list it in `valid_status_codes`."},
    {response, status, "dns",
     "The name server could not answer (SERVFAIL and the like): are its zone and its own upstream well? By "
     "hand: "
     "`dig @{host} -p {port}`. If this code is the right one, list it in `valid_rcodes`."},
    {response, status, "grpc",
     "The server says that the service is not serving, or could not say: its own log knows why. By hand: "
     "`grpc_health_probe -addr={at}`."},
    {response, limit, "",
     "The peer sends more than is read, without what is expected in it. Is this the right port?"},
    {response, limit, "http",
     "The answer is larger than allowed, or redirected too often. Raise `body_size_limit` if the size is "
     "right; "
     "follow redirects by hand: `curl -sIL {target}`."},
    {response, limit, "icmp",
     "The packet does not fit through a link on the way and may not be split: lower `payload_size`, or set "
     "`dont_fragment: false`. `tracepath -n {host}` shows the size that fits."},
    {response, internal, "",
     "This machine could not go on; the text above says why. Is it overloaded, or out of descriptors "
     "(`ulimit "
     "-n`) or memory?"},

    {match, mismatch, "",
     "The service answers, but not what the module expects. Compare by hand: `nc {host} {port}`; then either "
     "the "
     "service is wrong, or the pattern in the module."},
    {match, mismatch, "http",
     "The service answers, but a check of the module fails; the text above says which. Compare by hand: "
     "`curl -i "
     "{target}`."},
    {match, mismatch, "dns",
     "The name server answers, but its records break a rule of the module; the text above says which. "
     "Compare by "
     "hand: `dig @{host} -p {port}`."},
    {match, limit, "",
     "The answer is larger than what is checked. Ask for less, or expect something that comes earlier."},
    {match, internal, "", "The check itself could not run; the text above says why."},
};

}  // namespace

std::span<const AdviceRow> advice_rows() { return kRows; }

}  // namespace lookout
