package program

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets a test run each crash in its own process.
func TestMain(m *testing.M) {
	programs := map[string]func(){}
	for name, crash := range crashes() {
		programs[name] = func() { os.Exit(guarded(crash)) }
	}
	testscript.Main(m, programs)
}

// crashes returns programs, each of which crashes in a different way.
func crashes() map[string]func() int {
	return map[string]func() int{
		"crash-verb": func() int { panic("in a verb") },
		"crash-goroutine": func() int {
			go panic("in another goroutine")
			select {}
		},
		"crash-runtime": func() int { // cannot be recovered
			shared := map[int]int{}
			for i := range 8 {
				go func() {
					for {
						shared[i]++
					}
				}()
			}
			select {}
		},
	}
}

// TestCrashIsNotChanges checks that a crash never exits with 2, which means only that a plan has
// changes.
func TestCrashIsNotChanges(t *testing.T) {
	t.Parallel()
	for name := range crashes() {
		said, err := exec.CommandContext(t.Context(), name).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		code := exit.ExitCode() // -1 by signal
		if code == 2 || code == 0 || name == "crash-verb" && code != exitCrash {
			t.Errorf("%s ends with %d: %s", name, code, exit)
		}
		if name == "crash-verb" && !strings.Contains(string(said), "the program crashed: in a verb") {
			t.Errorf("%s says %q", name, said)
		}
	}
}
