package control

import (
	"context"
	"fmt"

	"dirbridge/config"
	"dirbridge/sync/identity"
	"dirbridge/sync/port"
)

// Explorer answers questions that come up when a directory is set up.
type Explorer interface {
	// Schema lists the attributes that a directory knows, in order of their names; none if the
	// server does not show them.
	Schema(ctx context.Context, directory string) ([]Attribute, error)
	// Partitions lists the naming contexts of the server that may hold people. It works before the
	// partition and the scope of the draft are right.
	Partitions(ctx context.Context, d config.Directory) ([]string, error)
	// TryFilter returns the objects of a kind that a filter would match, in place of the draft's
	// filter. The error for an invalid filter marks the position.
	TryFilter(ctx context.Context, d config.Directory, kind identity.Kind, filter string) (Trial, error)
}

// Attribute is one attribute of a directory's schema.
type Attribute struct {
	Name        string   `json:"name"`
	Also        []string `json:"also,omitempty"` // other names
	Syntax      string   `json:"syntax"`         // text, number, bool, time, dn, binary, sid, guid
	Single      bool     `json:"single"`
	Constructed bool     `json:"constructed"` // computed by the server on request
	Secret      bool     `json:"secret"`      // has passwords or keys: no mapping may name it
}

// Trial is what a filter matches, combined with all other conditions of scope.
type Trial struct {
	Matches int      `json:"matches"`
	Sample  []string `json:"sample"` // DNs of some that match
	// Known says that the schema could be read, so that Unknown is meaningful.
	Known bool `json:"known"`
	// Unknown are attributes of the filter that the directory does not know. The directory returns
	// no error for them: a condition on one matches no object, and neither does its negation.
	Unknown []string `json:"unknown,omitempty"`
}

// Optional abilities of a source beyond port.Source.
type (
	schemaSource interface {
		Schema(context.Context) ([]Attribute, error)
	}
	partitionSource interface {
		Partitions(context.Context) ([]string, error)
	}
	filterSource interface {
		TryFilter(ctx context.Context, kind identity.Kind, filter string) (Trial, error)
	}
)

var _ Explorer = (*Local)(nil)

// ask opens a source and asks it as a T.
func ask[T, A any](l *Local, d config.Directory, question func(T) (A, error)) (answer A, err error) {
	err = l.with(d, func(src port.Source) (err error) {
		able, ok := src.(T)
		if !ok {
			return fmt.Errorf("directory %s cannot be asked for this", d.Name)
		}
		answer, err = question(able)
		return err
	})
	return answer, err
}

func (l *Local) Schema(ctx context.Context, directory string) ([]Attribute, error) {
	d, err := l.directory(directory)
	if err != nil {
		return nil, err
	}
	return ask(l, d, func(s schemaSource) ([]Attribute, error) { return s.Schema(ctx) })
}

func (l *Local) Partitions(ctx context.Context, d config.Directory) ([]string, error) {
	// An error in the draft's scope, which is about to be chosen, must not prevent this.
	d.Partition, d.BaseDNs, d.ExcludeDNs, d.MemberOf = "", nil, nil, nil
	return ask(l, d, func(s partitionSource) ([]string, error) { return s.Partitions(ctx) })
}

func (l *Local) TryFilter(ctx context.Context, d config.Directory, kind identity.Kind, filter string) (Trial, error) {
	switch kind { // the draft's own may be incomplete
	case identity.User:
		d.UserFilter = ""
	case identity.Group:
		d.GroupFilter = ""
	}
	return ask(l, d, func(s filterSource) (Trial, error) { return s.TryFilter(ctx, kind, filter) })
}
