package app

import (
	"bytes"
	"os"
	"regexp"

	"github.com/charmbracelet/x/term"
)

// quiet is a terminal that receives no queries, and no sequences that only newer terminals
// understand: an old terminal would print them, or its answer would arrive as keys. It remains a
// term.File, so that its size and modes can be read (TestOnlyTerminalsThatAnswerAreAsked).
type quiet struct{ term.File }

// questions matches the sequences to omit: DECRQM and the setting of modes 2026 and 2027, the kitty
// keyboard protocol, the shape of the cursor, modifyOtherKeys, device attributes and status reports, and color queries
// (xterm's "control sequences").
var questions = regexp.MustCompile(
	`\x1b\[\?[0-9;]*\$p` +
		`|\x1b\[\?202[67][hl]` +
		`|\x1b\[[<>=?][0-9;]*u` +
		`|\x1b\[[0-9]* q` +
		`|\x1b\[>[0-9;]*[mcq]` +
		`|\x1b\[[=>]?0?c` +
		`|\x1b\[\??[56]n` +
		`|\x1b\](?:1[0-2]|4;[0-9]+);\?(?:\x07|\x1b\\)`)

func (q quiet) Write(p []byte) (int, error) {
	if !bytes.ContainsRune(p, 0x1b) {
		return q.File.Write(p)
	}
	if _, err := q.File.Write(questions.ReplaceAll(p, nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}

var _ term.File = quiet{(*os.File)(nil)}
