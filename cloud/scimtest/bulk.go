package scimtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	bulkURN         = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	bulkResponseURN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// bulkOp is one operation of a bulk request (RFC 7644 section 3.7).
type bulkOp struct {
	Method  string          `json:"method"`
	BulkID  string          `json:"bulkId"`
	Version string          `json:"version"`
	Path    string          `json:"path"`
	Data    json.RawMessage `json:"data"` // an object, or a string with one
}

type bulkRequest struct {
	Schemas      []string `json:"schemas"`
	FailOnErrors int      `json:"failOnErrors"`
	Operations   []bulkOp `json:"Operations"` // decoded case-insensitively
}

// bulkRun executes one bulk request, under the store's write lock.
type bulkRun struct {
	srv        *Server
	e          *exchange
	req        bulkRequest
	known      map[string]int    // bulkIds of the request, to the first operation with that id
	created    map[string]string // bulkId to the id of the new resource; "" if its creation failed
	results    []map[string]any  // by operation; nil is omitted from the answer
	incomplete []incompleteResource
	errors     int
}

func (s *Server) bulk(e *exchange) (answer, error) {
	if s.opt.WithoutBulk {
		return answer{}, refuse(http.StatusNotImplemented, "", "bulk is not supported")
	}
	run := &bulkRun{srv: s, e: e, known: map[string]int{}, created: map[string]string{}}
	if err := json.Unmarshal(e.body, &run.req); err != nil {
		return answer{}, refuse(http.StatusBadRequest, "invalidSyntax", "the body is not a bulk request: %v", err)
	}
	ops := run.req.Operations
	if !slices.Contains(run.req.Schemas, bulkURN) {
		return answer{}, refuse(http.StatusBadRequest, "invalidSyntax", "schemas must name %s", bulkURN)
	}
	if len(ops) == 0 {
		return answer{}, refuse(http.StatusBadRequest, "invalidSyntax", "Operations is empty")
	}
	if len(ops) > s.opt.MaxOps {
		return answer{},
			refuse(http.StatusRequestEntityTooLarge, "tooMany", "the number of operations exceeds maxOperations (%d)",
				s.opt.MaxOps)
	}
	if e.faults.has(OmitOperations) {
		run.req.Operations = ops[:(len(ops)+1)/2]
	}
	s.store.mu.Lock()
	run.carryOut()
	s.store.mu.Unlock()
	if e.faults.has(OmitAnswers) {
		run.results = run.results[:(len(ops)+1)/2]
	}
	return ok(http.StatusOK, run.body()), nil
}

// carryOut executes the operations. An operation that refers to a later one waits for it;
// operations in a circle are created in halves, or end in 409.
func (b *bulkRun) carryOut() {
	b.workThrough()
	for _, h := range b.incomplete {
		b.complete(h)
	}
}

func (b *bulkRun) workThrough() {
	ops := b.req.Operations
	b.results = make([]map[string]any, len(ops))
	pending := make([]int, 0, len(ops))
	for i, op := range ops {
		pending = append(pending, i)
		if _, twice := b.known[op.BulkID]; op.BulkID != "" && !twice {
			b.known[op.BulkID] = i
		}
	}
	for len(pending) > 0 {
		var waiting []int
		for _, i := range pending {
			if b.enough() {
				return
			}
			if b.mustWait(ops[i]) {
				waiting = append(waiting, i)
				continue
			}
			b.one(i)
		}
		if len(waiting) == len(pending) {
			if i, ok := b.breakCircle(waiting); ok {
				pending = slices.DeleteFunc(waiting, func(w int) bool { return w == i })
				continue
			}
			for _, i := range waiting {
				if b.enough() {
					return
				}
				b.failed(i, refuse(http.StatusConflict, "", "the operations refer to each other in a circle"))
			}
			return
		}
		pending = waiting
	}
}

func (b *bulkRun) enough() bool { return b.req.FailOnErrors > 0 && b.errors >= b.req.FailOnErrors }

func (b *bulkRun) mustWait(op bulkOp) bool {
	for _, id := range references(op) {
		if _, known := b.known[id]; !known {
			continue
		}
		if _, made := b.created[id]; !made {
			return true
		}
	}
	return false
}

