package plain

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"dirbridge/sync/control"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/ui/look"
	"dirbridge/ui/uitest"
)

var update = flag.Bool("update", false, "write the transcripts again")

// speak runs the mode on prepared lines, and returns its output.
func speak(t testing.TB, f *fake, o Options, lines string) string {
	t.Helper()
	var out bytes.Buffer
	o.Version, o.Input, o.Output = "1.0.0", strings.NewReader(lines), &out
	o.Opened = func() (control.Connector, error) { return f, nil }
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := newSession(ctx, o, func(string) string { return "" }, func() time.Time { return noon })
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// scripts are the tasks of an administrator, as typed.
func scripts() map[string]string {
	return map[string]string{
		"dashboard": "1 3 1 b b 0",
		"dry-run":   "4 1 9 /user00003 1 2 b b 10 <enter> x_2_4-5 3 1 b b 20 1 b b 0",
		"apply":     "4 1 4 <enter> 9 x_1 b 4 apply_4 apply_3 4 b 0",
		"part":      "4 1 6 colour=red kind=user key=user00001* 9 x_2 b 6 seq=2-9 <enter> yes 6 b 0",
		"override":  "4 1 4 5 deactivate_41 deactivate_40 5 4 b 0",
		"by-cause":  "4 1 18 1 <enter> b b 17 19 b 8 b 0",
		"filter": "2 1 1 t_2 1 t_2 /nobody / b b b 4 (!!) (department=Sales) 2 (department=Sales) 1 5 none 1 7 b 8 " +
			"9 11 1 b 11 2 b 0",
		"mapping":   "3 3 1 3 ?? <enter> /telephone 1 mail 1 /uid 1 none b b 2 j 2 nobody 4 b 5 b 11 7 b 0 yes",
		"users-off": "2 2 7 b 11 3 b 0 yes",
		"failed":    "6 2 1 2 2 b 1 b 2 2 b b b 0",
		"undo":      "6 1 4 4 b b b 0",
		"events":    "5 2 4 1 1 1 b 3 x 410 4 bo 1 b 2 1 1 b b 0",
		"check":     "7 1 ? b 0",
		"explain":   "8 nobody ana 1 b ? b 0",
		"queue": "9 1 <enter> 1 1 on_leave someday 2027-01-31 2 nope b 2 release 3 b b b 2 nobody@example.com 2 " +
			"gone01@example.com b 3 b b 0",
		"synchronize":  "10 1 2 yes 2 no b 4 enable 5 spring_cleaning 6 8 ana@example.com 9 abandon 9 b 0",
		"save-open":    "4 3 <enter> nowhere 3 saved.plan 7 <enter> b 0",
		"commands":     "? h b 99 4 ? b q",
		"end-of-input": "4 1",
		"settings": "11 1 2 1 many 50 2 3 3 none 3 ldaps://dc1_;_ldaps://dc2 4 secret file:token b 3 5 b 6 1 3 7 1 2 " +
			"b 13 0",
	}
}

// lines splits a script into one line per word; _ is a blank, <enter> an empty line.
func lines(script string) string {
	var b strings.Builder
	for _, word := range strings.Fields(script) {
		if word == "<enter>" {
			word = ""
		}
		b.WriteString(strings.ReplaceAll(word, "_", " ") + "\n")
	}
	return b.String()
}

func TestTranscripts(t *testing.T) {
	for name, script := range scripts() {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if name == "apply" || name == "part" {
				f.makes = uitest.PlanOf(t, nil, uitest.Person(1, plan.Add), uitest.Person(2, plan.Update),
					uitest.Person(3, plan.Deactivate),
					uitest.Person(4, plan.Update))
			}
			got := speak(t, f, Options{}, lines(script))
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			plainLines(t, got, usualWidth)
		})
	}
}

// plainLines checks that the output is only text, with no line wider than the terminal.
func plainLines(t testing.TB, out string, width int) {
	t.Helper()
	for _, line := range strings.Split(out, "\n") {
		if i := strings.IndexFunc(line, unicode.IsControl); i >= 0 {
			t.Fatalf("a control character in %q", line)
		}
		// Typed text follows its prompt.
		prompt := strings.Contains(line, ": ") || strings.HasPrefix(line, "More? ")
		if look.Width(line) > width && !prompt {
			t.Fatalf("%d cells in %q", look.Width(line), line)
		}
		for _, r := range line {
			if r >= 0x2500 && r <= 0x28ff {
				t.Fatalf("%q, a glyph of drawing, in %q", r, line)
			}
		}
	}
}

