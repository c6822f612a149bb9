package view

import (
	"strings"
	"testing"
	"time"

	"dirbridge/sync/control"
)

// TestWithheldSidesSayWhenTheyWereMade checks that each side has its creation time, if known.
func TestWithheldSidesSayWhenTheyWereMade(t *testing.T) {
	var h control.Withheld
	for _, side := range []string{WithheldPerson(h), WithheldAccount(h)} {
		if strings.Contains(side, "created") {
			t.Errorf("%q", side)
		}
	}
	h.Person.Created = time.Date(2024, 1, 31, 12, 0, 0, 0, time.Local)
	h.Account.Created = time.Date(2019, 5, 2, 8, 30, 0, 0, time.Local)
	if side := WithheldPerson(h); !strings.HasSuffix(side, "created 2024-01-31 12:00") {
		t.Errorf("%q", side)
	}
	if side := WithheldAccount(h); !strings.HasSuffix(side, "created 2019-05-02 08:30") {
		t.Errorf("%q", side)
	}
}
