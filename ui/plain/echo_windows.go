package plain

import (
	"os"

	"github.com/charmbracelet/x/term"
)

// enableEchoInput is ENABLE_ECHO_INPUT of a console's mode.
const enableEchoInput = 0x4

// hideEcho keeps a terminal from showing what is typed, until the function that it
// returns is called. It is by the terminal's own mode, since somebody reads lines of it
// all the time.
func hideEcho(f *os.File) (show func(), err error) {
	before, err := term.GetState(f.Fd())
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Mode &^= enableEchoInput
	if err := term.SetState(f.Fd(), &hidden); err != nil {
		return nil, err
	}
	return func() { _ = term.SetState(f.Fd(), before) }, nil
}
