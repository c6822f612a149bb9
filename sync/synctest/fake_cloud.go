package synctest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strings"
	stdsync "sync"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/record"
	"dirbridge/sync/schema"
)

// Cloud is a cloud directory in memory that implements port.Target, with a userName that is unique
// case-insensitively. Its methods may be called from any goroutine.
type Cloud struct {
	mu      stdsync.Mutex
	res     map[identity.ResourceID]*identity.Resource
	members map[identity.ResourceID]map[identity.ResourceID]bool
	next    int

	// Fault decides the result of the next write; nil means that all succeed.
	Fault func(c plan.Change) Fault
	// Created counts the created accounts, by key; Deleted the deleted ones.
	Created map[string]int
	Deleted int
	Writes  int
	// FailListing breaks the next listing of users in the middle.
	FailListing bool
	// Unlisted are omitted from every listing, which still claims to be complete.
	Unlisted map[identity.ResourceID]bool
	Limit    record.Limits

	reads CloudReads
}

// CloudReads counts the reads of a cloud, by method.
type CloudReads struct{ Resources, Members, Get, Find, FindExternal, GroupMembers, HasMember int }

// Complete counts the complete listings.
func (r CloudReads) Complete() int { return r.Resources + r.Members }

// Reads returns the reads since ForgetReads.
func (c *Cloud) Reads() CloudReads {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

// ForgetReads resets the counts.
func (c *Cloud) ForgetReads() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads = CloudReads{}
}

func (c *Cloud) countRead(count func(*CloudReads)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.reads)
}

// Fault is the result of one write.
type Fault int

const (
	Fine   Fault = iota
	Refuse       // answered with an error, not done
	Lose         // done, and never answered
	Drop         // not done, and never answered
	Die          // not done, and nothing after it either: the process is dead
)

// ErrDead is the error of a dead cloud connection.
var ErrDead = errors.New("the process died")

// NewCloud makes an empty cloud.
func NewCloud() *Cloud {
	return &Cloud{res: map[identity.ResourceID]*identity.Resource{},
		members: map[identity.ResourceID]map[identity.ResourceID]bool{},
		Created: map[string]int{}, Limit: record.Limits{Batch: 7, UniqueGroupNames: true}}
}

// Put adds a resource as if another client did, and assigns its id.
func (c *Cloud) Put(r identity.Resource) identity.ResourceID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.put(r)
}

func (c *Cloud) put(r identity.Resource) identity.ResourceID {
	c.next++
	r.ID = identity.ResourceID(fmt.Sprintf("r%05d", c.next))
	if r.Attrs == nil {
		r.Attrs = identity.Attrs{}
	}
	name := schema.UID
	if r.Kind == identity.Group {
		name = schema.GroupName
	}
	r.Attrs[name] = []string{r.Key}
	if r.ExternalID != "" {
		r.Attrs[schema.ExternalID] = []string{r.ExternalID}
	}
	if r.Admin == identity.Unknown {
		r.Admin = identity.No
	}
	c.res[r.ID] = &r
	return r.ID
}

// Edit changes a resource as if another client did.
func (c *Cloud) Edit(id identity.ResourceID, fn func(*identity.Resource)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.res[id]; r != nil {
		fn(r)
	}
}

