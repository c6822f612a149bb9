package apply

import (
	"context"
	"fmt"
	"slices"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
	"dirbridge/sync/stage"
)

// linkEarly stores the link of a change that waits as a whole, because other changes may refer to
// its account before it is written. The shadow has no fingerprint, so the next run compares the
// object whatever becomes of the change.
func (a *applier) linkEarly(c plan.Change) {
	if c.After == nil || c.ID == "" {
		return
	}
	s := *c.After
	a.stamp(&s)
	s.Fingerprint = identity.Fingerprint{}
	a.keepLateReferences(&s, c)
	a.pending.Shadows = append(a.pending.Shadows, s)
}

// keepLateReferences keeps the previous references in the shadow of a change whose new references
// are set by a later step: the account still has the previous ones. Without them they would look
// like edits by hand if that step fails. TestLateReferenceIsNoDrift pins it.
func (a *applier) keepLateReferences(s *identity.Shadow, c plan.Change) {
	for _, f := range c.Fields {
		if !f.Ref || len(f.New) == 0 || len(s.Applied[f.Name]) > 0 {
			continue
		}
		now, ok, err := a.env.Store.Shadow(context.Background(), s.Anchor)
		if err != nil || !ok || now.ID != s.ID || len(now.Applied[f.Name]) == 0 {
			continue
		}
		s.Applied = s.Applied.Clone()
		s.Applied[f.Name] = now.Applied[f.Name]
	}
}

// stamp records the run in a shadow and, if this change creates the link, the time of the link.
func (a *applier) stamp(s *identity.Shadow) {
	s.Run = a.run.ID
	if s.Linked.IsZero() {
		s.Linked = a.at()
	}
}

// store puts the shadow of a completed change into the pending batch.
func (a *applier) store(full, sent plan.Change, step int, o record.Outcome) {
	switch {
	case full.Kind == identity.Member, step == stepVia, step == stepBack, step == stepOn:
		return
	case full.Action == plan.Delete:
		a.pending.Forget = append(a.pending.Forget, full.Anchor)
		return
	case full.After == nil:
		return
	}
	s := *full.After
	a.stamp(&s)
	if o.ID != "" {
		s.ID = o.ID
	} else if sent.ID != "" {
		s.ID = sent.ID
	}
	s.Applied = s.Applied.Clone()
	for _, f := range sent.Fields {
		if f.Ref {
			s.Applied[f.Name] = f.New
		}
	}
	a.refreshFingerprint(&s, *full.After)
	a.keepLateReferences(&s, full)
	if a.behind {
		a.keepWrittenSince(&s, sent)
	}
	if a.stillActive[full.Anchor] {
		s.Active, s.ByUs, s.Fingerprint = true, false, identity.Fingerprint{}
	}
	if a.elsewhere[full.Anchor] {
		s.ByUs = false
	}
	s.Ignored = a.rememberBefore(s.Ignored, sent, o)
	a.pending.Shadows = append(a.pending.Shadows, s)
}

// keepWrittenSince keeps, in the shadow of an outdated plan, the values that other runs wrote in
// fields that its change does not write. The plan's own values for them would make the current ones
// look like drift. TestSavedLeaverAfterRecovery pins it.
func (a *applier) keepWrittenSince(s *identity.Shadow, sent plan.Change) {
	now, ok, err := a.env.Store.Shadow(context.Background(), s.Anchor)
	if err != nil || !ok || now.ID != s.ID {
		return // the object is dirty, so the next run checks it
	}
	applied := now.Applied.Clone()
	for _, f := range sent.Fields {
		if v, ok := s.Applied[f.Name]; ok {
			applied[f.Name] = v
		} else {
			delete(applied, f.Name)
		}
	}
	s.Applied, s.Fingerprint = applied, identity.Fingerprint{}
}

// storeRefs adds the references to the shadow that the first step stored.
func (a *applier) storeRefs(full, sent plan.Change, o record.Outcome) {
	s, ok, err := a.env.Store.Shadow(context.Background(), full.Anchor)
	if err != nil || !ok {
		return // the next run reads the reference from the cloud
	}
	before := s
	s.Applied = s.Applied.Clone()
	for _, f := range sent.Fields {
		s.Applied[f.Name] = f.New
	}
	a.refreshFingerprint(&s, before)
	if full.Action == plan.Add {
		sent.Action = plan.Add // the account had no reference before
	}
	s.Ignored = a.rememberBefore(s.Ignored, sent, o)
	a.pending.Shadows = append(a.pending.Shadows, s)
}

// rememberBefore records, for every value written, what the cloud showed before. Where the answer shows
// the result, that decides at once. Otherwise the next read decides: if it shows the old value, the
// cloud ignored the write.
func (a *applier) rememberBefore(ignored map[string]identity.Ignored, sent plan.Change,
	o record.Outcome) map[string]identity.Ignored {
	out := map[string]identity.Ignored{}
	for n, ig := range ignored {
		out[n] = ig
	}
	for _, f := range sent.Fields {
		if f.Name == schema.Active && stage.Deactivates(sent) {
			delete(out, f.Name) // the answer showed an inactive account, see weigh
			continue
		}
		ig := identity.Ignored{Wanted: f.New, Got: f.Old}
		if o.After != nil && !o.Linked {
			got := a.env.Target.Normalize(f.Name, o.After[f.Name])
			if stage.Same(f.Name, f.New, got) {
				delete(out, f.Name)
				continue
			}
			ig.Got, ig.Sure = o.After[f.Name], true
			a.event(record.Warn, "value-rewritten", sent, record.Outcome{Field: f.Name,
				Message: fmt.Sprintf("the cloud did not keep %s as written: it has %s instead of %s", f.Name,
					stage.Quoted(ig.Got), stage.Quoted(f.New)),
				Remedy: "It is not written again until the directory has another value."})
		} else if sent.Action == plan.Add || o.Linked {
			continue // there was no earlier value that could reappear
		} else if was, ok := out[f.Name]; ok && slices.Equal(was.Wanted, ig.Wanted) && slices.Equal(was.Got, ig.Got) {
			a.doubted[sent.Seq] = sent // written for the second time: read it back at once
		}
		out[f.Name] = ig
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
