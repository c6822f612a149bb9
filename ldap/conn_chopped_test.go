package ldap

import (
	"io"
	"net"
	"time"
)

// chopped is a connection that delivers at most step bytes a read.
type chopped struct {
	net.Conn
	data []byte
	step int
}

func (c *chopped) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.step)], c.data)
	c.data = c.data[n:]
	return n, nil
}

func (c *chopped) SetReadDeadline(time.Time) error  { return nil }
func (c *chopped) SetWriteDeadline(time.Time) error { return nil }