func TestSevenBit(t *testing.T) {
	script := lines("4 1 11 1 b b b 3 1 b 0")
	out := speak(t, newFake(t), Options{ASCII: true}, script)
	for _, r := range out {
		if r > unicode.MaxASCII {
			t.Fatalf("%q in %s", r, out)
		}
	}
	f, c := newFake(t), uitest.Person(1, plan.Update)
	c.Fields[1].New = []string{"Forschung für Größe"}
	f.makes = uitest.PlanOf(t, nil, c)
	if !strings.Contains(speak(t, f, Options{}, script), "Größe") {
		t.Error("names are not kept where they can be")
	}
}

func TestReadOnlyChangesNothing(t *testing.T) {
	f := newFake(t)
	f.plan = f.makes
	out := speak(t, f, Options{ReadOnly: true},
		lines("4 1 2 4 5 6 7 9 x_1 1 1 b b b 2 2 4 1 t_1 b b 3 1 4 b b 6 1 4 b b 7 1 b 9 3 1 1 1 b b b 10 1 2 3 4 5 6 8 9 "+
			"b 11 1 3 b 0"))
	if len(f.started)+len(f.saved) > 0 || f.cancels > 0 || f.mode.At == noon || f.checks > 0 || f.queue[0].Kept != nil {
		t.Errorf("started %v, saved %v, mode %v", f.started, f.saved, f.mode)
	}
	if !strings.Contains(out, "Unavailable: this session is read-only: it can change nothing.") {
		t.Error(out)
	}
	if strings.Contains(out, "Left out") || strings.Contains(out, "not saved yet") {
		t.Error("something was edited")
	}
}

func TestWhatIsStarted(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []control.Request
	}{
		{"4 1 5 deactivate_40", []control.Request{{Mode: "dry-run"}, {Mode: "apply", Override: []int64{40},
			Exclude: map[int64]bool{}}}},
		{"4 1 10 x_1-2 b 5 deactivate_40", []control.Request{{Mode: "dry-run"},
			{Mode: "apply", Override: []int64{40}, Exclude: map[int64]bool{1: true, 4: true}}}},
		{"4 1 10 x_1-2 x_1 b 5 deactivate_40", []control.Request{{Mode: "dry-run"},
			{Mode: "apply", Override: []int64{40}, Exclude: map[int64]bool{4: true}}}},
		{"4 2", []control.Request{{Mode: "dry-run", Changes: true}}},
		{"6 1 4", []control.Request{{Mode: control.UndoPlan, Undo: 412}}},
		{"9 1 1 3", []control.Request{{Mode: control.PurgePlan, Only: []identity.Anchor{uitest.Anchor(300)}}}},
		{"9 3", []control.Request{{Mode: control.PurgePlan}}},
		{"10 2 yes", []control.Request{{Mode: "incremental"}}},
		{"10 2 no", nil},
		{"10 1 2 yes", []control.Request{{Mode: "full"}}},
	} {
		f := newFake(t)
		speak(t, f, Options{}, lines(c.script))
		if diff := cmp.Diff(c.want, f.started); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.script, diff)
		}
	}
}

func TestEditsAreTriedAndSaved(t *testing.T) {
	f := newFake(t)
	speak(t, f, Options{},
		lines("2 1 1 1 t_2 b b b 4 (department=Sales) 1 3 6 2 10 b 11 2 b 3 1 /title 1 department 1 b b 11 1 2 0"))
	if len(f.started) != 1 || f.started[0].Draft == nil ||
		f.started[0].Draft.Directories[0].UserFilter != "(department=Sales)" {
		t.Errorf("started %+v", f.started)
	}
	if len(f.saved) != 2 {
		t.Fatalf("saved %+v", f.saved)
	}
	d := f.saved[1].Directories[0]
	if d.UserFilter != "(department=Sales)" || d.SyncGroups || d.GroupTypes != "security" ||
		f.saved[1].Mapping["title"] != "department" ||
		cmp.Diff(d.ExcludeDNs, []string{"OU=Contractors,OU=Staff,DC=corp,DC=example,DC=com"}) != "" {
		t.Errorf("%+v, title from %s", d, f.saved[1].Mapping["title"])
	}
}

