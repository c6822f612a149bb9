package check

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"dirbridge/config"
	"dirbridge/sync/control"
	"dirbridge/ui/component"
	"dirbridge/ui/look"
	"dirbridge/ui/page"
	"dirbridge/ui/page/draw"
	"dirbridge/ui/view"
)

// Model checks the directories' data: it starts a check, shows its progress, then the findings
// by class, and the findings of one class. It reads the findings in windows, from commands.
type Model struct {
	page.Plain
	host     page.Host
	conn     control.Checks
	edits    page.Draft
	converts bool // accounts can be converted, or are being converted
	progress control.CheckProgress
	ticking  bool  // a timer is set to poll the check
	number   int64 // of the last check that the page has taken over
	source   findingSource
	report   *control.CheckReport
	failed   bool // the last check failed
	draft    bool // the report is of unsaved settings
	asked    bool // the check under way is of unsaved settings
	classes  component.Window[int]
	open     *control.ClassCount // the class whose findings are shown; nil: the list of classes
	list     component.Window[control.Finding]
	pane     component.Pane
	// examples are the first findings of the class under the cursor.
	examples    []control.Finding
	examplesOf  control.ClassID
	examplesNow bool // being read
	width       int
	height      int
}

// findingSource is the source of findings: a report.
type findingSource interface {
	Findings(ctx context.Context, class control.ClassID, from, n int64) ([]control.Finding, error)
	SaveAs(ctx context.Context, path string) error
}

// Messages of this page.
type (
	checkTickMsg struct{}
	examplesMsg  struct {
		source   findingSource
		class    control.ClassID
		findings []control.Finding
		err      error
	}
	findingsMsg struct {
		request  component.Request
		findings []control.Finding
		err      error
	}
	checkSavedMsg struct {
		path string
		err  error
	}
)

// New returns the page as it is when the console opens.
func New(h page.Host, conn control.Checks, f page.Facts) *Model {
	return &Model{host: h, conn: conn, edits: f.Draft}
}

// Init takes over the connector's last check, if any.
func (c *Model) Init() tea.Cmd { return c.watch() }

func (c *Model) Enter() tea.Cmd { return c.watch() }

func (c *Model) checking() bool {
	return c.progress.Phase != "" && c.progress.Phase != control.CheckIdle
}

// watch polls the check once, and continues while one runs.
func (c *Model) watch() tea.Cmd {
	c.progress = c.conn.CheckProgress()
	var cmds []tea.Cmd
	if checked, n := c.conn.Checked(); n != c.number {
		c.number = n
		cmds = append(cmds, c.take(checked))
	}
	if c.checking() && !c.ticking {
		c.ticking = true
		cmds = append(cmds, c.host.After(200*time.Millisecond, checkTickMsg{}))
	}
	return tea.Batch(cmds...)
}

// take shows how a check ended. If it failed, the findings of an earlier one stay.
func (c *Model) take(checked control.Checked) tea.Cmd {
	if c.failed = checked.Err != nil; c.failed {
		c.asked = false
		if errors.Is(checked.Err, context.Canceled) {
			c.host.Say("The check was cancelled; nothing was written.")
			return nil
		}
		c.host.Fail(view.CheckError, checked.Err)
		return nil
	}
	c.report, c.source, c.open = checked.Report, checked.Report, nil
	c.draft, c.asked = c.asked, false
	c.examples, c.examplesOf, c.examplesNow = nil, "", false
	c.list.Reset(0)
	c.classes.Reset(int64(len(c.report.Classes)))
	c.classes.Go(0)
	for _, d := range c.report.Directories {
		if d.Error != "" {
			c.host.Request(page.FailMsg{What: view.Unchecked(d).Text, Remedy: d.Remedy})
		}
	}
	c.host.Say("The check is done; nothing was written.")
	return c.readExamples()
}

func (c *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.LookMsg:
		c.host.Look = msg.Look
	case page.StatusMsg:
		c.converts = view.Conversion(msg.Status) != ""
	case page.DraftMsg:
		c.edits = msg.Draft
	case checkTickMsg:
		c.ticking = false
		return c.watch()
	case examplesMsg:
		return c.tookExamples(msg)
	case findingsMsg:
		return c.tookFindings(msg)
	case checkSavedMsg:
		if msg.err != nil {
			c.host.Fail("Not saved", msg.err)
			return nil
		}
		c.host.Say("%s", view.Saved(msg.path))
	}
	return nil
}

// examplesRead is the number of findings of a class that the page shows beside it.
const examplesRead = 40

// readExamples requests the first findings of the class under the cursor.
func (c *Model) readExamples() tea.Cmd {
	class, ok := c.class()
	if !ok || c.examplesNow || c.examplesOf == class.ID {
		return nil
	}
	c.examplesNow = true
	ctx, source := c.host.Ctx, c.source
	return func() tea.Msg {
		found, err := source.Findings(ctx, class.ID, 0, examplesRead)
		return examplesMsg{source, class.ID, found, err}
	}
}

func (c *Model) tookExamples(msg examplesMsg) tea.Cmd {
	if msg.source != c.source {
		return nil
	}
	c.examplesNow, c.examplesOf, c.examples = false, msg.class, msg.findings
	if msg.err != nil {
		c.host.Fail("The findings could not be read", msg.err)
		return nil
	}
	return c.readExamples() // the cursor may have moved
}

