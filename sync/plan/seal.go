package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"dirbridge/sync/identity"
	"dirbridge/sync/record"
)

// idLength is how many hexadecimal digits of the digest are the plan's id.
const idLength = 12

// Seal ends the plan: it gives h its format, digest and id, writes it, makes the
// file durable and puts it in its place. Whether it succeeds or not, the writer is
// spent; on an error nothing is left of the file.
func (w *Writer) Seal(h Header) (*Plan, error) {
	p, err := w.seal(context.Background(), h)
	if err != nil {
		w.Discard() // the error that led here is the one worth telling
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
	if err := w.shut(); err != nil {
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

// replaceable says whether a plan may be written at path: nothing, or a plan, is
// there.
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
		Class: string(record.Hold), Remedy: "Choose another name, or remove the file first.",
		Err: fmt.Errorf("%s exists and is not a plan file: it is not overwritten", path),
	}
}
