package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// half is a resource of a circle that was made without what it refers to; left is
// what is added to it once the rest of the circle is made.
type half struct {
	op   int
	left []byte
}

// breakCircle makes one of the operations that wait for each other, without the
// values that refer to what is not made yet (RFC 7644 section 3.7.1). It says which.
func (b *bulkRun) breakCircle(waiting []int) (int, bool) {
	if !b.srv.opt.Plain {
		return 0, false // as at Webex, a circle is a conflict
	}
	for _, i := range waiting {
		op := &b.req.Operations[i]
		if !strings.EqualFold(op.Method, http.MethodPost) || strings.Contains(op.Path, "bulkId:") {
			continue
		}
		whole := op.Data
		kept, left, ok := b.halve(whole)
		if !ok {
			continue
		}
		op.Data = kept
		b.one(i)
		op.Data = whole
		if b.made[op.BulkID] != "" {
			b.halves = append(b.halves, half{i, left})
		}
		return i, true
	}
	return 0, false
}

// halve splits the data of an operation into what can be written now and what
// refers to operations that are still to come.
func (b *bulkRun) halve(data []byte) (kept, left []byte, ok bool) {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return nil, nil, false
	}
	if inner, isText := v.(string); isText && json.Unmarshal([]byte(inner), &v) != nil {
		return nil, nil, false
	}
	k, l := b.split(v)
	return appendJSON(nil, k), appendJSON(nil, l), k != nil && l != nil
}

// split takes a value apart; nil is nothing. An object goes whole with a reference
// that stands in it, since the reference alone says nothing.
func (b *bulkRun) split(v any) (kept, left any) {
	switch v := v.(type) {
	case string:
		if b.unmade(v) {
			return nil, v
		}
	case []any:
		var k, l []any
		for _, e := range v {
			ke, le := b.split(e)
			if ke != nil {
				k = append(k, ke)
			}
			if le != nil {
				l = append(l, le)
			}
		}
		return listOrNil(k), listOrNil(l)
	case map[string]any:
		k, l := map[string]any{}, map[string]any{}
		for name, e := range v {
			if text, ok := e.(string); ok && b.unmade(text) {
				return nil, v
			}
			ke, le := b.split(e)
			if ke != nil {
				k[name] = ke
			}
			if le != nil {
				l[name] = le
			}
		}
		if len(l) == 0 {
			return v, nil
		}
		return k, l
	}
	return v, nil
}

func listOrNil(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// unmade says whether a text refers to an operation of this request that is still to come.
func (b *bulkRun) unmade(text string) bool {
	name, ok := strings.CutPrefix(text, "bulkId:")
	if _, known := b.known[name]; !ok || !known {
		return false
	}
	_, made := b.made[name]
	return !made
}

// complete adds to a half what it was made without. Where that fails the resource
// does not stay, and the operation ends in 409.
func (b *bulkRun) complete(h half) {
	r := b.srv.store.byID[b.made[b.req.Operations[h.op].BulkID]]
	if r == nil {
		return // a later operation deleted it
	}
	var value any
	body, err := b.data(bulkOp{Data: h.left})
	if err == nil {
		err = json.Unmarshal(body, &value)
	}
	if err == nil {
		err = b.srv.store.patch(byBulk, r, []Op{{Op: "add", Value: value}})
	}
	if err != nil {
		b.srv.store.remove(byBulk, r)
		b.made[b.req.Operations[h.op].BulkID] = ""
		b.failed(h.op, refuse(http.StatusConflict, "", "the operations refer to each other in a circle: %s", asFailure(err).detail))
		return
	}
	b.done(h.op, r, http.StatusCreated)
}
