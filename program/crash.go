package program

import (
	"fmt"
	"os"
	"runtime/debug"
)

// exitCrash is what a crash of the program ends with, where it can still choose.
const exitCrash = 70

// guarded runs the program. A panic ends it with exitCrash; one of another goroutine, or
// a fault of the runtime, which nothing can catch, by a signal. By itself the runtime ends
// a program with 2, which is what a plan with changes ends with.
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
