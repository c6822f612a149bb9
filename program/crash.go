package program

import (
	"fmt"
	"os"
	"runtime/debug"
)

// exitCrash is the exit code of a crash, where the program can still choose one.
const exitCrash = 70

// guarded runs the program. It ends a panic of the main goroutine with exitCrash. A panic of
// another goroutine, or a runtime fault that cannot be recovered, ends the program by a signal. By
// default the runtime exits with 2, which is also the exit code for a plan with changes
// (TestCrashIsNotChanges).
func guarded(program func() int) (code int) {
	debug.SetTraceback("crash")
	noCore()
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(os.Stderr,
				"dirbridge: the program crashed: %v\n%s\nRun it again: what was under way is looked at first. Please report "+
					"this.\n", v, debug.Stack())
			code = exitCrash
		}
	}()
	return program()
}
