// A network of a test's own: the body runs in a child process, in a fresh network namespace with only the
// loopback interface, where sysctls may be set and packets forged without touching the machine. Expectations
// work as usual; the child prints what failed. Needs the right to make namespaces: without it the test fails
// and says so.
#pragma once

#include <functional>
#include <string>

namespace lookout::test {

void in_network_namespace(const std::function<void()>& body);

// Of the calling process's namespace, e.g. ("net/ipv4/ping_group_range", "0 2147483647").
void write_sysctl(const std::string& path, const std::string& value);

void set_loopback_mtu(int bytes);

// Gives up root for the rest of the process.
void become_nobody();

}  // namespace lookout::test
