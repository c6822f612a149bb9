package read

import (
	"context"
	"fmt"

	"dirbridge/sync/facts"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/port"
	"dirbridge/sync/stage"
	"dirbridge/sync/workdb"
)

// beginCookie asks a directory, before it is read completely, for the cookie from which it will report
// changes next time. If it has none, it is read all the same.
func beginCookie(ctx context.Context, d *stage.Draft, src port.Source, read *plan.DirectoryRead) error {
	at, err := src.Cookie(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		at = identity.Cookie{NoDeletions: "changes cannot be asked for: " + err.Error(), Remedy: identity.Remedy(err)}
	}
	read.NoDeletions, read.Remedy = at.NoDeletions, at.Remedy
	ReachCookie(d, read.Directory, at)
	return nil
}

// ReachCookie records the cookie to store with the plan.
func ReachCookie(d *stage.Draft, dir identity.Directory, at identity.Cookie) {
	if d.Reached == nil {
		d.Reached = map[string]stage.RememberedCookie{}
	}
	if at.Way != "" {
		d.Reached[dir.Name] = stage.RememberedCookie{Cookie: at, Identity: dir.Identity}
	}
}

// keepCookie drops the new cookie of a directory unless the server that gave it has answered ever
// since. Another server that took over may lag behind the first, and would never report what it had
// not received yet. The cookie of an earlier run, if there is one, stays and reports it.
func keepCookie(ctx context.Context, d *stage.Draft, src port.Source, read *plan.DirectoryRead) error {
	now, err := src.Describe(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || now.Server != read.Server || now.ServerChanges != read.ServerChanges {
		delete(d.Reached, read.Name)
	}
	return nil
}

// KeepCookies does the same for every directory that reported its changes.
func KeepCookies(ctx context.Context, d *stage.Draft) error {
	for i, src := range d.Env.Sources {
		if read := &d.Header.Directories[i]; read.Whole {
			if err := keepCookie(ctx, d, src, read); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteCookies writes the cookies of the directories that were read.
func WriteCookies(d *stage.Draft, w *plan.Writer) error {
	for _, dir := range d.Header.Directories {
		at, ok := d.Reached[dir.Name]
		if !ok || !dir.Whole {
			continue
		}
		if err := w.SetValue(facts.CookieValue+dir.Name, workdb.Encode(at)); err != nil {
			return err
		}
	}
	return nil
}

// ReportNoDeletions lists the directories whose deletions are not seen between full runs.
func ReportNoDeletions(ctx context.Context, d *stage.Draft) error {
	for _, dir := range d.Header.Directories {
		if dir.NoDeletions == "" {
			continue
		}
		err := d.Work.Problem(ctx, "", identity.Problem{DN: dir.BaseDN, Side: identity.InDirectory, Remedy: dir.Remedy,
			Message: fmt.Sprintf("Directory %s: incremental runs do not see deletions: %s. They wait for full runs.", dir.Name,
				dir.NoDeletions)})
		if err != nil {
			return err
		}
	}
	return nil
}
