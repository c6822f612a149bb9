//go:build unix

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"dirbridge/ui/e2e/terminal"
)

// keyTask is a task of an administrator. It starts at the Dashboard, and needs at most so many keys;
// docs/performance.md has the same numbers.
type keyTask struct {
	name string
	most int
	play func(p *player)
	// leave closes what the task leaves open, which then clears; it is not counted.
	leave, clears string
}

// keyTasks are the tasks in the order in which one console does them.
func keyTasks() []keyTask {
	return []keyTask{
		{"dry run", 1, func(p *player) { p.press("d", "HELD", "89 add") }, "", ""},
		{"all title changes in Sales", 10, func(p *player) {
			p.press("4", "by name, 1 of")
			p.press("f", "Filter by field, OU, kind or cause")
			p.press("ti", ">title")
			p.press("\r", "[field: title x]")
			p.press("f", "Filter by field, OU, kind or cause")
			p.press("sal", ">sal*")
			p.press("\r", "[field: title x] [OU: sal* x]", "Sales EMEA")
		}, "", ""},
		{"why is Putri Hoang not in the cloud", 6, func(p *player) {
			p.press("x", "Why is this person (not) in the cloud?")
			p.press("put\r", ">Putri Hoang")
			p.press("\r", "[email address] is missing")
		}, "\x1b", "[email address] is missing"},
		{"change a mapping, and see its effect", 11, func(p *player) {
			p.press("3", "departmentNumber")
			p.press("/disp", "/disp")
			p.press("\r")
			p.press("\r", "comes from")
			p.press(down, ">  givenName sn")
			p.press("\r", ">~   displayName")
			p.press("d", "The dry run of your changes is done", "Save settings")
		}, "d", "The dry run of your changes is done"},
		{"full synchronization on Sundays at 02:00", 12, func(p *player) {
			p.press("7"+right+right+right, "[Schedule]", "(not scheduled)")
			p.press(down, ">   Full sync")
			p.press("\r", "[ ] Sun")
			p.press(left+" ", "[x] Sun")
			p.press("\r\r", ">~  Full sync")
			p.press("a", "Apply Config Changes")
			p.press("a", "Saved")
		}, "", ""},
		{"turn the schedule on", 3, func(p *player) {
			p.press("d", "The dry run is done")
			p.press("E", "Turn the schedule on?")
			p.press("e", "schedule ON")
		}, "", ""},
		{"override a threshold", 5, func(p *player) {
			p.press("4", "by name, 1 of")
			p.press("o", "Override the threshold", "Type  deactivate 34")
			p.press("34\r", "Apply succeeded")
		}, "", ""},
		{"undo the last run", 9, func(p *player) {
			p.press("6", "|>    1  Apply")
			p.press("u", "89 deactivate", "by name, 1 of")
			p.press("o", "Type  deactivate 89, blank 70")
			p.press("89 70\r", "Apply succeeded")
		}, "", ""},
		{"synchronize two OUs alone", 17, func(p *player) {
			p.press("2", "Staff", "500 people")
			p.press("/EMEA", ">Sales EMEA")
			p.press("\r", "Sales Americas")
			p.press("o", "[x]   Sales EMEA", "38 people")
			p.press("/APAC", ">Sales APAC")
			p.press("\r", "|>", "Sales Americas")
			p.press(" ", "[x]   Sales APAC")
			p.press("a", "Apply Config Changes", "425 people leave the scope")
			p.press("a", "Saved")
		}, "", ""},
	}
}

const down, right, left = "\x1b[B", "\x1b[C", "\x1b[D"

// player plays tasks with keys, and counts them.
type player struct {
	*terminal.Terminal
	keys int
}

// oneKey is what a terminal sends for one key.
var oneKey = regexp.MustCompile(`\x1b\[[A-Z]|(?s:.)`)

// press presses keys, and waits until the screen shows all of the texts.
func (p *player) press(keys string, shows ...string) {
	p.keys += len(oneKey.FindAllString(keys, -1))
	p.Types(keys)
	p.Shows(shows...)
}

// TestTasksNeedFewKeys does the tasks of an administrator in the demo, and counts their keys.
func TestTasksNeedFewKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("a console in a terminal, twice")
	}
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprint(size.width, "x", size.height), func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
			program := filepath.Join(dir, "dirbridge")
			if err := os.Symlink(os.Args[0], program); err != nil {
				t.Fatal(err)
			}
			p := &player{Terminal: terminal.InSize(t, size.width, size.height, program, "demo", "--no-term-queries",
				"--ascii", "--theme", "mono")}
			p.Shows("Press [d] for a dry run")
			for _, task := range keyTasks() {
				p.keys = 0
				task.play(p)
				t.Logf("%2d keys: %s", p.keys, task.name)
				if p.keys > task.most {
					t.Errorf("%s needs %d keys, more than %d", task.name, p.keys, task.most)
				}
				if p.Types(task.leave); task.clears != "" {
					p.Clears(task.clears)
				}
				p.Types("1")
				p.Shows("[1")
			}
		})
	}
}
