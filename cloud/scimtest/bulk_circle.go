package scimtest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// incompleteResource is a resource of a circle that was created without its references; left is what is added
// when the rest of the circle exists.
type incompleteResource struct {
	op   int
	left []byte
}

// breakCircle creates one of the operations that wait for each other, without the values that refer
// to resources that do not exist yet (RFC 7644 section 3.7.1). It returns which one.
func (b *bulkRun) breakCircle(waiting []int) (int, bool) {
	if !b.srv.opt.Plain {
		return 0, false // for Webex, a circle is a conflict
	}
	for _, i := range waiting {
		op := &b.req.Operations[i]
		if !strings.EqualFold(op.Method, http.MethodPost) || strings.Contains(op.Path, "bulkId:") {
			continue
		}
		whole := op.Data
		kept, left, ok := b.splitReferences(whole)
		if !ok {
			continue
		}
		op.Data = kept
		b.one(i)
		op.Data = whole
		if b.created[op.BulkID] != "" {
			b.incomplete = append(b.incomplete, incompleteResource{i, left})
		}
		return i, true
	}
	return 0, false
}

// splitReferences splits the data of an operation into what can be written now, and what refers to operations
// that are not done yet.
func (b *bulkRun) splitReferences(data []byte) (kept, left []byte, ok bool) {
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

// split splits a value; nil means nothing. An object with a reference directly in it is not split,
// since the reference alone says nothing.
func (b *bulkRun) split(v any) (kept, left any) {
	switch v := v.(type) {
	case string:
		if b.notCreatedYet(v) {
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
			if text, ok := e.(string); ok && b.notCreatedYet(text) {
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

// notCreatedYet reports whether a text refers to an operation of this request that is not done yet.
func (b *bulkRun) notCreatedYet(text string) bool {
	name, ok := strings.CutPrefix(text, "bulkId:")
	if _, known := b.known[name]; !ok || !known {
		return false
	}
	_, made := b.created[name]
	return !made
}

// complete adds the missing references to a half. If that fails, the resource is removed and the
// operation ends in 409.
func (b *bulkRun) complete(h incompleteResource) {
	r := b.srv.store.byID[b.created[b.req.Operations[h.op].BulkID]]
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
		b.created[b.req.Operations[h.op].BulkID] = ""
		b.failed(h.op, refuse(http.StatusConflict, "", "the operations refer to each other in a circle: %s",
			asFailure(err).detail))
		return
	}
	b.done(h.op, r, http.StatusCreated)
}
