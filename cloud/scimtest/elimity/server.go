package elimity

import (
	"net"
	"net/http"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// Token is the bearer token of every server.
const Token = "elimity-token"

// Server is a running server. It is stopped by Close.
type Server struct {
	URL  string
	http *http.Server
	done chan struct{}
	// Refuse answers a request instead of the server if it returns a status; nil never does.
	refuse func(*http.Request) int
}

// Start starts a server with pages of at most that many resources. refuse may answer a request in
// the server's place: it returns the status, 0 for none, or -1 to close the connection without an
// answer, after the request was carried out. nil never does.
func Start(page int, refuse func(*http.Request) int) (*Server, error) {
	st := newStore()
	handler, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{MaxResults: page, SupportFiltering: true, SupportPatch: true},
		ResourceTypes: []scim.ResourceType{
			{ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: schema.CoreUserSchema(),
				SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}},
				Handler:          &handler{store: st, page: page}},
			{ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: schema.CoreGroupSchema(),
				Handler: &handler{store: st, page: page, groups: true}},
		},
	})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + l.Addr().String() + "/v2", done: make(chan struct{}), refuse: refuse}
	s.http = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, handler) })}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // it ends when the server is closed
	}()
	return s, nil
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Header.Get("Authorization") != "Bearer "+Token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	status := 0
	if s.refuse != nil {
		status = s.refuse(r)
	}
	switch {
	case status == 0:
		next.ServeHTTP(w, r)
	case status < 0:
		next.ServeHTTP(discard{http.Header{}}, r)
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(status)
	}
}

// discard is where a lost answer goes.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// Close stops the server.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	return err
}
