package app

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"dirbridge/ui/look"
)

// tty is a terminal that records its input.
type tty struct {
	term.File
	got bytes.Buffer
}

func (t *tty) Write(p []byte) (int, error) { return t.got.Write(p) }

func TestPlainTerminalsAreAskedNothing(t *testing.T) {
	asked := []string{
		ansi.RequestModeSynchronizedOutput, ansi.RequestModeUnicodeCore, ansi.RequestKittyKeyboard, ansi.PushKittyKeyboard(1),
		ansi.KittyKeyboard(1, 1), ansi.SetModifyOtherKeys2, ansi.RequestNameVersion, ansi.RequestPrimaryDeviceAttributes,
		ansi.RequestBackgroundColor, ansi.RequestForegroundColor, ansi.RequestCursorPositionReport,
		ansi.RequestExtendedCursorPositionReport,
	}
	kept := "\x1b[?1049h\x1b[2J\x1b[1;7mDry Run\x1b[m\x1b[10;3Hc\x1b[?25l"
	for _, name := range []string{"dumb", "linux", "vt100", "vt220"} {
		to := &tty{}
		w := output(to, look.Plain(name))
		n, err := io.WriteString(w, kept+strings.Join(asked, "")+kept)
		if err != nil || n != len(kept)*2+len(strings.Join(asked, "")) {
			t.Fatalf("%s: wrote %d, %v", name, n, err)
		}
		if got := to.got.String(); got != kept+kept {
			t.Errorf("%s: sent %q", name, got)
		}
	}
	to := &tty{}
	io.WriteString(output(to, look.Plain("xterm-256color")), asked[0])
	if to.got.String() != asked[0] {
		t.Error("a terminal that can answer is asked nothing either")
	}
}
