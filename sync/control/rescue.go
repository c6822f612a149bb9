package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"dirbridge/config"
	"dirbridge/sync/facts"
	"dirbridge/sync/port"
	"dirbridge/sync/record"
)

// Rescue keeps what must not be lost when a front end fails.
type Rescue interface {
	// Rescue writes a report to a file that only its owner can read, in place of the last one; path
	// is that file. It stores the edits for the next start, if they change anything.
	Rescue(ctx context.Context, failure Failure, edits Edits) (path string, err error)
	// Rescued returns the stored edits; Changed is false if there are none.
	Rescued(ctx context.Context) (e Edits, err error)
	// ForgetRescued removes edits that were restored, or are not wanted.
	ForgetRescued(ctx context.Context) error
}

// Failure describes how a part of a front end failed.
type Failure struct {
	Where string // the page, for people
	What  string // in one line
	Trace string // for the developer
}

// Edits are settings as saved and as edited, with a time.
type Edits struct {
	At            time.Time
	Changed       bool
	Saved, Edited config.Draft
}

// rescuedValue is the name under which the state keeps Edits.
const rescuedValue = "console-edits"

// reportName is the name of the failure report.
const reportName = "console-failure.txt"

func (l *Local) Rescue(ctx context.Context, failure Failure, edits Edits) (string, error) {
	path := filepath.Join(l.opt.ReportDir, reportName)
	text := fmt.Sprintf("Dirbridge %s\n%s\nFailed: %s\n%s\n\n%s\n", l.opt.Version, time.Now().UTC().Format(time.RFC3339),
		failure.Where, failure.What, failure.Trace)
	err := writeReport(path, printable(text))
	event := record.Event{Time: time.Now().UTC(), Level: record.Error, Code: "console-failed", Message: failure.Where +
		" failed: " + failure.What}
	if err == nil {
		event.Remedy = "Runs are not touched by it. Please report it, with the file " + path + "."
	} else {
		path = ""
	}
	values := map[string]string{}
	if edits.Changed {
		text, e := facts.TextOf(edits)
		values[rescuedValue] = text
		err = errors.Join(err, e)
	}
	return path, errors.Join(err, l.opt.Store.Commit(ctx, port.Batch{Values: values, Events: []record.Event{event}}))
}

func (l *Local) Rescued(ctx context.Context) (e Edits, err error) {
	err = facts.ReadValue(ctx, l.opt.Store, rescuedValue, &e)
	return e, err
}

func (l *Local) ForgetRescued(ctx context.Context) error {
	return l.opt.Store.Commit(ctx, port.Batch{Values: map[string]string{rescuedValue: ""}})
}

// writeReport creates a new file: it does not write through an existing one, such as a link.
func writeReport(path, text string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// printable removes from a text what could control the terminal that shows it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
