package program

import (
	"dirbridge/config"
	"dirbridge/sync/control"
)

// fingerprint is the digest of all in a configuration that decides what is done.
func fingerprint(c config.Config) string {
	general := rules(catalogue(c.Cloud.Kind), c.Mapping)
	return c.Fingerprint(func(directory string) map[string]string {
		for _, d := range c.Directories {
			if d.Name == directory {
				return control.DirectorySettings{Mapping: d.Mapping}.Rules(general)
			}
		}
		return general
	})
}
