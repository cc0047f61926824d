package mailtest

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"strings"
)

// Bombs are mails built to hurt a reader, by name.
func Bombs() map[string][]byte {
	const head = "From: Mallory <mallory@elsewhere.example.com>\nTo: drafts@agency.example\nSubject: bomb\nMessage-ID: <b@elsewhere.example.com>\nMIME-Version: 1.0\n"
	var nested, unterminated, many, wide, messages strings.Builder
	nested.WriteString(head)
	for i := range 5000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested.WriteString("Content-Type: text/plain\n\ndeep\n")
	unterminated.WriteString(head)
	for i := range 12 {
		fmt.Fprintf(&unterminated, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i)
	}
	many.WriteString(head + "Content-Type: multipart/mixed; boundary=b\n\n")
	for range 100_000 {
		many.WriteString("--b\n\nx\n")
	}
	wide.WriteString(head + "To: ")
	for i := range 10_000 {
		fmt.Fprintf(&wide, "reader%d@readers.example.org,\n ", i)
	}
	wide.WriteString("x@example.org\n\nhello\n")
	for range 3000 {
		messages.WriteString("Content-Type: message/rfc822\n\n")
	}
	all := map[string][]byte{
		"nested multiparts":    []byte(nested.String()),
		"unterminated":         []byte(unterminated.String()),
		"many parts":           []byte(many.String()),
		"many recipients":      []byte(wide.String()),
		"nested messages":      []byte(messages.String()),
		"long header":          []byte(head + "X-Long: " + strings.Repeat("a b ", 256<<10) + "\n\nhello\n"),
		"folded header":        []byte(head + "X-Long:" + strings.Repeat("\n a", 300<<10) + "\n\nhello\n"),
		"many fields":          []byte(head + strings.Repeat("A:b\n", 200<<10) + "\nhello\n"),
		"one long line":        []byte(head + "\n" + strings.Repeat("-", 5<<20)),
		"dashes":               []byte(head + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--\n", 1<<20)),
		"near boundaries":      []byte(head + "Content-Type: multipart/mixed; boundary=" + strings.Repeat("-", 60) + "x\n\n" + strings.Repeat("--"+strings.Repeat("-", 60)+"\n", 50_000)),
		"deep html":            []byte(head + "Content-Type: text/html\n\n" + strings.Repeat("<div><blockquote>", 100_000) + "x"),
		"unclosed tags":        []byte(head + "Content-Type: text/html\n\n" + strings.Repeat("<a href=\"http://x.example/", 100_000)),
		"html attributes":      []byte(head + "Content-Type: text/html\n\n<p " + strings.Repeat("a=b ", 400_000) + ">x"),
		"equals":               []byte(head + "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", 2<<20)),
		"qp blanks":            []byte(head + "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("= ", 1<<20)),
		"quotes":               []byte(head + "\n" + strings.Repeat("> ", 1<<20)),
		"quote lines":          []byte(head + "\n" + strings.Repeat(">\nx\n", 300_000)),
		"attributions":         []byte(head + "\n" + strings.Repeat("On Mon, 9 Mar 2026 at 10:00\n", 60_000)),
		"near attributions":    []byte(head + "\n" + strings.Repeat("On Mon, 9 Mar 2026 at 10:00, she told <a@b:\n", 60_000)),
		"wrapped attributions": []byte(head + "\n" + strings.Repeat("9 Mar 2026 10:00 a@b (he said:\n", 80_000)),
		"quoted attributions":  []byte(head + "\n" + strings.Repeat("> On Mon, 9 Mar 2026 at 10:00 a@b told us:\nx\n", 60_000)),
		"colons above quotes":  []byte(head + "\n" + strings.Repeat("On 9 Mar 2026 at 10:00 somebody told us:\n> x\n", 60_000)),
		"glued attributions":   []byte(head + "\n" + strings.Repeat("On Mon 9 a@b: ", 300_000)),
		"glued lines":          []byte(head + "\n" + strings.Repeat("x.On Mon, 9 Mar 2026 at 10:00 a@b On 9 El 9 Am 9 said:\n", 40_000)),
		"one-line blocks":      []byte(head + "\n" + strings.Repeat(strings.Repeat("From: To: a Subject: b ", 80)+"\n", 2_000)),
		"memos":                []byte(head + "\n" + strings.Repeat("9 Mar 2026 10:00\nTo\n", 100_000)),
		"footers":              []byte(head + "\nx\n\n" + strings.Repeat("Sent from my iPhone\n", 100_000)),
		"near footers":         []byte(head + "\nx\n\n" + strings.Repeat("Sent with love by ship and by the post of the town\n", 60_000)),
		"legal notices":        []byte(head + "\nx\n\n" + strings.Repeat("This e-mail is confidential, for the intended recipient, and privileged, and so on and on.\n\n", 30_000)),
		"delimiters":           []byte(head + "\nx\n" + strings.Repeat("--\na line of prose that is long enough to be no line of a card, and that ends as prose does, with a stop.\n", 20_000)),
		"sign-offs":            []byte(head + "\nx\n" + strings.Repeat("Best regards,\n", 100_000)),
		"containers":           []byte(head + "Content-Type: text/html\n\n" + strings.Repeat("<div class=yahoo_quoted>a</div>b", 60_000)),
		"borders":              []byte(head + "Content-Type: text/html\n\n" + strings.Repeat("<div style=\"border-top:solid #E1E1E1 1.0pt\"><p>From: a", 60_000)),
		"header blocks":        []byte(head + "\n" + strings.Repeat("From: a@example.org\n\n", 80_000)),
		"forwards":             []byte(head + "\n" + strings.Repeat("---------- Forwarded message ---------\nFrom: a@example.org\nDate: 1 Jan 2026 10:00\nSubject: x\nTo: b@example.org\n\n", 20_000)),
		"encoded words":        []byte(head + "Subject: " + strings.Repeat("=?utf-8?Q?", 20_000) + "\n\nx"),
		"fences":               []byte(head + "\n" + strings.Repeat("```\n", 300_000)),
		"addresses in text":    []byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + strings.Repeat("a@b.example could not be delivered\n", 40_000)),
		"message ids in text":  []byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\nReceived: x\n" + strings.Repeat(" message-id:", 100_000)),
		"at signs":             []byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + strings.Repeat("a", 1000) + strings.Repeat("@", 500_000)),
		"parentheses":          []byte("From: " + strings.Repeat("(", 100_000) + "a@b.example\n\nx"),
		"nul":                  []byte(head + "\n" + strings.Repeat("\x00", 1<<20)),
		"escape":               []byte(head + "Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B", 300_000)),
		"dsn groups":           []byte("From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; boundary=r\n\n--r\nContent-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: rfc822; a@b.example\nAction: failed\n\n", 30_000)),
		"empty":                nil,
	}
	all["pictures named in HTML"] = []byte(head + "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n" + strings.Repeat("cid:&", 400_000) +
		"\n--b\nContent-Type: image/png\nContent-ID: <a>\n\nx\n--b--\n")
	all["alternatives with links"] = []byte(head + "Content-Type: multipart/mixed; boundary=m\n\n" + strings.Repeat("--m\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\ntext\n--a\nContent-Type: text/html\n\n"+
		strings.Repeat("<div>On Monday, Ann wrote:", 9_000)+"docs.google.com/\n--a--\n", 90))
	all["compressed S/MIME"] = compressedParts(head, 900)
	message := strings.Repeat("==", 8<<20)
	for range 3 {
		message = "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n" + message
	}
	all["quoted-printable messages"] = []byte(head + message)
	for name, unit := range floods() {
		all["flood of "+name] = []byte(head + "Content-Type: text/plain; charset=utf-8\n\nHello,\n\n" + strings.Repeat(unit, floodBytes/len(unit)))
		all["HTML flood of "+name] = []byte(head + "Content-Type: text/html; charset=utf-8\n\n<p>Hello,</p><div>" + strings.Repeat(strings.ReplaceAll(unit, "\n", "<br>\n"), floodBytes/len(unit)/2))
		all["report flooded with "+name] = []byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\nYour mail could not be delivered:\n\n" + strings.Repeat(unit, floodBytes/len(unit)/2))
		all["automatic reply flooded with "+name] = []byte("From: a@b.example\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away until " + strings.Repeat(unit, floodBytes/len(unit)/2))
	}
	return all
}

