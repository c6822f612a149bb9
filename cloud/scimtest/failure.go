package scimtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

const (
	errorURN      = "urn:ietf:params:scim:api:messages:2.0:Error"
	webexErrorURN = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"
)

// failure is an error answer of RFC 7644 section 3.12.
type failure struct {
	status   int
	scimType string
	detail   string
}

func (f *failure) Error() string { return strconv.Itoa(f.status) + " " + f.scimType + ": " + f.detail }

func refuse(status int, scimType, format string, args ...any) *failure {
	return &failure{status: status, scimType: scimType, detail: fmt.Sprintf(format, args...)}
}

func notFound(kind, id string) *failure {
	return refuse(http.StatusNotFound, "", "%s %s was not found", kind, id)
}

// asFailure returns the failure in the chain of err; any other error is a server error.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return refuse(http.StatusInternalServerError, "", "%v", err)
}

// body is the SCIM error, with Webex's extension if there is a tracking id.
func (f *failure) body(tracking string) json.RawMessage {
	m := map[string]any{
		"schemas": []any{errorURN},
		"status":  strconv.Itoa(f.status),
		"detail":  f.detail,
	}
	if tracking != "" {
		m["schemas"] = []any{errorURN, webexErrorURN}
		m[webexErrorURN] = map[string]any{
			"trackingId": tracking,
			"errorCode":  200000 + f.status,
			"details":    []any{f.detail},
		}
	}
	if f.scimType != "" {
		m["scimType"] = f.scimType
	}
	b, err := json.Marshal(m)
	if err != nil {
		return json.RawMessage(`{"status":"500"}`) // strings and numbers always encode
	}
	return b
}
