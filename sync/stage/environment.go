package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dirbridge/sync/digest"
	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
	"dirbridge/sync/policy"
	"dirbridge/sync/port"
	"dirbridge/sync/schema"
)

// Env is the environment of every stage: the parts of the engine, and what the current run found on
// both sides when it connected.
type Env struct {
	Sources      []port.Source
	Target       port.Target
	Store        port.Store
	Catalogue    schema.Catalogue
	Rules        map[string]string
	Overrides    map[string]map[string]string
	Policy       policy.Policy
	Protected    []string
	Unsynced     func(directory string, kind identity.Kind) bool
	ByMembership func(directory string) bool
	Scope        string
	Dir          string

	Now     func() time.Time
	Mappers *Mappers
	Org     identity.Organization
	Mark    plan.StateMark     // of the state, when the current plan was begun
	Found   map[string]Finding // by directory, of the current run
	Meter   Meter
}

// ConfigDigest pins scope, mapping and policy: a plan made under others is refused.
func (e *Env) ConfigDigest() string {
	p := e.Policy
	return digest.Of(e.aimDigest(), guardWords([]any{p.Threshold, p.Guards, p.DirectoryGuards},
		policy.DefaultGuards().Lost))
}

// guardWords writes thresholds for a digest. It leaves out a guard that was added later while that
// guard has its usual value, so that earlier plans and reads stay valid.
func guardWords(of any, usual policy.Threshold) string {
	return strings.ReplaceAll(fmt.Sprintf("%+v", of), " Lost:"+usual.String()+"}", "}")
}

// aimDigest pins the goal of a plan without its guards: what was read under other thresholds stays
// valid.
func (e *Env) aimDigest() string {
	p := e.Policy
	p.Threshold, p.Guards, p.DirectoryGuards = policy.Threshold{}, policy.Guards{}, nil
	parts := []string{e.Mappers.digest(), e.Scope, guardWords(p, policy.Threshold{})}
	if len(e.Protected) > 0 {
		parts = append(parts, fmt.Sprintf("protected %q", e.Protected))
	}
	return digest.Of(parts...)
}

// Cancelled makes an error of a context that ended say so: databases call it an interruption, and
// servers a closed connection.
func Cancelled(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

// FingerprintsDigest pins everything on which a fingerprint depends, apart from the entry and the
// account.
func (e *Env) FingerprintsDigest() string {
	return digest.Of("2", e.aimDigest(), e.Org.ID)
}

// Lookers is how many resources are read at a time, where they are read one by one.
const Lookers = 8
