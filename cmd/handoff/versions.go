package main

import (
	"context"
	"fmt"
	"strings"

	"handoff/inbox"
	"handoff/inbox/draft"
	"handoff/internal/worddiff"
	"handoff/proxy"
)

// versions compares what was handed in: documents, or the mail's text where it brings none.
type versions struct {
	desk *desk
	busy chan struct{} // holds one: two documents of the largest kind are enough in memory at once
}

func (d *desk) versions() versions { return versions{desk: d, busy: make(chan struct{}, 1)} }

// Compare tells what differs. An error says which version cannot be compared and why.
func (v versions) Compare(ctx context.Context, older, newer proxy.Version) (worddiff.Diff, error) {
	select {
	case v.busy <- struct{}{}:
		defer func() { <-v.busy }()
	case <-ctx.Done():
		return worddiff.Diff{}, ctx.Err()
	}
	old, err := v.content(ctx, older)
	if err != nil {
		return worddiff.Diff{}, fmt.Errorf("version %d cannot be compared: %w", older.Entry.Version, err)
	}
	latest, err := v.content(ctx, newer)
	if err != nil {
		return worddiff.Diff{}, fmt.Errorf("version %d cannot be compared: %w", newer.Entry.Version, err)
	}
	if err := ctx.Err(); err != nil {
		return worddiff.Diff{}, err
	}
	return worddiff.Compare(old, latest, worddiff.Limits{}), nil
}

// letterWords is how long the text of a mail with files or links, but no document, may be and still go with them rather than be
// what is handed in.
const letterWords = 120

// content is what a version hands in, as Markdown.
func (v versions) content(ctx context.Context, of proxy.Version) (string, error) {
	e := of.Entry
	texts, err := v.documents(ctx, of)
	switch {
	case err != nil:
		return "", err
	case len(texts) > 0:
		return strings.Join(texts, "\n\n"), nil
	}
	text, err := v.desk.written(ctx, e, of.Mail)
	switch {
	case err != nil:
		return "", err
	case len(e.Files)+len(e.Links) > 0 && draft.Words(text, letterWords) < letterWords:
		return "", fmt.Errorf("it brings no text that could be read here, but other files or links")
	}
	return text, nil
}

func (v versions) documents(ctx context.Context, of proxy.Version) ([]string, error) {
	if len(of.Entry.Files) == 0 {
		return nil, nil
	}
	if why := v.desk.unsafe(of.Mail); why != "" {
		return nil, fmt.Errorf("nothing of mail %d is opened: %s", of.Mail.ID, why)
	}
	raw, err := v.desk.rawMail(ctx, of.Mail)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	attachments := make([]inbox.Attachment, len(of.Entry.Files))
	for i, f := range of.Entry.Files {
		attachments[i] = inbox.Attachment{
			Name: f.Name, Type: f.Type, Size: f.Size, Offset: f.Offset, Length: f.Length, Encoding: f.Encoding, Within: f.Within,
		}
	}
	drafts, err := readDrafts(ctx, attachments, raw, false)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(drafts))
	for i, doc := range drafts {
		if doc.Refused != "" {
			return nil, fmt.Errorf("%s was not read: %s (\"handoff mail save %d\" saves it)", oneLine(doc.File), oneLine(doc.Refused), of.Mail.ID)
		}
		texts[i] = doc.Markdown
	}
	return texts, nil
}
