// Package proxy opens the outgoing connections of the program: directly, or through the proxy that the
// settings, the environment or an auto-configuration file (PAC) choose for an address.
//
// Start reading at Dialer. Every connection through an HTTP proxy is a tunnel (CONNECT, RFC 9110 section
// 9.3.6), so that TLS ends at the cloud, NTLM can keep its connection, and HTTP/2 works as without a proxy.
package proxy
