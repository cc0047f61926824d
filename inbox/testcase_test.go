package inbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
)

// view is a Message as the want files name its fields.
type view struct {
	Kind          inbox.Kind         `json:"kind"`
	Automatic     bool               `json:"automatic"`
	SuppressReply bool               `json:"suppress_reply"`
	From          inbox.Address      `json:"from"`
	ReplyTo       []inbox.Address    `json:"reply_to"`
	To            []inbox.Address    `json:"to"`
	DeliveredTo   []string           `json:"delivered_to"`
	Subject       string             `json:"subject"`
	MessageID     string             `json:"message_id"`
	InReplyTo     []string           `json:"in_reply_to"`
	References    []string           `json:"references"`
	Date          string             `json:"date"`
	Body          string             `json:"body"`
	Text          string             `json:"text"`
	Elided        string             `json:"elided"`
	Attachments   []inbox.Attachment `json:"attachments"`
	Inline        []string           `json:"inline"` // names of inline attachments
	Within        []string           `json:"within"` // "name: format" of attachments in containers, the outermost format last
	Links         []inbox.Link       `json:"links"`
	Bounce        *inbox.Bounce      `json:"bounce"`
	Forwarded     []forwarded        `json:"forwarded"`
	Calendar      *inbox.Calendar    `json:"calendar"`
	Intent        *inbox.Intent      `json:"intent"`
	Returns       string             `json:"returns"` // a day, "" for none
	Held          string             `json:"held"`
	Auth          inbox.AuthResult   `json:"auth"`
}

type forwarded struct {
	From     inbox.Address `json:"from"`
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	Comment  string        `json:"comment"`
	Attached bool          `json:"attached"`
}

// options is what a want file may set of inbox.Options.
type options struct {
	AuthservIDs  []string `json:"authserv_ids"`
	OwnIDs       []string `json:"own_ids"`
	OwnAddresses []string `json:"own_addresses"`
}

func viewOf(m *inbox.Message) view {
	v := view{
		Kind: m.Kind, Automatic: m.Automatic, SuppressReply: m.SuppressReply, From: m.From, ReplyTo: m.ReplyTo, To: m.To,
		DeliveredTo: m.DeliveredTo, Subject: m.Subject, MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: m.References,
		Body: m.Body, Text: m.Text, Elided: m.Elided, Attachments: m.Attachments, Links: m.Links, Bounce: m.Bounce, Held: m.Held, Auth: m.Auth.Result,
		Calendar: m.Calendar, Intent: m.Intent,
	}
	if !m.Returns.IsZero() {
		v.Returns = m.Returns.Format(time.DateOnly)
	}
	if !m.Date.IsZero() {
		v.Date = m.Date.UTC().Format(time.RFC3339)
	}
	for _, a := range m.Attachments {
		if a.Inline {
			v.Inline = append(v.Inline, a.Name)
		}
		if a.Within != nil {
			in := a.Name + ":"
			for c := a.Within; c != nil; c = c.Within {
				in += " " + c.Format
			}
			v.Within = append(v.Within, in)
		}
	}
	for _, f := range m.Forwarded {
		v.Forwarded = append(v.Forwarded, forwarded{f.From, f.Subject, f.Text, f.Comment, f.Attached})
	}
	return v
}

func read(t *testing.T, raw []byte, opt inbox.Options) *inbox.Message {
	t.Helper()
	m, err := inbox.Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), opt)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestCases reads every testdata/NN-name.eml and compares the fields that NN-name.want.json names.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wanted, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".want.json")
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]any
			var o struct {
				Options options `json:"options"`
			}
			if err := json.Unmarshal(wanted, &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(wanted, &o); err != nil {
				t.Fatal(err)
			}
			delete(want, "options")
			m := read(t, raw, inbox.Options{
				AuthservIDs:  o.Options.AuthservIDs,
				OwnAddresses: o.Options.OwnAddresses,
				OwnID:        func(id string) bool { return slices.Contains(o.Options.OwnIDs, id) },
			})
			printed, err := json.Marshal(viewOf(m))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(printed, &got); err != nil {
				t.Fatal(err)
			}
			for field := range want {
				if _, ok := got[field]; !ok {
					t.Errorf("unknown field %q in the want file", field)
				}
			}
			for field := range got {
				if _, ok := want[field]; !ok {
					delete(got, field)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(m.Trace) == 0 {
				t.Error("no trace")
			}
		})
	}
}
