package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"dirbridge/sync/identity"
)

// idLength is the number of hexadecimal digits of the digest in the plan's id.
const idLength = 12

// Seal completes the plan: it sets format, digest and id in h, writes it, makes the file durable
// and moves it to its path. The writer cannot be used afterwards; after an error the file is
// removed.
func (w *Writer) Seal(h Header) (*Plan, error) {
	p, err := w.seal(context.Background(), h)
	if err != nil {
		w.Discard() // the error of the discard matters less
		return nil, fault(w.path, err)
	}
	return p, nil
}

func (w *Writer) seal(ctx context.Context, h Header) (*Plan, error) {
	if err := w.sealRows(ctx); err != nil {
		return nil, err
	}
	h.Format, h.ID, h.Digest = w.format, "", ""
	header, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"header": string(header), "digest": digest(w.format, header, &w.rows)} {
		if _, err := w.conn.ExecContext(ctx, "INSERT INTO plan (name, value) VALUES (?, ?)", name, value); err != nil {
			return nil, err
		}
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return nil, err
	}
	if err := w.closeDatabase(); err != nil {
		return nil, err
	}
	if w.file != nil {
		if err := w.file.Replace(); err != nil {
			return nil, err
		}
	}
	p, err := Open(w.path)
	if err != nil {
		return nil, err
	}
	p.own, w.temp = w.own, ""
	return p, nil
}

func (w *Writer) sealRows(ctx context.Context) error {
	names := make([]string, 0, len(w.values))
	for name := range w.values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := w.put(tblValue, name, w.values[name]); err != nil {
			return err
		}
	}
	if w.conn == nil {
		return fmt.Errorf("the plan is sealed or discarded")
	}
	for _, in := range w.into {
		if err := in.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// replaceable reports whether a plan may be written at path: only over nothing or another plan.
func replaceable(path string) error {
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fault(path, err)
	}
	if info.Mode().IsRegular() && looksLikePlan(path) {
		return nil
	}
	return &identity.Failure{
		Class: identity.Hold, Remedy: "Choose another name, or remove the file first.",
		Err: fmt.Errorf("%s exists and is not a plan file: it is not overwritten", path),
	}
}
