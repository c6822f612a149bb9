package workdb

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dirbridge/sync/digest"
	"dirbridge/sync/scratch"
)

// spool keeps rows of strings in a file, in order, until it is known whether they are needed.
// Memberships seldom change as a whole, and storing a million of them in tables costs more than
// reading them. One goroutine writes it; after that, another may read it.
type spool struct {
	dir  *scratch.Dir
	file *os.File
	w    *bufio.Writer
	rows int64  // rows
	sum  uint64 // of the rows' hashes, in any order
	row  []byte
}

func newSpool(dir *scratch.Dir, name string) (*spool, error) {
	f, err := os.OpenFile(filepath.Join(dir.Path(), name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, dir.Fault(fmt.Errorf("work file: %w", err))
	}
	return &spool{dir: dir, file: f, w: bufio.NewWriterSize(f, 64<<10)}, nil
}

func (s *spool) close() error { return s.file.Close() }

func (s *spool) fault(err error) error { return s.dir.Fault(fmt.Errorf("work file: %w", err)) }

// add appends a row.
func (s *spool) add(values ...string) error {
	s.row = s.row[:0]
	for _, v := range values {
		s.row = binary.AppendUvarint(s.row, uint64(len(v)))
		s.row = append(s.row, v...)
	}
	s.rows++
	s.sum += digest.Hash(31, string(s.row))
	if _, err := s.w.Write(s.row); err != nil {
		return s.fault(err)
	}
	return nil
}

// each calls fn for every row of that many values. It reuses the slice.
func (s *spool) each(ctx context.Context, width int, fn func([]string) error) error {
	if err := s.w.Flush(); err != nil {
		return s.fault(err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return s.fault(err)
	}
	r := bufio.NewReaderSize(s.file, 64<<10)
	values := make([]string, width)
	for {
		for i := range values {
			n, err := binary.ReadUvarint(r)
			if errors.Is(err, io.EOF) && i == 0 {
				return ctx.Err()
			}
			if err != nil {
				return s.fault(err)
			}
			v := make([]byte, n)
			if _, err := io.ReadFull(r, v); err != nil {
				return s.fault(err)
			}
			values[i] = string(v)
		}
		if err := fn(values); err != nil {
			return err
		}
	}
}