func TestAFileThatAnotherProgramChanged(t *testing.T) {
	f := newFake(t)
	theirs := f.settings.Clone()
	theirs.Values["policy.delete_threshold"] = "50"
	theirs.Mapping["title"] = "department"
	f.theirs = &theirs
	out := strings.Join(strings.Fields(speak(t, f, Options{},
		lines("11 2 1 30 2 2 b 3 b 3 1 /jabber 1 mail 1 b b 11 1 2 1 1 2 b 0"))), " ")
	if !strings.Contains(out, "was changed by another program. Nothing was saved.") ||
		!strings.Contains(out, "Delete threshold: 20 becomes 50.") ||
		!strings.Contains(out, "The file's value replaced yours for: Delete threshold.") {
		t.Error(out)
	}
	if len(f.saved) != 1 {
		t.Fatalf("saved %+v", f.saved)
	}
	if s := f.saved[0]; s.Values["policy.delete_threshold"] != "50" || s.Values["policy.on_missing"] != "keep" ||
		s.Mapping["title"] != "department" || s.Mapping["jabberID"] != "mail" {
		t.Errorf("%v, %v", s.Values, s.Mapping)
	}
}

// typed is a session with typed input: a test controls lines, Ctrl+C and time.
type typed struct {
	t     *testing.T
	f     *fake
	in    chan string
	keys  chan os.Signal
	late  atomic.Int64 // time since noon
	out   *tee
	ended chan error
	stop  context.CancelFunc
}

// tee records the output, and signals each write.
type tee struct {
	wrote chan string
	seen  strings.Builder
}

func (w *tee) Write(p []byte) (int, error) { w.wrote <- string(p); return len(p), nil }

func typing(t *testing.T, f *fake) *typed {
	ctx, stop := context.WithCancel(context.Background())
	d := &typed{t: t, f: f, in: make(chan string), keys: make(chan os.Signal),
		out: &tee{wrote: make(chan string, 10000)}, ended: make(chan error, 1), stop: stop}
	t.Cleanup(stop)
	s := newSession(ctx, Options{Input: strings.NewReader(""), Output: d.out,
		Opened: func() (control.Connector, error) { return f, nil }},
		func(string) string { return "" }, func() time.Time { return noon.Add(time.Duration(d.late.Load())) })
	s.interactive, s.lines, s.interrupts = true, d.in, d.keys
	s.tick = func(every time.Duration) (<-chan time.Time, func()) {
		if every != pollEvery {
			return nil, func() {}
		}
		return ticker(time.Millisecond) // ignores the duration, which is of d's clock
	}
	go func() { d.ended <- s.run() }()
	return d
}

// expect waits until text was written, and forgets the output up to there.
func (d *typed) expect(text string) {
	d.t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		if i := strings.Index(d.out.seen.String(), text); i >= 0 {
			rest := d.out.seen.String()[i+len(text):]
			d.out.seen.Reset()
			d.out.seen.WriteString(rest)
			return
		}
		select {
		case p := <-d.out.wrote:
			d.out.seen.WriteString(p)
		case <-timeout:
			d.t.Fatalf("%q was not said; what was: %s", text, d.out.seen.String())
		}
	}
}

func (d *typed) end() {
	d.t.Helper()
	select {
	case err := <-d.ended:
		if err != nil {
			d.t.Error(err)
		}
	case <-time.After(10 * time.Second):
		d.t.Fatal("it does not end")
	}
}

func TestARunIsDescribedByItsChanges(t *testing.T) {
	f := newFake(t)
	f.goesOn = true
	d := typing(t, f)
	d.in <- "4"
	d.in <- "1"
	d.expect("Started. [c] cancel, [b] go back")
	d.expect("Dry run: step 2 of 4, reading the directory.\n")
	d.late.Store(int64(5 * time.Second))
	d.expect("Step 2 of 4, reading the directory, 60%, 29,300 of 48,120, about 6 s left\n")
	f.at(control.Progress{Phase: port.Planning, PhaseStarted: noon})
	d.expect("Dry run: step 4 of 4, planning.\n")
	d.in <- ""
	d.expect("Step 4 of 4, planning, counting\n")
	d.in <- "b"
	d.expect("It continues.")
	d.expect("Dry Run, choice: ")
	f.at(control.Progress{Phase: port.Verifying})
	d.expect("\nDry run: step 4 of 4, verifying the plan.\nDry Run, choice: ")
	d.in <- "1"
	d.expect("Unavailable: a run is under way")
	f.later(nil)
	d.expect("Dry run finished: nothing was written.\n")
	d.expect("Dry Run, choice: ")
	d.in <- "q"
	d.end()
}

