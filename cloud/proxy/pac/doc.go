// Package pac runs proxy auto-configuration files: JavaScript with a function FindProxyForURL and the
// helpers that browsers have offered since Netscape's description of 1996 (developer.mozilla.org, "Proxy
// Auto-Configuration (PAC) file"), and the ones for IPv6 that Microsoft added.
//
// A file may loop or fill the memory. So Serve runs it in a child process, and Find is the side of the
// parent, which ends a child that takes too long. Start reading at Find.
package pac
