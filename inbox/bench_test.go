package inbox_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"handoff/inbox"
)

// letter is a 4.5 kB reply in text and HTML with a quoted history, as mail clients send them.
func letter() []byte {
	para := "The second chapter is done and the third will follow on Friday, if the weather holds.\r\n"
	return []byte("Return-Path: <mira@writers.example.net>\r\nDelivered-To: drafts@agency.example\r\n" +
		"Received: from mx.writers.example.net by mx.agency.example with ESMTPS; Tue, 10 Mar 2026 09:15:02 +0100\r\n" +
		"From: =?utf-8?q?Mira_Os=C3=A9i?= <mira@writers.example.net>\r\nTo: Drafts <drafts@agency.example>\r\nSubject: Re: Chapter two\r\n" +
		"Date: Tue, 10 Mar 2026 09:15:00 +0100\r\nMessage-ID: <b1@writers.example.net>\r\nIn-Reply-To: <n1@agency.example>\r\n" +
		"References: <n0@agency.example> <n1@agency.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n" +
		"--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Repeat(para, 9) +
		"\r\nOn Mon, 9 Mar 2026 at 17:02, Drafts <drafts@agency.example> wrote:\r\n" + strings.Repeat("> How is the second chapter coming along these days?\r\n", 10) +
		"\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		strings.Repeat("<div dir=3D\"ltr\">The second chapter is done, =E2=80=9Cagain=E2=80=9D.</div>\r\n", 26) + "\r\n--alt--\r\n")
}

// parcel is a letter with an attachment of size bytes.
func parcel(size int) []byte {
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(i * 7)
	}
	var b bytes.Buffer
	b.WriteString("From: Mira <mira@writers.example.net>\r\nTo: drafts@agency.example\r\nSubject: Draft\r\nDate: Tue, 10 Mar 2026 09:15:00 +0100\r\n" +
		"Message-ID: <b2@writers.example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=mix\r\n\r\n" +
		"--mix\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAttached.\r\n--mix\r\nContent-Type: application/pdf; name=draft.pdf\r\n" +
		"Content-Disposition: attachment; filename=draft.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > 0 {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	b.WriteString("--mix--\r\n")
	return b.Bytes()
}

func benchmark(b *testing.B, raw []byte) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inbox.Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), inbox.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// encoded is the letter with its plain text in quoted-printable, which the MIME library then decodes.
func encoded() []byte {
	return bytes.Replace(letter(), []byte("charset=utf-8\r\n\r\n"), []byte("charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=F0=D2=C9=D7=C5=D4\r\n\r\n"), 1)
}

func BenchmarkRead5k(b *testing.B)        { benchmark(b, letter()) }
func BenchmarkRead5kEncoded(b *testing.B) { benchmark(b, encoded()) }
func BenchmarkRead200k(b *testing.B)      { benchmark(b, parcel(150<<10)) }
func BenchmarkRead2MB(b *testing.B)       { benchmark(b, parcel(2<<20)) }
func BenchmarkRead25MB(b *testing.B)      { benchmark(b, parcel(25<<20)) }

// The MIME library alone on the same bytes.
func benchmarkLibrary(b *testing.B, raw []byte) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := enmime.ReadEnvelope(bytes.NewReader(raw)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLibrary5k(b *testing.B)  { benchmarkLibrary(b, letter()) }
func BenchmarkLibrary2MB(b *testing.B) { benchmarkLibrary(b, parcel(2<<20)) }

// TestAgainstLibrary: on well-formed mail the scan and the MIME library see the same attachments.
func TestAgainstLibrary(t *testing.T) {
	raw := parcel(10_000)
	env, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, raw, inbox.Options{})
	if len(m.Attachments) != 1 || len(env.Attachments) != 1 {
		t.Fatalf("%d attachments, the library sees %d", len(m.Attachments), len(env.Attachments))
	}
	got, err := io.ReadAll(m.Attachments[0].Open(bytes.NewReader(raw)))
	if err != nil || !bytes.Equal(got, env.Attachments[0].Content) {
		t.Errorf("other bytes than the library's: %d and %d, %v", len(got), len(env.Attachments[0].Content), err)
	}
	if m.Text != strings.TrimSpace(env.Text) || m.Attachments[0].Name != env.Attachments[0].FileName {
		t.Errorf("%q, %q", m.Text, m.Attachments[0].Name)
	}
}
