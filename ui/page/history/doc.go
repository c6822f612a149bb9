// Package history is the last runs, and one run in detail. Start reading at Model.
package history
