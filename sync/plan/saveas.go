package plan

import (
	"fmt"
	"io"
	"os"
)

// SaveAs writes a copy of the plan to path, which only its owner may read. It is
// there whole or not at all. An existing file is replaced only if it is a plan.
func (p *Plan) SaveAs(path string) error {
	if same(p.path, path) {
		return nil
	}
	if err := replaceable(path); err != nil {
		return err
	}
	temp, err := tempFile(path)
	if err != nil {
		return fault(path, err)
	}
	if err := p.copyTo(temp, path); err != nil {
		os.Remove(temp) // the error that led here is the one worth telling
		return fault(path, err)
	}
	return nil
}

func (p *Plan) copyTo(temp, path string) error {
	from, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(temp, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if shut := to.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return err
	}
	// The file may have been replaced since it was opened; what is open was not.
	made, err := Open(temp)
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
	return settle(temp, path)
}

func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
