package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets a test run this very program as a process of its own.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"dirbridge": main}) }

// What the program does is tested in ui/e2e: here, that the command is that program.
func TestTheCommandIsTheProgram(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "dirbridge", "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "dirbridge ") {
		t.Errorf("dirbridge version: %q, %v", out, err)
	}
	if err := exec.CommandContext(t.Context(), "dirbridge", "nonsense").Run(); err == nil {
		t.Error("a verb that there is not ends with exit code 0")
	}
}