// references lists the bulkIds in the path and data of an operation.
func references(op bulkOp) []string {
	var out []string
	if _, id, ok := strings.Cut(op.Path, "bulkId:"); ok {
		out = append(out, id)
	}
	rest := op.Data
	for {
		_, after, ok := bytes.Cut(rest, []byte("bulkId:"))
		if !ok {
			return out
		}
		end := bytes.IndexAny(after, `"\`)
		if end < 0 {
			return out
		}
		out, rest = append(out, string(after[:end])), after[end:]
	}
}

func (b *bulkRun) one(i int) {
	op := b.req.Operations[i]
	r, status, err := b.perform(i, op)
	if err != nil {
		b.failed(i, asFailure(err))
		return
	}
	if strings.EqualFold(op.Method, http.MethodPost) {
		b.created[op.BulkID] = r.id
	}
	b.done(i, r, status)
}

func (b *bulkRun) done(i int, r *resource, status int) {
	op := b.req.Operations[i]
	res := b.result(op, status)
	res["location"] = b.srv.store.location(r)
	if !strings.EqualFold(op.Method, http.MethodDelete) {
		res["version"] = r.etag()
		if b.srv.opt.BulkBodies {
			res["response"] = json.RawMessage(b.srv.store.encodeSelected(r, attributeSelection{members: true}))
		}
	}
	b.results[i] = res
}

func (b *bulkRun) failed(i int, f *failure) {
	op := b.req.Operations[i]
	res := b.result(op, f.status)
	res["response"] = f.body(b.e.tracking)
	if !strings.EqualFold(op.Method, http.MethodPost) && !strings.Contains(op.Path, "bulkId:") {
		res["location"] = b.srv.url + "/" + strings.TrimPrefix(op.Path, "/")
	}
	if _, made := b.created[op.BulkID]; !made {
		b.created[op.BulkID] = ""
	}
	b.results[i] = res
	b.errors++
}

func (b *bulkRun) result(op bulkOp, status int) map[string]any {
	res := map[string]any{"method": strings.ToUpper(op.Method)}
	if op.BulkID != "" {
		res["bulkId"] = op.BulkID
	}
	switch b.srv.opt.BulkStatus {
	case StatusNumber:
		res["status"] = status
	case StatusObject:
		res["status"] = map[string]any{"code": strconv.Itoa(status)}
	default:
		res["status"] = strconv.Itoa(status)
	}
	return res
}

func (b *bulkRun) perform(i int, op bulkOp) (*resource, int, error) {
	op.Method = strings.ToUpper(op.Method)
	rt, id, err := b.place(op)
	if err != nil {
		return nil, 0, err
	}
	kind := rt.endpoint[1:]
	if id != "" {
		kind += "/{id}"
	}
	if f := b.srv.faults.refuseOperation(op.Method, kind); f != nil {
		return nil, 0, f
	}
	if op.Method == http.MethodPost {
		if op.BulkID == "" || id != "" || b.known[op.BulkID] != i {
			return nil, 0, refuse(http.StatusBadRequest, "invalidValue", "POST needs a bulkId of its own and a path without id")
		}
		body, err := b.data(op)
		if err != nil {
			return nil, 0, err
		}
		attrs, err := acceptBody(rt, body)
		if err != nil {
			return nil, 0, err
		}
		r, err := b.srv.store.create(byBulk, rt, attrs)
		return r, http.StatusCreated, err
	}
	return b.performOn(rt, id, op)
}

// performOn executes an operation on an existing resource.
func (b *bulkRun) performOn(rt *resourceType, id string, op bulkOp) (*resource, int, error) {
	put := op.Method == http.MethodPut && b.srv.opt.Plain // Webex does not document PUT
	if !put && op.Method != http.MethodPatch && op.Method != http.MethodDelete {
		return nil, 0,
			refuse(http.StatusMethodNotAllowed, "", "%q is not allowed in bulk; allowed: POST, PATCH, DELETE", op.Method)
	}
	r, err := b.srv.store.get(rt, id)
	if err != nil {
		return nil, 0, err
	}
	if op.Version != "" && op.Version != r.etag() {
		return nil, 0, refuse(http.StatusPreconditionFailed, "", "the version is %s, not %s", r.etag(), op.Version)
	}
	if op.Method == http.MethodDelete {
		b.srv.store.remove(byBulk, r)
		return r, http.StatusNoContent, nil
	}
	body, err := b.data(op)
	if err != nil {
		return nil, 0, err
	}
	if put {
		attrs, err := acceptBody(rt, body)
		if err != nil {
			return nil, 0, err
		}
		return r, http.StatusOK, b.srv.store.replace(byBulk, r, attrs)
	}
	ops, err := decodePatch(body)
	if err != nil {
		return nil, 0, err
	}
	return r, http.StatusOK, b.srv.store.patch(byBulk, r, ops)
}

// place parses an operation's path: /Users, /Groups/{id}, /Users/bulkId:name.
func (b *bulkRun) place(op bulkOp) (*resourceType, string, error) {
	endpoint, id, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
	if name, ok := strings.CutPrefix(id, "bulkId:"); ok {
		if id = b.created[name]; id == "" {
			return nil, "", refuse(http.StatusBadRequest, "invalidValue", "nothing was made of bulkId %s", name)
		}
	}
	switch strings.ToLower(endpoint) {
	case "users":
		return b.srv.store.cat.users, id, nil
	case "groups":
		return b.srv.store.cat.groups, id, nil
	}
	return nil, "", refuse(http.StatusBadRequest, "invalidPath", "the path %q is not valid", op.Path)
}

// data is the body of an operation, with references replaced by ids.
func (b *bulkRun) data(op bulkOp) ([]byte, error) {
	data := []byte(op.Data)
	var inner string
	if json.Unmarshal(data, &inner) == nil {
		data = []byte(inner)
	}
	for _, name := range references(bulkOp{Data: data}) {
		id := b.created[name]
		if id == "" {
			return nil, refuse(http.StatusBadRequest, "invalidValue", "nothing was made of bulkId %s", name)
		}
		data = bytes.ReplaceAll(data, []byte(`"bulkId:`+name+`"`), []byte(`"`+id+`"`))
	}
	return data, nil
}

// body is the answer. Its key for the operations is spelled as in the request.
func (b *bulkRun) body() []byte {
	key := "Operations"
	var keys map[string]json.RawMessage
	if json.Unmarshal(b.e.body, &keys) == nil && keys["operations"] != nil {
		key = "operations"
	}
	list := []any{}
	for _, r := range b.results {
		if r != nil {
			list = append(list, r)
		}
	}
	return appendJSON(nil, map[string]any{"schemas": []any{bulkResponseURN}, key: list})
}
