package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets a test run this program in its own process.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"dirbridge": main}) }

// TestTheCommandIsTheProgram checks only that the command runs the program, which ui/e2e tests.
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
