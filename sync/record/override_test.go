package record_test

import (
	"testing"

	"dirbridge/sync/record"
)

func TestAnOverrideSaysWhichNumberIsTheLimit(t *testing.T) {
	for want, got := range map[string]string{
		"root overrode the delete threshold (34 removals, limit 20)": record.Override{Rule: "delete-threshold",
			Count: 34}.Text("root", "20"),
		"An operator overrode the delete threshold (1 removal, limit 0)": record.Override{Rule: "delete-threshold",
			Count: 1}.Text("", "0"),
		"root overrode the delete threshold (34 removals)": record.Override{Rule: "delete-threshold",
			Count: 34}.Text("root", ""),
		"root overrode the guard attribute blanked (7 counted)": record.Override{Rule: "attribute-blanked",
			Count: 7}.Text("root", ""),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
