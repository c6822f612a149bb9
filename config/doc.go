// Package config is the configuration file: its types, defaults, strict reading, and edits that
// keep the administrator's comments. It is a leaf: main turns its values into each package's own
// options.
//
// Start reading with Config and Default; the schema files have every key, with all that is said of it. Load reads a file and reports
// every mistake at once, each with its line. Secret is a reference to a secret, never the secret.
package config
