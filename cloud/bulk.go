package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// bulkOperation is one operation of a bulk request (RFC 7644 section 3.7). Deletions never use
// bulk.
type bulkOperation struct {
	Method, BulkID, Path string
	Version              string // of the resource to change; "" for any
	Data                 []byte // JSON
	it                   *item
}

// bulk writes several users with one request.
func (a *application) bulk(items []*item) {
	if a.t.noBulk.Load() {
		a.singly(items, false)
		return
	}
	// If the cloud may fail everything, risk one item, not all.
	for len(items) > 0 && a.t.client.circuit.doubtful() && a.run.Err() == nil {
		var it *item
		it, items = take(&a.t.client.circuit, items, (*item).leaver)
		a.write(it)
	}
	var ops []bulkOperation
	for _, it := range items {
		if a.run.Err() != nil {
			return
		}
		if op, ok := a.prepare(it); ok {
			op.BulkID = strconv.Itoa(len(ops) + 1)
			ops = append(ops, op)
		}
	}
	a.sendBulk(ops)
}

// prepare makes the operation of one item; false if the item is done.
func (a *application) prepare(it *item) (bulkOperation, bool) {
	c := it.c
	if c.Action == plan.Add {
		body, err := a.t.create(c)
		if err != nil {
			a.create(it) // it reports the error
			return bulkOperation{}, false
		}
		return bulkOperation{Method: http.MethodPost, Path: collection(c.Kind), Data: body, it: it}, true
	}
	edits, err := a.t.edits(c)
	if err != nil || a.t.puts(c.Kind, edits) {
		a.patch(it)
		return bulkOperation{}, false
	}
	version := c.CloudVersion
	ops, look := a.t.operations(edits, nil, false)
	if look {
		have, _, err := a.t.state(a.run, c)
		if err != nil {
			a.failed(it, err)
			return bulkOperation{}, false
		}
		ops, _ = a.t.operations(edits, have, false)
		version = versionOf(have)
	}
	if len(ops) == 0 {
		a.patch(it)
		return bulkOperation{}, false
	}
	body, err := a.t.patchBody(ops)
	if err != nil {
		a.patch(it)
		return bulkOperation{}, false
	}
	return bulkOperation{Method: http.MethodPatch, Path: pathOf(c.Kind, c.ID), Version: version, Data: body, it: it}, true
}

// sendBulk sends operations in one request. If they are too large or refused as a whole, it sends
// smaller requests.
func (a *application) sendBulk(ops []bulkOperation) {
	if len(ops) < 2 || a.t.noBulk.Load() {
		a.singly(itemsOf(ops), false)
		return
	}
	body, err := a.t.bulkBody(ops)
	if err != nil {
		a.singly(itemsOf(ops), false)
		return
	}
	if most := a.t.profile.Bulk.Payload; most > 0 && len(body) > most {
		a.halve(ops)
		return
	}
	ans, err := a.t.client.do(a.run,
		request{method: http.MethodPost, path: "/Bulk", body: body, write: true, multiple: true})
	r := refusalOf(err)
	switch {
	case err == nil:
		a.readBulk(ops, ans)
	case r == nil && !errors.Is(err, errStopped) && class(err) != identity.Hold:
		a.singly(itemsOf(ops), true) // an unreadable answer leaves every outcome open
	case r == nil, class(err) == identity.Hold, a.run.Err() != nil:
		a.failedAll(itemsOf(ops), err)
	case r.status == http.StatusRequestEntityTooLarge:
		a.halve(ops)
	case r.status == http.StatusNotFound, r.status == http.StatusMethodNotAllowed, r.status == http.StatusNotImplemented:
		a.t.noBulk.Store(true)
		a.singly(itemsOf(ops), false)
	case r.unknown:
		for _, op := range ops {
			op.it.tries++
			op.it.last = err
		}
		a.singly(itemsOf(ops), true)
	case class(err) == identity.Retry:
		a.failedAll(itemsOf(ops), err)
	default:
		a.singly(itemsOf(ops), false)
	}
}

// bulkBody joins the encoded operations without encoding them again.
func (t *Target) bulkBody(ops []bulkOperation) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"schemas":["` + bulkMessage + `"],`)
	if t.profile.Bulk.FailOnErrors {
		b.WriteString(`"failOnErrors":` + strconv.Itoa(len(ops)) + `,`)
	}
	b.WriteString(strconv.Quote(t.profile.Bulk.Key) + `:[`)
	for i, op := range ops {
		path, err := json.Marshal(op.Path)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"method":"%s","bulkId":"%s","path":%s,`, op.Method, op.BulkID, path)
		if t.conditional && op.Version != "" {
			version, err := json.Marshal(op.Version)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, `"version":%s,`, version)
		}
		b.WriteString(`"data":`)
		b.Write(op.Data)
		b.WriteByte('}')
	}
	b.WriteString(`]}`)
	return b.Bytes(), nil
}

func (a *application) halve(ops []bulkOperation) {
	half := len(ops) / 2
	a.sendBulk(ops[:half])
	a.sendBulk(ops[half:])
}

