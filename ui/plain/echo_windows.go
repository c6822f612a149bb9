package plain

import (
	"os"

	"github.com/charmbracelet/x/term"
)

// enableEchoInput is ENABLE_ECHO_INPUT in a console's mode.
const enableEchoInput = 0x4

// hideEcho keeps a terminal from showing typed text until the returned function is called. It
// changes the terminal's own mode, because another goroutine reads lines from it all the time.
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