// compressedParts are n CMS parts (RFC 3274), each of 14 MB of zeros.
func compressedParts(head string, n int) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(make([]byte, 14_000_000)) // a bytes.Buffer takes everything
	w.Close()
	element := func(tag byte, content ...[]byte) []byte {
		b := bytes.Join(content, nil)
		return append([]byte{tag, 0x83, byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}, b...)
	}
	data := []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}
	compressed := []byte{6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 9}
	algorithm := []byte{0x30, 13, 6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 3, 8}
	info := element(0x30, data, element(0xa0, element(4, z.Bytes())))
	cms := element(0x30, compressed, element(0xa0, element(0x30, []byte{2, 1, 0}, algorithm, info)))
	part := "--m\nContent-Type: application/pkcs7-mime; smime-type=compressed-data\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(cms) + "\n"
	return []byte(head + "Content-Type: multipart/mixed; boundary=m\n\n" + strings.Repeat(part, n))
}

// floodBytes is as much text as is read of a mail, and a little more.
const floodBytes = 2<<20 + 64<<10

// floods are units of text that rules look at twice, each repeated without end.
func floods() map[string]string {
	return map[string]string{
		"quotes": "> x\n", "deep quotes": ">>>>>>>>>>>>>>>>>>>> x\n", "quotes and answers": "> x\ny\n\n", "bars": "| x\n", "blank lines": "\n", "blanks": "   \t  ",
		"On": "On ", "attributions": "On Mon, 9 Mar 2026 at 10:00, A <a@b.example> wrote:\n", "halves of attributions": "On Mon, 9 Mar 2026 at 10:00, A <a@b.example>\n", "colons": "a:\n", "wrote": "wrote: ",
		"From": "From: a@b.example\n", "From and Sent": "From: a\nSent: 10:00\n", "header blocks": "From: a@b.example\nSent: Monday 10:00\nTo: c\nSubject: d\n\n", "Chinese headers": "发件人: a@b.example\n发送时间: 10:00\n\n",
		"originals": "-----Original Message-----\n", "forwards": "---------- Forwarded message ---------\nFrom: a@b.example\nSubject: x\n\n", "rules": "________________________________\n", "one endless rule": "_",
		"delimiters": "-- \n", "delimiters and names": "-- \nA\n", "sign-offs": "Best regards,\nA\n\n", "footers": "Sent from my iPhone\n", "disclaimers": "This e-mail is confidential. ", "numbers": "+44 20 7946 0000\n",
		"fences": "```\n", "lists": "- a\n", "tables": "|a|b|\n|-|-|\n", "addresses": "a@b.example\n", "addresses in one line": "a@b.example ", "at signs": "@", "half addresses": "<a@", "brackets": "<<<<>>", "dots": "a.", "status codes": "550 5.1.1 ",
		"Message-IDs": "Message-ID: <a@b>\n", "recipients": "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n", "X-Failed": "<a@b.example>: host x[192.0.2.1] said: 550 no\n", "links": "https://docs.google.com/document/d/a ", "schemes": "https://", "half schemes": "http:/",
		"days": "20 March ", "until": "until ", "untils and days": "until Monday, ", "figures": "1.", "dates": "20.03.2026 ", "years": "2026", "Chinese days": "3月20日", "emoji": "👍", "combining marks": "e\u0301\u0301\u0301", "Thai": "กำลังเขียน", "Hebrew": "שלום ", "nulls in words": "a\u200b",
		"armor": "-----BEGIN PGP MESSAGE-----\n", "signed armor": "-----BEGIN PGP SIGNED MESSAGE-----\n\n", "uuencode": "begin 644 a\n", "encoded words": "=?utf-8?q?a?= ", "equals": "=", "soft breaks": "=\n", "entities": "&amp;&lt;", "half entities": "&#x", "tags": "<b>", "half tags": "<a href=", "block quotes": "<blockquote>", "comments": "<!--", "tables in HTML": "<table><tr><td>",
		"gmail quotes": "<div class=\"gmail_quote\">", "marks": "<div id=\"divRplyFwdMsg\">", "style": "<p style=\"display:none\">", "ACCEPT": "ACCEPT ", "one word": "a", "words": "word ", "long lines": strings.Repeat("word ", 2000) + "\n",
	}
}