// singly sends items one by one. Items in doubt are looked up first. If a cloud that has written in
// this run may fail everything by now, it tries only a few of the items that failed before: if all
// of them failed again, that would not prove that everything else fails.
func (a *application) singly(items []*item, doubt bool) {
	tried := 0
	for len(items) > 0 {
		var it *item
		it, items = take(&a.t.client.circuit, items, (*item).leaver)
		if a.run.Err() != nil {
			if doubt || it.outcomeUnknown {
				a.failed(it, (&refusal{unknown: true, cause: errors.New("the answer was lost, and the run was stopped")}).failure())
			}
			continue
		}
		it.outcomeUnknown = it.outcomeUnknown || doubt
		if it.last != nil && a.t.client.circuit.suspectsRecords() {
			if tried++; tried > probesInARow {
				a.failed(it, it.last)
				continue
			}
			it.exempt = true
			a.backOff(tried)
		}
		a.write(it)
	}
}

func itemsOf(ops []bulkOperation) []*item {
	items := make([]*item, len(ops))
	for i, op := range ops {
		items[i] = op.it
	}
	return items
}

// bulkResult is the answer to one operation.
type bulkResult struct {
	BulkID   string
	Location string
	Status   bulkStatus
	Response json.RawMessage
}

// bulkStatus accepts "201", 201 and {"code": "201"}: providers send all three.
type bulkStatus int

func (s *bulkStatus) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("{")) {
		var o struct{ Code json.RawMessage }
		if err := json.Unmarshal(raw, &o); err != nil {
			return err
		}
		raw = o.Code
	}
	n, err := strconv.Atoi(string(bytes.Trim(raw, `" `)))
	if err != nil {
		n = 0 // not credible: as if absent
	}
	*s = bulkStatus(n)
	return nil
}

// readBulk answers each operation. Operations that the answer omits were not carried out.
func (a *application) readBulk(ops []bulkOperation, whole response) {
	var ans struct{ Operations []bulkResult }
	if json.Unmarshal(whole.body, &ans) != nil {
		a.singly(itemsOf(ops), true)
		return
	}
	got := matchBulk(ops, ans.Operations)
	someDone := a.reportBulk(got)
	var again []*item
	for i := range ops {
		ops[i].it.exempt = someDone
		if a.readOperation(ops[i], got[i], whole.header) {
			again = append(again, ops[i].it)
		}
	}
	a.singly(again, false)
}

// reportBulk reports the result of a bulk request to the circuit: a failure if the cloud failed
// every operation. did is true if the cloud carried out any of them.
func (a *application) reportBulk(answers []*bulkResult) (did bool) {
	failed := 0
	for _, got := range answers {
		if got == nil || got.Status == 0 {
			continue
		}
		did = did || got.Status < 300
		if c, _ := a.t.client.refuse(int(got.Status), http.Header{}, got.Response).verdict(); got.Status >= 300 &&
			c == identity.Retry {
			failed++
		}
	}
	if failed > 0 && failed == len(answers) {
		a.t.client.circuit.failed(true, strconv.Itoa(int(answers[0].Status)))
	} else {
		a.t.client.circuit.succeeded(true)
	}
	return did
}

// matchBulk finds the answer to each operation, by bulkId, else by position; nil if there is none.
// An answer about another resource does not count.
func matchBulk(ops []bulkOperation, answers []bulkResult) []*bulkResult {
	byID := make(map[string]*bulkResult, len(answers))
	for i := range answers {
		if id := answers[i].BulkID; id != "" {
			byID[id] = &answers[i]
		}
	}
	out := make([]*bulkResult, len(ops))
	for i, op := range ops {
		got := byID[op.BulkID]
		if got == nil && i < len(answers) && answers[i].BulkID == "" {
			got = &answers[i]
		}
		if got != nil && op.Method == http.MethodPatch && got.Location != "" && lastSegment(got.Location) != op.it.c.ID {
			got = nil
		}
		out[i] = got
	}
	return out
}

// readOperation answers one operation, or returns that it must be sent again by itself. An operation
// without a tracking id of its own has that of the whole answer.
func (a *application) readOperation(op bulkOperation, got *bulkResult, h http.Header) (again bool) {
	it := op.it
	if got == nil || got.Status == 0 {
		it.outcomeUnknown = true
		return true
	}
	status, add := int(got.Status), op.Method == http.MethodPost
	switch {
	case status < 300 && add:
		a.created(it, status, got.Location, got.Response)
	case status < 300:
		a.patched(it, status, got.Response)
	default:
		r := a.t.client.refuse(status, http.Header{"Trackingid": h.Values("Trackingid")}, got.Response)
		status = r.status
		switch c, _ := r.verdict(); {
		case c == identity.Retry:
			it.tries++
			it.last, it.outcomeUnknown = r.failure(), it.outcomeUnknown || status >= 500
			return true
		case add && status == http.StatusConflict:
			a.conflict(it, r)
		case status == http.StatusConflict:
			a.taken(it, r)
		case a.otherOrganization(it, r):
		case !add && (status == http.StatusBadRequest || outdated(status)):
			it.outcomeUnknown = true // so that the resource is read first
			return true
		case c == identity.Hold:
			// The request was authorized; this operation was not.
			a.failed(it, fail(identity.GiveUp, "Give the account behind the token the right to change this user.", r))
		default:
			a.failed(it, r.failure())
		}
	}
	return false
}
