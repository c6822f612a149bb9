package sync_test

import (
	"fmt"

	"pgregory.net/rapid"

	"dirbridge/sync"
	"dirbridge/sync/identity"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/synctest"
)

// Edits after which leavers have been found active: an address that is passed on, in chains, and
// data that is a problem.
const (
	handOn = 26 + iota
	spoilData
	leaveSpoiled
)

// leaverEdit makes one of them.
func (w *randomWorld) leaverEdit(t *rapid.T, what int) {
	who := w.some(t, identity.User)
	switch what {
	case handOn:
		mail := ""
		w.dir.Edit(who, func(o *synctest.Object) { mail = o.Attrs.First("mail") })
		w.leave(t, who)
		for range rapid.IntRange(1, 3).Draw(t, "heirs") {
			successor := w.some(t, identity.User)
			if mail == "" || successor == who {
				return
			}
			w.dir.Edit(successor, func(o *synctest.Object) {
				old := o.Attrs.First("mail")
				o.Attrs["mail"] = []string{mail}
				mail = old
			})
		}
	case spoilData:
		w.breakData(t, who)
	case leaveSpoiled:
		w.breakData(t, who)
		w.leave(t, who)
	}
}

// leave makes a person a leaver, in one of the ways.
func (w *randomWorld) leave(t *rapid.T, who identity.Anchor) {
	switch rapid.SampledFrom([]string{"gone", "out", "disabled", "disabled, without mail"}).Draw(t, "leaves") {
	case "gone":
		w.dir.Delete(who)
	case "out":
		w.dir.Edit(who, func(o *synctest.Object) { o.Out = true })
	case "disabled":
		w.edit1(who, "userAccountControl", "514")
	default:
		w.edit1(who, "userAccountControl", "514")
		w.edit1(who, "mail", "")
	}
}

// breakData turns some of a person's data into a problem, or back.
func (w *randomWorld) breakData(t *rapid.T, who identity.Anchor) {
	switch rapid.SampledFrom([]string{"phone", "title", "mail", "state", "well"}).Draw(t, "spoiled") {
	case "phone":
		w.edit1(who, "telephoneNumber", "+")
	case "title":
		w.edit1(who, "title", "x\x07")
	case "mail":
		w.edit1(who, "mail", "")
	case "state":
		w.edit1(who, "userAccountControl", "many")
	default:
		w.edit1(who, "telephoneNumber", "")
		w.edit1(who, "title", "x")
		w.edit1(who, "userAccountControl", "512")
	}
}

func (w *randomWorld) edit1(who identity.Anchor, name, value string) {
	if who != "" {
		w.fixture.edit(who, name, value)
	}
}

// nobodyStays checks that every active account belongs to a person who is in scope and not known to
// be disabled.
func (w *randomWorld) nobodyStays(t *rapid.T, log string) {
	in := w.dir.Snapshot()
	for _, r := range w.cloud.All(identity.User) {
		guid := r.Attrs.First(schema.ExternalID)
		if !r.Active || guid == "" {
			continue
		}
		o, present := in[identity.NewAnchor("corp", guid)]
		if !present || o.Attrs.First("userAccountControl") == "514" {
			t.Fatalf("%s stays active: %+v\nin scope: %v %v\nproblems:\n%s\nlog:\n%s", r.Key, r, present, o.Attrs,
				w.lastProblems(t), log)
		}
	}
}

func (w *randomWorld) lastProblems(t *rapid.T) string {
	p, err := w.engine().Plan(t.Context(), sync.Request{Mode: record.Full})
	if err != nil {
		return err.Error()
	}
	defer p.Close()
	return fmt.Sprint(w.problems(p), p.Header().Holds, "\n", brief(changes(t, p)))
}
