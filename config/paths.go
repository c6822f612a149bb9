package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const fileName = "dirbridge.toml"

// DefaultPath is the file that is read if none is named: the system's if it exists, else this
// user's.
func DefaultPath() string {
	system := filepath.Join("/etc", "dirbridge", fileName)
	switch runtime.GOOS {
	case "windows":
		system = filepath.Join(programData(), "Dirbridge", fileName)
	case "darwin":
		system = filepath.Join("/Library", "Application Support", "Dirbridge", fileName)
	}
	if exists(system) || os.Geteuid() == 0 {
		return system
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return system
	}
	return filepath.Join(dir, "dirbridge", fileName)
}

// DefaultStateDir is the state directory if the file names none: the one that systemd provides,
// else the system's directory for an administrator or if it exists, else this user's.
func DefaultStateDir() string {
	if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); dir != "" && filepath.IsAbs(dir) {
		return dir
	}
	system := "/var/lib/dirbridge"
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(programData(), "Dirbridge", "state")
	case "darwin":
		system = "/Library/Application Support/Dirbridge/state"
	}
	if os.Geteuid() == 0 || exists(system) {
		return system
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) && runtime.GOOS != "darwin" {
		return filepath.Join(dir, "dirbridge")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return system
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "Dirbridge", "state")
	}
	return filepath.Join(home, ".local", "state", "dirbridge")
}

func programData() string {
	if dir := os.Getenv("ProgramData"); dir != "" {
		return dir
	}
	return `C:\ProgramData`
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