// All lists the resources by id.
func (c *Cloud) All(kind identity.Kind) []identity.Resource {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []identity.Resource
	for _, r := range c.res {
		if r.Kind == kind {
			k := *r
			k.Attrs = r.Attrs.Clone()
			out = append(out, k)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// MembersOf lists a group's members.
func (c *Cloud) MembersOf(id identity.ResourceID) map[identity.ResourceID]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[identity.ResourceID]bool{}
	for m := range c.members[id] {
		out[m] = true
	}
	return out
}

func (c *Cloud) Describe(ctx context.Context) (identity.Organization, error) {
	return identity.Organization{ID: "memory", Name: "Memory", Kind: "scim"}, ctx.Err()
}
func (c *Cloud) Supports(string) bool                    { return true }
func (c *Cloud) Follow([]string)                         {}
func (c *Cloud) Normalize(_ string, v []string) []string { return v }
func (c *Cloud) Limits() record.Limits                   { return c.Limit }
func (c *Cloud) Waiting() string                         { return "" }
func (c *Cloud) Close() error                            { return nil }

func (c *Cloud) Resources(ctx context.Context, kind identity.Kind, fn func(identity.Resource) error) error {
	c.countRead(func(r *CloudReads) { r.Resources++ })
	all := c.All(kind)
	fail := kind == identity.User && c.FailListing
	if fail {
		c.FailListing = false
	}
	for i, r := range all {
		if fail && i*2 >= len(all) {
			return errors.New("the listing broke off half way")
		}
		if c.Unlisted[r.ID] {
			continue
		}
		if err := fn(r); err != nil {
			return err
		}
	}
	if fail {
		return errors.New("the listing broke off")
	}
	return ctx.Err()
}

func (c *Cloud) Members(ctx context.Context, fn func(group, member identity.ResourceID) error) error {
	c.countRead(func(r *CloudReads) { r.Members++ })
	for _, g := range c.All(identity.Group) {
		for m := range c.MembersOf(g.ID) {
			if err := fn(g.ID, m); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (c *Cloud) Get(ctx context.Context, kind identity.Kind, id identity.ResourceID) (identity.Resource, bool, error) {
	c.countRead(func(r *CloudReads) { r.Get++ })
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.res[id]
	if r == nil || r.Kind != kind || ctx.Err() != nil {
		return identity.Resource{}, false, ctx.Err()
	}
	found := *r
	found.Attrs = r.Attrs.Clone()
	return found, true, nil
}

func (c *Cloud) Find(ctx context.Context, kind identity.Kind, key string) ([]identity.Resource, error) {
	c.countRead(func(r *CloudReads) { r.Find++ })
	var out []identity.Resource
	for _, r := range c.All(kind) {
		if strings.EqualFold(r.Key, key) {
			out = append(out, r)
		}
	}
	return out, ctx.Err()
}

func (c *Cloud) FindExternal(ctx context.Context, kind identity.Kind, externalID string) ([]identity.Resource, error) {
	c.countRead(func(r *CloudReads) { r.FindExternal++ })
	var out []identity.Resource
	for _, r := range c.All(kind) {
		if externalID != "" && strings.EqualFold(r.ExternalID, externalID) && !c.Limit.Anchorless {
			out = append(out, r)
		}
	}
	return out, ctx.Err()
}

func (c *Cloud) GroupMembers(ctx context.Context, group identity.ResourceID, fn func(identity.ResourceID) error) error {
	c.countRead(func(r *CloudReads) { r.GroupMembers++ })
	for m := range c.MembersOf(group) {
		if err := fn(m); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *Cloud) HasMember(ctx context.Context, group, member identity.ResourceID) (bool, error) {
	c.countRead(func(r *CloudReads) { r.HasMember++ })
	return c.MembersOf(group)[member], ctx.Err()
}

// Apply writes one change after the other.
func (c *Cloud) Apply(ctx context.Context, changes []plan.Change, answered func(record.Outcome)) error {
	for i, ch := range changes {
		if err := ctx.Err(); err != nil {
			for _, rest := range changes[i:] {
				answered(record.Outcome{Seq: rest.Seq, State: record.WriteNotSent})
			}
			return err
		}
		f := Fine
		if c.Fault != nil {
			f = c.Fault(ch)
		}
		switch f {
		case Refuse:
			answered(record.Outcome{Seq: ch.Seq, State: record.WriteFailed, Class: identity.GiveUp, Message: "refused to order"})
			continue
		case Drop:
			answered(record.Outcome{Seq: ch.Seq, State: record.WriteUnknown, Class: identity.Retry, Message: "no answer"})
			continue
		case Die:
			return ErrDead
		}
		o := c.write(ch)
		if f == Lose {
			o = record.Outcome{Seq: ch.Seq, State: record.WriteUnknown, Class: identity.Retry, Message: "no answer"}
		}
		answered(o)
	}
	return nil
}

func (c *Cloud) write(ch plan.Change) record.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Writes++
	o := record.Outcome{Seq: ch.Seq, State: record.WriteDone, ID: ch.ID}
	fail := func(format string, args ...any) record.Outcome {
		return record.Outcome{Seq: ch.Seq, State: record.WriteFailed, Class: identity.GiveUp, ID: ch.ID,
			Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case ch.Kind == identity.Member:
		if c.res[ch.ID] == nil {
			return fail("no such group")
		}
		if c.members[ch.ID] == nil {
			c.members[ch.ID] = map[identity.ResourceID]bool{}
		}
		if ch.Action == plan.Remove {
			delete(c.members[ch.ID], ch.MemberID)
		} else if c.res[ch.MemberID] == nil {
			return fail("no such member")
		} else {
			c.members[ch.ID][ch.MemberID] = true
		}
		return o
	case ch.Action == plan.Delete:
		if c.res[ch.ID] == nil {
			o.Status = http.StatusNotFound
			return o
		}
		c.Deleted++
		delete(c.res, ch.ID)
		delete(c.members, ch.ID)
		for _, m := range c.members {
			delete(m, ch.ID)
		}
		return o
	case ch.Action == plan.Add:
		if holder := c.holder(ch.Kind, ch.Key, ""); holder != nil {
			if holder.ExternalID == "" || strings.EqualFold(holder.ExternalID, ch.Anchor.GUID()) {
				o.ID, o.Linked = holder.ID, true
				return o
			}
			return fail("There is a naming conflict for [%s]", ch.DN)
		}
		c.Created[strings.ToLower(ch.Key)]++
		o.ID = c.put(identity.Resource{Kind: ch.Kind, Key: ch.Key, Active: true})
		ch.ID = o.ID
	}
	r := c.res[ch.ID]
	if r == nil {
		return fail("%s: there is no such account", ch.Key)
	}
	for _, f := range ch.Fields {
		if (f.Name == schema.UID || ch.Kind == identity.Group && f.Name == schema.GroupName) && len(f.New) > 0 {
			if c.holder(ch.Kind, f.New[0], r.ID) != nil {
				return fail("the name %s is taken", f.New[0])
			}
			r.Key = f.New[0]
		}
		switch f.Name {
		case schema.Active:
			r.Active = f.New[0] == "true"
			continue
		case schema.ExternalID:
			r.ExternalID = identity.Attrs{"x": f.New}.First("x")
		}
		if len(f.New) == 0 {
			delete(r.Attrs, f.Name)
		} else {
			r.Attrs[f.Name] = f.New
		}
	}
	return o
}

func (c *Cloud) holder(kind identity.Kind, key string, but identity.ResourceID) *identity.Resource {
	for _, r := range c.res {
		if r.Kind == kind && r.ID != but && strings.EqualFold(r.Key, key) &&
			(kind == identity.User || c.Limit.UniqueGroupNames) {
			return r
		}
	}
	return nil
}

// SetMember adds a member to a group, or removes it, as if another client did.
func (c *Cloud) SetMember(group, member identity.ResourceID, in bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.members[group] == nil {
		c.members[group] = map[identity.ResourceID]bool{}
	}
	if delete(c.members[group], member); in {
		c.members[group][member] = true
	}
}

// Remove deletes a resource as if another client did.
func (c *Cloud) Remove(id identity.ResourceID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.res, id)
	delete(c.members, id)
	for _, m := range c.members {
		delete(m, id)
	}
}
