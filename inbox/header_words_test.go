package inbox

import "testing"

// TestBrokenWords: RFC 2047 as it is met.
func TestBrokenWords(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"as it should be", "=?utf-8?Q?caf=C3=A9?= ok", "café ok"},
		{"a character cut between words", "=?utf-8?B?44Gh44?= =?utf-8?B?GC?=", "ちあ"},
		{"a character cut between words with padding", "=?utf-8?B?44E=?= =?utf-8?B?gg==?=", "あ"},
		{"cut in quoted form", "=?utf-8?q?caf=C3?=\r\n =?utf-8?q?=A9?=", "café"},
		{"no end", "=?utf-8?Q?caf=C3=A9", "café"},
		{"no end in base64", "=?utf-8?B?Y2Fmw6k=", "café"},
		{"half an end", "=?utf-8?Q?caf=C3=A9?", "café"},
		{"no end, then another", "=?utf-8?Q?caf=C3=A9 =?utf-8?Q?_noir?=", "café noir"},
		{"blanks inside", "=?utf-8?Q?caf=C3=A9 noir?=", "café noir"},
		{"blanks in base64", "=?utf-8?B?Y2Fm w6k=?=", "café"},
		{"no padding", "=?utf-8?B?Y2Fmw6kh4oKs?= =?utf-8?B?Y2Fmw6k?=", "café!€café"},
		{"lower case", "=?iso-8859-1?q?caf=e9?=", "café"},
		{"wrong charset", "=?iso-8859-1?Q?caf=C3=A9?=", "café"},
		{"unknown charset", "=?x-unknown?Q?caf=C3=A9?=", "café"},
		{"no charset", "=??Q?caf=C3=A9?=", "café"},
		{"adjacent words of two charsets", "=?utf-8?Q?=C3=A9?= =?iso-8859-1?Q?=E9?=", "éé"},
		{"no blank between words", "=?utf-8?Q?=C3=A9?==?utf-8?Q?=C3=A8?=", "éè"},
		{"a word inside a word", "caf=?utf-8?Q?=C3=A9?=s", "cafés"},
		{"in quotes", "\"=?utf-8?Q?caf=C3=A9?=\"", "\"café\""},
		{"a language", "=?utf-8*fr?Q?caf=C3=A9?=", "café"},
		{"raw eight bits", "caf\xc3\xa9", "café"},
		{"raw Latin-1", "caf\xe9", "café"},
		{"raw beside a word", "\xe9 =?utf-8?Q?=C3=A9?=", "é é"},
		{"raw Japanese", "\x1b$B$\"\x1b(B", "あ"},
		{"eight bits inside a word", "=?utf-8?Q?caf\xc3\xa9?=", "café"},
		{"ISO-2022-JP", "=?ISO-2022-JP?B?GyRCJCIbKEI=?=", "あ"},
		{"ISO-2022-JP cut without its escapes", "=?ISO-2022-JP?B?GyRCJCIk?= =?ISO-2022-JP?B?JBsoQg==?=", "あい"},
		{"a question mark in it", "=?utf-8?Q?Why??=", "Why?"},
		{"an equals sign at the end", "=?utf-8?Q?a=3D?=", "a="},
		{"an equals sign that is no escape", "=?utf-8?Q?1=1 x?=", "1=1 x"},
		{"an encoding that is none", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"no word", "a =? b ?= c", "a =? b ?= c"},
		{"encoded twice", "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fcaf=3DC3=3DA9=3F=3D?=", "café"},
		{"control characters", "=?utf-8?Q?a=0D=0ABcc:_x=00?=", "a  Bcc: x"},
		{"a mark", "=?utf-8?B?77u/Y2Fmw6k=?=", "café"},
		{"UTF-7", "=?utf-7?Q?caf+AOk-?=", "café"},
		{"GB2312 with four bytes", "=?gb2312?B?lTKCNg==?=", "𠀀"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeWords(unfold(tt.in)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestFileNames: RFC 2231 as it should be, and what else names files.
func TestFileNames(t *testing.T) {
	tests := []struct{ name, disposition, contentType, want string }{
		{"plain", `attachment; filename=a.txt`, "", "a.txt"},
		{"quoted", `attachment; filename="a \"b\".txt"`, "", "a _b_.txt"},
		{"extended", `attachment; filename*=UTF-8''caf%C3%A9.txt`, "", "café.txt"},
		{"extended, quoted", `attachment; filename*="UTF-8''caf%C3%A9.txt"`, "", "café.txt"},
		{"extended with a language", `attachment; filename*=utf-8'fr'caf%C3%A9.txt`, "", "café.txt"},
		{"extended in Latin-1", `attachment; filename*=ISO-8859-1''caf%E9.txt`, "", "café.txt"},
		{"extended without a charset", `attachment; filename*=caf%C3%A9.txt`, "", "café.txt"},
		{"extended wins", `attachment; filename="cafe.txt"; filename*=UTF-8''caf%C3%A9.txt`, "", "café.txt"},
		{"continued", `attachment; filename*0="a long "; filename*1="name.txt"`, "", "a long name.txt"},
		{"continued, out of order", `attachment; filename*1="name.txt"; filename*0="a long "`, "", "a long name.txt"},
		{"continued from one", `attachment; filename*1="a long "; filename*2="name.txt"`, "", "a long name.txt"},
		{"continued, encoded", `attachment; filename*0*=UTF-8''caf%C3; filename*1*=%A9.txt`, "", "café.txt"},
		{"continued, mixed", `attachment; filename*0*=UTF-8''caf%C3%A9; filename*1=" 100%25.txt"`, "", "café 100%25.txt"},
		{"continued, the plain first", `attachment; filename*0="a "; filename*1*=UTF-8''caf%C3%A9.txt`, "", "a café.txt"},
		{"a piece is missing", `attachment; filename*0="a"; filename*2="c.txt"`, "", "a"},
		{"percent signs without the asterisk", `attachment; filename="caf%C3%A9.txt"`, "", "café.txt"},
		{"a percent sign", `attachment; filename="100% sure.txt"`, "", "100% sure.txt"},
		{"a percent sign and digits", `attachment; filename="50%20off.txt"`, "", "50%20off.txt"},
		{"charset without the asterisk", `attachment; filename="UTF-8''caf%C3%A9.txt"`, "", "café.txt"},
		{"RFC 2047", `attachment; filename="=?utf-8?Q?caf=C3=A9.txt?="`, "", "café.txt"},
		{"RFC 2047 without quotes", `attachment; filename==?utf-8?Q?caf=C3=A9.txt?=`, "", "café.txt"},
		{"RFC 2047, continued", `attachment; filename*0="=?utf-8?Q?caf=C3"; filename*1="=A9.txt?="`, "", "café.txt"},
		{"RFC 2047 in two words", "attachment; filename=\"=?utf-8?B?Y2Fm?=\r\n =?utf-8?B?w6kudHh0?=\"", "", "café.txt"},
		{"RFC 2047 inside RFC 2231", `attachment; filename*=UTF-8''%3D%3Futf-8%3FQ%3Fcaf%3DC3%3DA9.txt%3F%3D`, "", "café.txt"},
		{"raw UTF-8", "attachment; filename=\"caf\xc3\xa9.txt\"", "", "café.txt"},
		{"raw Latin-1", "attachment; filename=\"caf\xe9.txt\"", "", "café.txt"},
		{"raw ISO-2022-JP", "attachment; filename=\"\x1b$B$$\x1b(B.txt\"", "", "い.txt"},
		{"only the type's name", `attachment`, `text/plain; name*=UTF-8''caf%C3%A9.txt`, "café.txt"},
		{"an empty one", `attachment; filename=""`, `text/plain; name="b.txt"`, "b.txt"},
		{"blanks without quotes", `attachment; filename=a long name.txt`, "", "a long name.txt"},
		{"a semicolon in quotes", `attachment; filename="a;b.txt"`, "", "a;b.txt"},
		{"no closing quote", `attachment; filename="a.txt`, "", "a.txt"},
		{"a path of Windows", `attachment; filename="C:\Users\mira\a.txt"`, "", "a.txt"},
		{"single quotes", `attachment; filename='a.txt'`, "", "a.txt"},
		{"an apostrophe", `attachment; filename="Mira's draft.txt"`, "", "Mira's draft.txt"},
		{"upper case, blanks", `ATTACHMENT; FileName = "a.txt"`, "", "a.txt"},
		{"disposition forgotten", `filename="a.txt"`, "", "a.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &part{header: header{{"Content-Type", tt.contentType}, {"Content-Disposition", tt.disposition}}}
			p.describe("text/plain")
			if got := safeName(p.fileName()); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
