package ldap

import (
	"io"
	"net"
	"time"
)

// choppedConn is a connection that delivers at most step bytes per read.
type choppedConn struct {
	net.Conn
	data []byte
	step int
}

func (c *choppedConn) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.step)], c.data)
	c.data = c.data[n:]
	return n, nil
}

func (c *choppedConn) SetReadDeadline(time.Time) error  { return nil }
func (c *choppedConn) SetWriteDeadline(time.Time) error { return nil }
