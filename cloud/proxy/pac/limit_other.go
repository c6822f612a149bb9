//go:build !linux

package pac

// limitMemory does nothing here; watchMemory does.
func limitMemory() {}
