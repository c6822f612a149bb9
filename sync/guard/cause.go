package guard

import (
	"context"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/stage"
)

// Causes says what many leavers have in common: a container that was renamed or moved, or the place
// to which they moved. It holds the containers of the last run and of this one, which are few
// compared with people.
type Causes struct {
	before map[identity.Anchor]identity.Container
	now    map[identity.Anchor]identity.Container
	byDN   map[string]identity.Anchor // current
}

func NewCauses(ctx context.Context, d *stage.Draft) (*Causes, error) {
	c := &Causes{map[identity.Anchor]identity.Container{}, map[identity.Anchor]identity.Container{},
		map[string]identity.Anchor{}}
	for _, dir := range d.Header.Directories {
		err := d.Env.Store.Containers(ctx, dir.Name, func(k identity.Container) error {
			c.before[k.Anchor] = k
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	err := d.Work.EachContainer(ctx, func(k identity.Container) error {
		c.now[k.Anchor] = k
		c.byDN[identity.Fold(k.DN)] = k.Anchor
		return nil
	})
	return c, err
}

// Of explains how an object whose shadow has another place came to be at dn.
func (c *Causes) Of(s identity.Shadow, dn string) string {
	_, parent := identity.SplitDN(dn)
	if at := c.byDN[identity.Fold(parent)]; at == "" || at != s.Parent {
		return "moved to " + parent
	}
	// The object itself did not move; a container above it did. Walk up to the highest one whose DN
	// changed.
	cause := ""
	for dn := parent; dn != ""; {
		a := c.byDN[identity.Fold(dn)]
		old, known := c.before[a]
		if !known || strings.EqualFold(old.DN, dn) {
			break
		}
		oldRDN, oldParent := identity.SplitDN(old.DN)
		newRDN, up := identity.SplitDN(dn)
		if strings.EqualFold(oldRDN, newRDN) {
			cause = oldRDN + " was moved from " + oldParent + " to " + up
		} else {
			cause = oldRDN + " was renamed " + newRDN
		}
		dn = up
	}
	if cause == "" {
		return "the scope or a filter changed"
	}
	return cause
}
