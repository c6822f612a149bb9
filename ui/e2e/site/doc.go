// Package site has what the end-to-end tests share: a configured connector between a directory and
// a cloud, driven by its verbs, and access to both sides. Only tests import it.
//
// Start reading at Site in site.go; answers.go reads the output of the verbs, embedded.go and
// clouds.go start the servers, and main.go lets tests run the program as a process.
package site
