package pac

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Bounds on the child process.
const (
	ScriptTimeout = 3 * time.Second // of the child, for one answer
	childTimeout  = 8 * time.Second // of the parent, for a child that does not keep its own
	maxMemory     = 256 << 20       // bytes of the child
)

// request asks a script about an address.
type request struct {
	Script string `json:"script"`
	URL    string `json:"url"`
	Host   string `json:"host"`
}

// reply is the answer of a script, or what is wrong with it.
type reply struct {
	Answer string `json:"answer,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Find returns what the function FindProxyForURL of a script answers about an address. It starts a child
// process with the command, which must call Serve, and waits for its end.
func Find(ctx context.Context, command []string, script, url, host string) (string, error) {
	if len(command) == 0 {
		return "", errors.New("no command runs auto-configuration files")
	}
	ask, err := json.Marshal(request{script, url, host})
	if err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, childTimeout)
	defer cancel()
	c := exec.CommandContext(limited, command[0], command[1:]...)
	c.Env = []string{"GOMEMLIMIT=128MiB", "GOTRACEBACK=none"} // nothing of the parent's, which may hold secrets
	for _, name := range []string{"SYSTEMROOT", "PATH"} {     // Windows needs its root to open a socket
		if v := os.Getenv(name); v != "" {
			c.Env = append(c.Env, name+"="+v)
		}
	}
	c.Stdin = bytes.NewReader(ask)
	out, err := c.Output()
	var a reply
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return "", fmt.Errorf("it gave no answer within %s", childTimeout)
	case err == nil:
		err = json.Unmarshal(out, &a)
	}
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return "", fmt.Errorf("it needed more than %d MiB of memory, or ended its process", maxMemory>>20)
	case err != nil:
		return "", fmt.Errorf("the process that runs it: %w", err)
	case a.Error != "":
		return "", errors.New(a.Error)
	}
	return a.Answer, nil
}
