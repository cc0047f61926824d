package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"handoff/proxy"
	"handoff/templates"
)

// OpenFile reads a file of an entry, or what its author wrote, from the mail that it came in.
func (d *desk) OpenFile(ctx context.Context, entry int64, number int) (io.ReadCloser, error) {
	e, err := d.Entry(ctx, entry)
	if err != nil {
		return nil, err
	}
	if number != templates.MailText && (number < 0 || number >= len(e.Files)) {
		return nil, fmt.Errorf("entry %d has %d files, not one with the number %d", entry, len(e.Files), number)
	}
	mail, err := d.Record(ctx, e.MessageID)
	if err != nil {
		return nil, err
	}
	if why := d.unsafe(mail); why != "" {
		return nil, fmt.Errorf("nothing of mail %d is opened: %s", mail.ID, why)
	}
	if number == templates.MailText {
		return d.mailText(ctx, e, mail)
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

// mailText is what the author of an entry wrote in its mail, for others to read.
func (d *desk) mailText(ctx context.Context, e proxy.Entry, mail proxy.Record) (io.ReadCloser, error) {
	text, err := d.written(ctx, e, mail)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// written is what the author of an entry wrote in its mail, without what that answers and without our signed addresses.
func (d *desk) written(ctx context.Context, e proxy.Entry, mail proxy.Record) (string, error) {
	m, raw, err := d.storedMail(ctx, mail)
	if err != nil {
		return "", err
	}
	if err := raw.Close(); err != nil {
		return "", err
	}
	id, err := d.identity(ctx)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(id.Conceal(e.Written(m))), nil
}
