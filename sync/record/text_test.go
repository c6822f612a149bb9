package record_test

import (
	"testing"

	"dirbridge/sync/record"
)

func TestTheEndOfARunNamesWhatIsMissing(t *testing.T) {
	run := record.Run{ID: 7, Mode: record.Full, Outcome: record.Partial, Failed: 1, NotDone: 1204,
		Counts: record.Counts{Users: record.ObjectCounts{Add: 1803}},
		Unread: []record.UnreadDirectory{{Name: "corp"}}}
	const want = "Run 7 (full) finished incompletely: 1,803 written, 1 failed, 1,204 not attempted, " +
		"directory corp was not read"
	if got := run.Ending(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	run = record.Run{ID: 8, Mode: record.Incremental, Outcome: record.Done}
	if got := run.Ending(); got != "Run 8 (incremental) succeeded: 0 written" {
		t.Error(got)
	}
}
