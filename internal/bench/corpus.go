package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
)

// The sizes of the issue, before transfer encoding.
const (
	docxBytes  = 200_000
	largeBytes = 2_000_000
	hugeBytes  = 18_000_000
)

// Shape is what a mail carries.
type Shape int

const (
	MixedShapes Shape = iota // the others, in the proportions
	PlainReply               // 4.5 kB of text and HTML
	WithDocx                 // the same and a .docx
	WithLarge                // the same and a large attachment
	WithHuge                 // the same and one that makes a mail of 25 MB; never mixed in
	TextReply                // 5 kB of text alone; never mixed in
)

// Corpus makes mails, the same ones for the same seed, team and base time.
type Corpus struct {
	Seed uint64
	Team *Team
	Base time.Time // the newest mail's Date; each one before it is a second older
	Size int       // mails in all
	// Every and Route make all mails alike.
	Every Shape
	Route route
}

// Shape of the i-th mail. When mixed, of ten in a row, seven are plain, two have a .docx and one a large attachment.
func (c *Corpus) Shape(i int) Shape {
	if c.Every != MixedShapes {
		return c.Every
	}
	switch i * 7 % 10 {
	case 3, 8:
		return WithDocx
	case 5:
		return WithLarge
	}
	return PlainReply
}

// route is how a mail tells, or fails to tell, which piece it is for.
type route int

const (
	mixed       route = iota // one of the others, by chance
	byReference              // In-Reply-To and References of our notice
	byAddress                // a signed plus address
	byCode                   // the piece's code in the subject
	byTitle                  // the piece's title in the subject
	byNothing                // no hint
	fromNobody               // an unknown sender
	fromMachine              // an out-of-office reply
)

func routeOf(rng *rand.Rand) route {
	switch n := rng.IntN(100); {
	case n < 50:
		return byReference
	case n < 70:
		return byAddress
	case n < 82:
		return byCode
	case n < 90:
		return byTitle
	case n < 95:
		return byNothing
	case n < 98:
		return fromNobody
	}
	return fromMachine
}

