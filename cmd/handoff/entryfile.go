package main

import (
	"context"
	"fmt"
	"io"
)

// OpenFile reads a file of an entry from the mail that it came in.
func (d *desk) OpenFile(ctx context.Context, entry int64, number int) (io.ReadCloser, error) {
	e, err := d.Entry(ctx, entry)
	if err != nil {
		return nil, err
	}
	if number < 0 || number >= len(e.Files) {
		return nil, fmt.Errorf("entry %d has %d files, not one with the number %d", entry, len(e.Files), number)
	}
	mail, err := d.Record(ctx, e.MessageID)
	if err != nil {
		return nil, err
	}
	if why := d.unsafe(mail); why != "" {
		return nil, fmt.Errorf("nothing of mail %d is opened: %s", mail.ID, why)
	}
	raw, err := d.rawMail(ctx, mail)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{e.Files[number].Open(raw), raw}, nil
}
