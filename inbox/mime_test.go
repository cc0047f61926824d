package inbox

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestUndoTransfer: text comes back as it was encoded, whether the library decodes it or, broken, the tolerant decoder.
func TestUndoTransfer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringOfN(rapid.RuneFrom([]rune("aZ =\t.\r\n-äé→字")), 0, 400, -1).Draw(t, "text")
		var body bytes.Buffer
		encoding := rapid.SampledFrom([]string{"base64", "quoted-printable"}).Draw(t, "encoding")
		if encoding == "base64" {
			for text := base64.StdEncoding.EncodeToString([]byte(want)); text != ""; {
				n := min(76, len(text))
				body.WriteString(text[:n] + "\r\n")
				text = text[n:]
			}
		} else {
			w := quotedprintable.NewWriter(&body)
			w.Binary = true
			w.Write([]byte(want))
			w.Close()
		}
		if encoding == "base64" && !regularBase64(body.Bytes()) {
			t.Fatalf("%q is not regular", body.String())
		}
		if got, ok := undo(encoding, "utf-8", body.Bytes()); !ok || string(got) != want {
			t.Fatalf("the library reads %q, %t; want %q", got, ok, want)
		}
		if got := decodeAll(encoding, body.Bytes()); string(got) != want {
			t.Fatalf("the tolerant decoder reads %q, want %q", got, want)
		}
	})
}

func TestUndoTransferOfBrokenText(t *testing.T) {
	tests := []struct{ name, encoding, body, want string }{
		{"blanks after a soft line break", "quoted-printable", "one = \r\ntwo", "one two"},
		{"equals sign as it is", "quoted-printable", "1+1=2?", "1+1=2?"},
		{"eight bits", "quoted-printable", "caf\xe9 =E9", "caf\xe9 \xe9"},
		{"signature delimiter", "quoted-printable", "text=20\n-- \nMira", "text \n-- \nMira"},
		{"escape cut at the end", "quoted-printable", "text=", "text"},
		{"two encodings in a row", "base64", "QUI=\r\nQ0Q=\r\n", "ABCD"},
		{"URL alphabet", "base64", "Pz8_Pj4-", "???>>>"},
		{"footer of a list", "base64", "QUJD\r\n!!\r\n", "ABC"},
		{"cut at the end", "base64", "QUJDQ", "ABC"},
		{"uuencoded", "x-uuencode", "begin 644 a.txt\n#0V%T\n`\nend\n", "Cat"},
		{"unknown encoding", "x-none", "text", "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := undoTransfer(tt.encoding, []byte(tt.body)); string(got) != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestDecodeCharset(t *testing.T) {
	tests := []struct{ name, charset, body, want string }{
		{"quotes and dashes of Windows under the name of Latin-1", "ISO-8859-1", "\x93caf\xe9\x94 \x96 ok", "“café” – ok"},
		{"its other names", "latin1", "\x93caf\xe9\x94", "“café”"},
		{"the library's aliases", "8859_15", "10 \xa4 caf\xe9", "10 € café"},
		{"Cyrillic", "koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
		{"code page with a hyphen", "cp-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
		{"Japanese by its escapes", "us-ascii", "\x1b$B$\"\x1b(B", "あ"},
		{"a later ISO-2022-JP", "iso-2022-jp-2", "\x1b$B$\"\x1b(B", "あ"},
		{"four bytes under the name of GB2312", "gb2312", "\x95\x32\x82\x36", "𠀀"},
		{"Korean of Windows", "cp949", "\xb0\xa1", "가"},
		{"DOS", "cp437", "caf\x82", "café"},
		{"UTF-7", "unicode-1-1-utf-7", "caf+AOk-", "café"},
		{"UTF-16", "utf-16le", "o\x00k\x00", "ok"},
		{"UTF-8 under another name", "iso-8859-1", "café", "café"},
		{"UTF-8 with a mark", "utf-8", "\xef\xbb\xbfcafé", "café"},
		{"UTF-8 with a broken character", "utf-8", strings.Repeat("é", 40) + "\xff", strings.Repeat("é", 40) + "\uFFFD"},
		{"no charset", "", "caf\xe9", "café"},
		{"unknown charset", "x-user-defined-7", "caf\xe9", "café"},
		{"a field in the charset", "x\"\nContent-Type: multipart/mixed; boundary=\"a", "caf\xe9", "café"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeCharset([]byte(tt.body), tt.charset); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestMissingSemicolon: the parameters of a type that is followed by a blank or a comma are read.
func TestMissingSemicolon(t *testing.T) {
	for _, s := range []string{`text/plain   charset="koi8-r"; format=flowed`, "text/plain, charset=koi8-r; format=flowed"} {
		if value, params := mediaType(s); value != "text/plain" || params["charset"] != "koi8-r" || params["format"] != "flowed" {
			t.Errorf("%q: %q %q", s, value, params)
		}
	}
}

// TestRegularBase64: what is handed to the library reads as the tolerant decoder has it, so that it does not matter to which it goes.
func TestRegularBase64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "Qz", "QUJD", "3", "-", ".", " ", "\t", "=", "=\n", "\n", "\r\n", "\r", strings.Repeat("long", 300)}), 0, 12).Draw(t, "pieces")
		body := []byte(strings.Join(pieces, ""))
		if !regularBase64(body) {
			return
		}
		want := decodeAll("base64", body)
		if got, ok := undo("base64", "utf-8", body); ok && !bytes.Equal(got, want) {
			t.Fatalf("the library reads %q of %q, the tolerant decoder %q", got, body, want)
		}
	})
}