func TestInterruptCancelsThenLeaves(t *testing.T) {
	f := newFake(t)
	f.goesOn = true
	d := typing(t, f)
	d.in <- "4"
	d.in <- "1"
	d.expect("Dry run: step 2 of 4, reading the directory.\n")
	d.keys <- os.Interrupt
	d.expect("Cancelling after the current write")
	if f.later(context.Canceled); f.cancels != 1 {
		t.Errorf("%d cancels", f.cancels)
	}
	d.expect("Dry run was cancelled: nothing was written.\n")
	d.expect("Dry Run, choice: ")
	d.in <- "1" // the next run is canceled by a first Ctrl+C again
	d.expect("Dry run: step 2 of 4, reading the directory.\n")
	d.keys <- os.Interrupt
	d.expect("Cancelling")
	d.keys <- os.Interrupt
	d.end()
	if f.cancels != 2 {
		t.Errorf("%d cancels", f.cancels)
	}
}

func TestInterruptLeavesWhereNothingRuns(t *testing.T) {
	d := typing(t, newFake(t))
	d.expect("Main menu, choice: ")
	d.keys <- os.Interrupt
	d.end()
}

func TestLeavingAsksWhileARunIsUnderWay(t *testing.T) {
	f := newFake(t)
	f.goesOn = true
	d := typing(t, f)
	d.in <- "4"
	d.in <- "1"
	d.expect("reading the directory")
	d.in <- "q"
	d.expect("A run is under way. Leaving stops it between two writes")
	d.in <- ""
	d.expect("Staying.")
	d.in <- "c"
	d.expect("Cancelling")
	d.in <- "q"
	d.in <- "yes"
	d.end()
}

func TestAHangUpEndsIt(t *testing.T) {
	f := newFake(t)
	f.goesOn = true
	d := typing(t, f)
	d.in <- "4"
	d.in <- "1"
	d.expect("reading the directory")
	d.stop()
	d.end()
	d = typing(t, newFake(t))
	d.expect("choice: ")
	close(d.in)
	d.end()
}

func TestErrorsComeWithTheirRemedy(t *testing.T) {
	f := newFake(t)
	for _, name := range []string{"Start", "Tree", "Count", "Explain", "SaveSettings", "Runs", "Events", "Queue",
		"Coverage", "Find", "Status", "ReloadSettings", "TestCloud", "ScopeDelta"} {
		f.wrong[name] = fmt.Errorf("%s: %w", name, control.ErrNotLeader)
	}
	out := strings.Join(strings.Fields(speak(t, f, Options{},
		lines("1 b 2 1 8 2 7 b 4 1 b 5 1 b 6 8 x b 9 b 3 3 b 10 b 11 1 2 3 4 b 0 yes"))), " ")
	for name := range f.wrong {
		if !strings.Contains(out, name+": another connector leads") {
			t.Errorf("%s is not told:\n%s", name, out)
		}
	}
	if n, m := strings.Count(out, "Error: "), strings.Count(out, "Remedy: Nothing was written."); n < len(f.wrong) ||
		m < len(f.wrong) {
		t.Errorf("%d errors, %d remedies", n, m)
	}
}

func TestWhatCannotBeOpenedIsTriedAgain(t *testing.T) {
	f, tries := newFake(t), 0
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var out bytes.Buffer
	in := make(chan string, 2)
	in <- ""
	in <- "q"
	s := newSession(ctx, Options{Input: strings.NewReader(""), Output: &out, Opened: func() (control.Connector, error) {
		if tries++; tries == 1 {
			return nil, errors.New("the state is locked")
		}
		return f, nil
	}}, func(string) string { return "" }, func() time.Time { return noon })
	s.interactive, s.lines = true, in
	if err := s.run(); err != nil || !strings.Contains(out.String(),
		"Error: The connector could not be opened: the state is locked") || !strings.Contains(out.String(), "Main menu.") {
		t.Errorf("%v: %s", err, out.String())
	}
	s = newSession(ctx, Options{Input: strings.NewReader(""), Output: &out,
		Opened: func() (control.Connector, error) { return nil, errors.New("no") }}, os.Getenv, time.Now)
	if err := s.run(); err == nil {
		t.Error("the operator is not told")
	}
}