// Append adds the i-th mail to buf, with CRLF line ends, and returns it.
func (c *Corpus) Append(buf []byte, i int) []byte {
	rng := rand.New(rand.NewPCG(c.Seed, uint64(i)))
	b := bytes.NewBuffer(buf)
	piece := c.Team.Pieces[rng.IntN(len(c.Team.Pieces))]
	author := c.Team.People[piece.Author]
	route, shape := routeOf(rng), c.Shape(i)
	if c.Route != mixed {
		route = c.Route
	}
	at := c.Base.Add(-time.Duration(c.Size-i) * time.Second)

	from, to, subject := author.Address, c.Team.Address, "Re: "+piece.Title
	switch route {
	case byAddress:
		to = c.Team.ReplyAddress(piece, author)
	case byCode:
		subject = "Re: [" + piece.Code + "] " + piece.Title
	case byNothing:
		subject = sentence(rng, 3)
	case fromNobody:
		author.Name = word(rng) + " " + word(rng)
		from = fmt.Sprintf("%s.%d@elsewhere.example", word(rng), i)
		subject = sentence(rng, 5)
	case fromMachine:
		subject = "Automatic reply: " + piece.Title
	}
	domain := from[strings.LastIndexByte(from, '@')+1:]

	fmt.Fprintf(b, "Return-Path: <%s>\r\nDelivered-To: %s\r\n", from, c.Team.Address)
	fmt.Fprintf(b, "Received: from mail.%s (mail.%s [192.0.2.%d])\r\n\tby %s (Postfix) with ESMTPS id %016X\r\n\tfor <%s>; %s\r\n",
		domain, domain, rng.IntN(250)+1, c.Team.AuthservID, rng.Uint64(), to, at.Format(time.RFC1123Z))
	fmt.Fprintf(b, "Authentication-Results: %s;\r\n\tspf=pass smtp.mailfrom=%s;\r\n\tdkim=pass header.d=%s header.s=s1;\r\n\tdmarc=pass (p=reject dis=none) header.from=%s\r\n",
		c.Team.AuthservID, domain, domain, domain)
	signature := make([]byte, 256)
	fill(rng, signature)
	fmt.Fprintf(b, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s1;\r\n\th=from:to:subject:date:message-id:in-reply-to:references:mime-version;\r\n\tb=%s\r\n",
		domain, fold(base64.StdEncoding.EncodeToString(signature)))
	fmt.Fprintf(b, "From: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\n",
		mime.QEncoding.Encode("utf-8", author.Name), from, to, mime.QEncoding.Encode("utf-8", subject), at.Format(time.RFC1123Z))
	fmt.Fprintf(b, "Message-ID: <%016x.%d@%s>\r\n", rng.Uint64(), i, domain)
	if route == byReference || route == fromMachine {
		thread, notice := c.Team.ThreadIDs(piece, author)
		fmt.Fprintf(b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n\t<%s>\r\n", notice, thread, notice)
	}
	if route == fromMachine {
		b.WriteString("Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n")
	}
	b.WriteString("MIME-Version: 1.0\r\n")

	if shape == TextReply {
		newReply(rng, author.Name, at, 3).plain(b)
		return b.Bytes()
	}
	outer, inner := boundary(rng), boundary(rng)
	if shape != PlainReply {
		fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s\r\n", outer, outer)
	}
	writeText(b, rng, inner, author.Name, at)
	if shape != PlainReply {
		fmt.Fprintf(b, "\r\n--%s\r\n", outer)
		writeAttachment(b, rng, shape, piece.Code)
		fmt.Fprintf(b, "--%s--\r\n", outer)
	}
	return b.Bytes()
}

func boundary(rng *rand.Rand) string { return fmt.Sprintf("000000000000%016x", rng.Uint64()) }

// reply is what a reply says: new words, and the notice that it quotes.
type reply struct {
	fresh, quoted []string
	attribution   string
}

func newReply(rng *rand.Rand, name string, at time.Time, sentences int) reply {
	return reply{
		fresh:       []string{"Dear all,", paragraph(rng, 3*sentences), paragraph(rng, 2*sentences), "Best wishes,\r\n" + name},
		quoted:      []string{"Hello " + name + ",", paragraph(rng, 3*sentences), paragraph(rng, 2*sentences)},
		attribution: fmt.Sprintf("On %s, The editorial team wrote:", at.Add(-26*time.Hour).Format("Mon, Jan 2, 2006 at 15:04")),
	}
}

// plain writes the reply as text in quoted-printable, header fields included.
func (r reply) plain(b *bytes.Buffer) {
	b.WriteString("Content-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	qp := quotedprintable.NewWriter(b)
	for _, p := range r.fresh {
		io.WriteString(qp, wrap(p, "")+"\r\n\r\n")
	}
	io.WriteString(qp, r.attribution+"\r\n\r\n")
	for _, p := range r.quoted {
		io.WriteString(qp, wrap(p, "> ")+"\r\n>\r\n")
	}
	qp.Close()
}

// writeText is the multipart/alternative of a reply, once as text and once as HTML.
func writeText(b *bytes.Buffer, rng *rand.Rand, boundary, name string, at time.Time) {
	r := newReply(rng, name, at, 1)
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=%q\r\n\r\n--%s\r\n", boundary, boundary)
	r.plain(b)
	fmt.Fprintf(b, "\r\n--%s\r\nContent-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", boundary)
	qp := quotedprintable.NewWriter(b)
	io.WriteString(qp, `<div dir="ltr">`)
	for _, p := range r.fresh {
		io.WriteString(qp, "<p>"+strings.ReplaceAll(p, "\r\n", "<br>")+"</p>\r\n")
	}
	io.WriteString(qp, `</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">`+r.attribution+
		`<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">`)
	for _, p := range r.quoted {
		io.WriteString(qp, "<p>"+p+"</p>\r\n")
	}
	io.WriteString(qp, "</blockquote></div>\r\n")
	qp.Close()
	fmt.Fprintf(b, "\r\n--%s--\r\n", boundary)
}

var words = strings.Fields(`the article draft editor column about reader story interview source quote week photo caption headline
	paragraph please change review publish city council school river market music season report figure number study open close
	between because after before under however instead already perhaps section version attached revised longer shorter sharper
	question answer deadline Thursday résumé café naïve façade page link newsroom freelance budget harbour festival garden theatre`)

func word(rng *rand.Rand) string { return words[rng.IntN(len(words))] }

func sentence(rng *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		w := word(rng)
		if i == 0 {
			w = strings.ToUpper(w[:1]) + w[1:]
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

func paragraph(rng *rand.Rand, sentences int) string {
	var b strings.Builder
	for i := range sentences {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(sentence(rng, 9+rng.IntN(12)))
		b.WriteByte('.')
	}
	return b.String()
}

// wrap breaks text into lines of at most 72 bytes, each behind prefix.
func wrap(text, prefix string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\r\n") {
		if i > 0 {
			b.WriteString("\r\n")
		}
		width := 0
		b.WriteString(prefix)
		for _, w := range strings.Fields(line) {
			if width > 0 && width+1+len(w) > 72 {
				b.WriteString("\r\n" + prefix)
				width = 0
			}
			if width > 0 {
				b.WriteByte(' ')
				width++
			}
			b.WriteString(w)
			width += len(w)
		}
	}
	return b.String()
}

// fold breaks a header value without spaces into continuation lines.
func fold(s string) string {
	var b strings.Builder
	for len(s) > 72 {
		b.WriteString(s[:72] + "\r\n\t")
		s = s[72:]
	}
	return b.String() + s
}
