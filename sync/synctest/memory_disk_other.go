//go:build !linux

package synctest

// UseMemoryDisk does nothing where no file system in memory is at a known place.
func UseMemoryDisk() {}