// fetch requests findings that are on the screen and not loaded yet.
func (c *Model) fetch() tea.Cmd {
	if c.open == nil {
		return nil
	}
	request, ok := c.list.Want()
	if !ok {
		return nil
	}
	ctx, source, class := c.host.Ctx, c.source, c.open.ID
	return func() tea.Msg {
		found, err := source.Findings(ctx, class, request.From, int64(request.N))
		return findingsMsg{request, found, err}
	}
}

func (c *Model) tookFindings(msg findingsMsg) tea.Cmd {
	if msg.request.Version != c.list.Version() {
		return nil
	}
	if msg.err != nil {
		c.list.Fail(msg.request)
		c.host.Fail("The findings could not be read", msg.err)
		return nil
	}
	c.list.Put(msg.request, msg.findings)
	return c.fetch()
}

// class returns the class under the cursor, or the open one.
func (c *Model) class() (control.ClassCount, bool) {
	if c.open != nil {
		return *c.open, true
	}
	if i := c.classes.Cursor(); c.report != nil && i < int64(len(c.report.Classes)) {
		return c.report.Classes[i], true
	}
	return control.ClassCount{}, false
}

func (c *Model) SetSize(w, h int) tea.Cmd {
	c.width, c.height = w, h
	c.classes.SetHeight(c.panel().ListHeight())
	c.list.SetHeight(c.panel().ListHeight())
	return c.fetch()
}

func (c *Model) Mouse(m page.Mouse) tea.Cmd {
	c.panel().Mouse(m)
	return c.moved()
}

func (c *Model) Commands() []page.Command {
	none := ""
	if c.report == nil {
		none = "no check yet; press [r]"
	}
	start := page.Command{ID: "check.start", Changes: true, Key: page.Keys("check", "r"),
		Title: "check the data of the directories; nothing is written", Off: c.startOff(), Do: c.start}
	if c.report != nil {
		start.Call("check again")
	}
	cancel := page.Command{ID: "check.cancel", Changes: true, Key: page.Keys("", "c"), Title: "cancel the check",
		Off: c.cancelOff(), Do: c.cancel}
	show := page.Command{ID: "check.show", Key: page.Keys("show", "enter", "right"),
		Title: "show the findings of the selected class", Off: none, Do: c.enter}
	if c.open != nil {
		show = page.Command{ID: "check.back", Key: page.Keys("back", "esc", "left"),
			Title: "back to the classes", Do: c.back}
	}
	save := page.Command{ID: "check.save", Changes: true, Key: page.Keys("Save"+c.host.Look.Mark.Ellipsis, "w"),
		Title: "save all findings to a file, as CSV or JSON", Off: none, Do: c.save}
	var copies draw.Copies
	if f, ok := c.list.Current(); ok && c.open != nil {
		copies.Add("d", "DN", f.DN)
		copies.Add("v", "value", f.Value)
		copies.Add("e", "finding", f.Detail)
	}
	copied := copies.Command(c.host, c.host.Look)
	keys := []page.Command{show, copied, save, start, cancel}
	switch {
	case c.checking():
		cancel.Call("Cancel")
		start.Call("")
		keys = []page.Command{cancel, show, copied, save, start}
	case none != "":
		keys = []page.Command{start, show, copied, save, cancel}
	}
	if c.converts {
		keys = append(keys, page.Of("convert", "convert accounts", "L"))
	}
	return append(keys, c.panel().Moves(c.move)...)
}

func (c *Model) move(key string) tea.Cmd {
	c.panel().List.Key(key)
	return c.moved()
}

// moved reads what the row under the cursor needs.
func (c *Model) moved() tea.Cmd {
	if c.open != nil {
		return c.fetch()
	}
	return c.readExamples()
}

func (c *Model) enter() tea.Cmd {
	class, ok := c.class()
	if !ok || c.open != nil {
		return nil
	}
	c.open = &class
	c.list.Reset(class.Count)
	c.list.Go(0)
	return c.fetch()
}

func (c *Model) back() tea.Cmd {
	c.open = nil
	return c.readExamples()
}

func (c *Model) startOff() string {
	switch {
	case c.checking():
		return "a check is running; wait for it, or cancel it with [c]"
	}
	return ""
}

// start checks with the draft if there is one, else with the saved settings.
func (c *Model) start() tea.Cmd {
	var with *config.Draft
	if c.edits.Changed() {
		d := c.edits.Edited.Clone()
		with = &d
	}
	if err := c.conn.StartCheck(with); err != nil {
		c.host.Fail("Could not start", err)
		return nil
	}
	c.asked = with != nil
	return c.watch()
}

func (c *Model) cancelOff() string {
	if !c.checking() {
		return "no check is running"
	}
	return ""
}

func (c *Model) cancel() tea.Cmd {
	c.conn.CancelCheck()
	c.host.Say(view.CancellingCheck)
	return nil
}

func (c *Model) save() tea.Cmd {
	name := view.FindingsName(c.report.Ended.In(c.host.Now().Location()))
	var n int64
	for _, class := range c.report.Classes {
		n += class.Count
	}
	c.host.Ask(&component.Prompt{
		Title: "Save " + view.Findings(n) + " to a file; the extension sets the format: .csv or .json",
		Lines: []string{view.FindingsFile},
		Label: "Path:", Input: component.NewInput(name),
		Check: draw.WantPath,
		Done: func(path string) tea.Cmd {
			path = look.FullPath(path)
			ctx, source := c.host.Ctx, c.source
			return func() tea.Msg { return checkSavedMsg{path, source.SaveAs(ctx, path)} }
		},
	})
	return nil
}
