// Package config is the configuration file: its keys, strict parsing, edits that preserve the
// administrator's comments, and drafts that a front end edits. It is a leaf: the program converts
// its values to each package's own options, and sync/control and the front ends use its types.
//
// Start reading with Config and Default, then schema.go: the schema files describe each key once,
// and everything else derives from them. Load reads a file and reports every mistake at once, each
// with its line. Draft is what a front end edits. Secret is a reference to a secret, never the
// secret.
package config