// TestRandomLines checks that no input makes the mode panic, hang or write anything but text, and
// that it always comes back to a prompt.
func TestRandomLines(t *testing.T) {
	steps, rounds := 400, 12
	if testing.Short() {
		steps, rounds = 150, 3
	}
	for seed := range int64(rounds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Chdir(t.TempDir()) // it may save findings
			r := rand.New(rand.NewSource(seed))
			f := newFake(t)
			if seed%2 == 0 {
				f.makes = uitest.PlanOf(t, nil, uitest.Person(1, plan.Add), uitest.Person(2, plan.Deactivate),
					uitest.Person(3, plan.Update))
			}
			var script strings.Builder
			for range steps {
				script.WriteString(anyLine(r) + "\n")
			}
			var out bytes.Buffer
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			s := newSession(ctx, Options{Input: strings.NewReader(script.String()), Output: &out, ASCII: seed%3 == 0,
				ReadOnly: seed%5 == 4,
				Opened:   func() (control.Connector, error) { return f, nil }}, func(string) string { return "" },
				func() time.Time { return noon })
			width := []int{80, 40, 20, 200}[seed%4]
			s.width = func() int { return width }
			done := make(chan error, 1)
			go func() { done <- s.run() }()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(60 * time.Second):
				t.Fatalf("it hangs behind: %s", out.String()[max(0, out.Len()-500):])
			}
			plainLines(t, out.String(), width)
			if !strings.HasSuffix(out.String(), "Goodbye.\n") {
				t.Errorf("it ended with %q", out.String()[max(0, out.Len()-200):])
			}
		})
	}
}

// TestRandomTyping is the same while runs are under way and Ctrl+C comes at any time.
func TestRandomTyping(t *testing.T) {
	t.Chdir(t.TempDir())
	for seed := range int64(4) {
		r := rand.New(rand.NewSource(seed))
		f := newFake(t)
		f.goesOn = true
		d := typing(t, f)
		for range 600 {
			line, interrupts := anyLine(r), d.keys
			if r.Intn(10) > 0 {
				interrupts = nil
			}
			if r.Intn(4) == 0 {
				f.finish()
			}
			select {
			case d.in <- line:
			case interrupts <- os.Interrupt:
			case p := <-d.out.wrote:
				plainLines(t, p, 10000)
			case err := <-d.ended:
				if err != nil {
					t.Fatal(err)
				}
				f.finish()
				d = typing(t, f)
			case <-time.After(20 * time.Second):
				t.Fatal("it hangs")
			}
		}
		d.stop()
	}
}

func anyLine(r *rand.Rand) string {
	words := []string{"", "?", "h", "b", "b", "yes", "/ana", "/", "x 1-3", "t 1", "t 99", "g 3", "none", "deactivate 40",
		"apply 3", "enable", "release", "(a=b)", "(!!)", "ana", "??",
		"2027-01-31", "saved.plan", "x 99999999999", "\x1b[A", "\xff\xfe", strings.Repeat("long ", 50), `"b"`, "jürgen", "-1",
		"0x1", "g 0"}
	if r.Intn(5) > 1 {
		return fmt.Sprint(r.Intn(20) + 1)
	}
	return words[r.Intn(len(words))]
}

func TestLongLinesAreCut(t *testing.T) {
	long := strings.Repeat("x", 3*longestLine)
	var got []string
	for line := range readLines(t.Context(), strings.NewReader(long+"\nnext\r\nlast")) {
		got = append(got, line)
	}
	if len(got) != 3 || len(got[0]) != longestLine || got[1] != "next" || got[2] != "last" {
		t.Errorf("%d lines, the first of %d bytes, %q", len(got), len(got[0]), got[1:])
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string][]int64{"3": {3}, "3 5-7": {3, 5, 6, 7}, "1,2": {1, 2}, "": nil, "0": nil,
		"5-3": nil, "x": nil, "1-9999999999": nil} {
		if got, err := numbersOf(text, 10); cmp.Diff(want, got) != "" || (err == nil) != (want != nil) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
