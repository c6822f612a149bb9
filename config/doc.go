// Package config is the configuration file: its keys, strict reading, edits that keep the
// administrator's comments, and drafts of it that a front end edits. It is a leaf: the program
// turns its values into each package's own options, and sync/control and the front ends use its
// types.
//
// Start reading with Config and Default, then schema.go: the schema files describe each key once,
// and all else is made of them. Load reads a file and reports every mistake at once, each with its
// line. Draft is what is edited. Secret is a reference to a secret, never the secret.
package config
