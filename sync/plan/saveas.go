package plan

import (
	"fmt"
	"io"
	"os"

	"dirbridge/sync/scratch"
)

// SaveAs writes a copy of the plan to path, which only its owner may read. The copy is complete or
// does not exist. An existing file is replaced only if it is a plan.
func (p *Plan) SaveAs(path string) error {
	if same(p.path, path) {
		return nil
	}
	if err := replaceable(path); err != nil {
		return err
	}
	to, err := scratch.Create(path)
	if err != nil {
		return fault(path, err)
	}
	defer to.Discard()
	if err := p.copyTo(to); err != nil {
		return fault(path, err)
	}
	return fault(path, to.Replace())
}

func (p *Plan) copyTo(to *scratch.File) error {
	from, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer from.Close()
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	// The file may have been replaced since it was opened; the open one was not.
	made, err := Open(to.Temp())
	if err != nil {
		return err
	}
	digest := made.Header().Digest
	if err := made.Close(); err != nil {
		return err
	}
	if digest != p.header.Digest {
		return changed(p.path, fmt.Sprintf("another plan stands there now, %s", digest[:idLength]))
	}
	return nil
}

func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
