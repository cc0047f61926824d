package inbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"handoff/inbox"
)

// TestAuthorBehindFrom: what authenticates the domain in From says nothing of the author that other fields name.
func TestAuthorBehindFrom(t *testing.T) {
	for name, fields := range map[string]string{
		"X-Original-From":     "From: Ann via Docs <mallory@evil.example>\r\nX-Original-From: Ann <ann@writers.example.net>\r\n",
		"Sender and Reply-To": "From: Ann via Docs <mallory@evil.example>\r\nSender: docs@evil.example\r\nReply-To: Ann <ann@writers.example.net>\r\n",
		"Author":              "From: Ann via Docs <mallory@evil.example>\r\nAuthor: Ann <ann@writers.example.net>\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			raw := "Authentication-Results: mx.agency.example; dmarc=pass header.from=evil.example\r\n" + fields +
				"To: drafts@agency.example\r\nSubject: Draft\r\nMessage-ID: <1@evil.example>\r\n\r\nText.\r\n"
			m := read(t, []byte(raw), inbox.Options{AuthservIDs: []string{"mx.agency.example"}})
			if strings.HasSuffix(m.From.Address, "@writers.example.net") && m.Auth.Result == inbox.AuthPass {
				t.Errorf("%s passes for %s", m.From.Address, m.Auth.Reason)
			}
		})
	}
}

// TestSubjectAlone: no subject makes a mail automatic that brings something.
func TestSubjectAlone(t *testing.T) {
	const file = "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n--b--\r\n"
	for subject, want := range map[string]inbox.Kind{
		"Draft: how to write an auto-reply people like": inbox.Human,
		"Auto: ten trends for 2027":                     inbox.Human,
		"Automatic reply: your mail":                    inbox.Human,
	} {
		raw := "From: Ann <ann@writers.example.net>\r\nTo: drafts@agency.example\r\nSubject: " + subject +
			"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere it is.\r\n" + file
		if m := read(t, []byte(raw), inbox.Options{}); m.Kind != want {
			t.Errorf("%s: %s, want %s", subject, m.Kind, want)
		}
	}
	if m := read(t, []byte("From: Ann <ann@writers.example.net>\r\nSubject: Automatic reply: your mail\r\n\r\nI am away.\r\n\r\n> your mail\r\n"), inbox.Options{}); m.Kind != inbox.AutoReply {
		t.Errorf("a notice is %s", m.Kind)
	}
}

// TestRobots: nobody reads what is sent to such an address.
func TestRobots(t *testing.T) {
	for address, want := range map[string]bool{
		"drive-shares-dm-noreply@google.com": true, "comments-noreply@docs.google.com": true, "no-reply@shop.example": true, "noreply-dms@shop.example": true,
		"norbert@writers.example.net": false, "replyann@writers.example.net": false,
	} {
		m := read(t, []byte("From: <"+address+">\r\nSubject: Draft\r\n\r\nText.\r\n"), inbox.Options{})
		if m.SuppressReply != want {
			t.Errorf("%s: suppressed %t", address, m.SuppressReply)
		}
	}
}

// TestResolverIsBounded: looking keys up has a deadline of its own, and one that fails leaves the mail readable.
func TestResolverIsBounded(t *testing.T) {
	asked := false
	m := read(t, []byte("DKIM-Signature: v=1; a=ed25519-sha256; d=writers.example.net; s=k; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\nFrom: <ann@writers.example.net>\r\nSubject: Draft\r\n\r\nText.\r\n"), inbox.Options{
		LookupTXT: func(ctx context.Context, _ string) ([]string, error) {
			deadline, ok := ctx.Deadline()
			if asked = true; !ok || time.Until(deadline) > 5*time.Second {
				t.Errorf("deadline %v, %t", deadline, ok)
			}
			return nil, context.DeadlineExceeded
		},
	})
	if !asked || m.Auth.Result != inbox.AuthUnknown || m.Subject != "Draft" {
		t.Errorf("asked %t, %s (%s)", asked, m.Auth.Result, m.Auth.Reason)
	}
}
