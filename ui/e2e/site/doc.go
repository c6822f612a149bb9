// Package site is what the end-to-end tests share: a configured connector between a
// directory and a cloud, driven by its verbs, and both sides of it. Only tests import it.
//
// Start reading at Site in site.go; answers.go reads what the verbs print, embedded.go and
// clouds.go start the servers, and main.go lets tests run the program as a process.
package site
