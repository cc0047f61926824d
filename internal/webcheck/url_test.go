package webcheck

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"as it is", "https://example.org/post?a=b#c", "https://example.org/post?a=b#c"},
		{"http stays", "http://example.org/", "http://example.org/"},
		{"no scheme", "example.org/post", "https://example.org/post"},
		{"no scheme, a port", "example.org:8443/post", "https://example.org:8443/post"},
		{"no scheme, a colon in the path", "example.org/a:b", "https://example.org/a:b"},
		{"no scheme, slashes", "//example.org/post", "https://example.org/post"},
		{"upper case", "HTTPS://EXAMPLE.ORG/Post", "https://example.org/Post"},
		{"white space around", " \thttps://example.org/a\r\n", "https://example.org/a"},
		{"angle brackets", "<https://example.org/a>", "https://example.org/a"},
		{"RFC 3986 Appendix C", "<URL:https://example.org/a>", "https://example.org/a"},
		{"end of a sentence", "https://example.org/a.", "https://example.org/a"},
		{"an exclamation", "https://example.org/a!!1!", "https://example.org/a!!1"},
		{"in brackets", "(https://example.org/a).", "https://example.org/a"},
		{"a bracket of its own", "https://example.org/Go_(game)", "https://example.org/Go_(game)"},
		{"both brackets", "(see https://example.org/Go_(game))"[5:], "https://example.org/Go_(game)"},
		{"quotes", "„https://example.org/a“", "https://example.org/a"},
		{"guillemets", "«https://example.org/a»,", "https://example.org/a"},
		{"emphasis", "**https://example.org/a**", "https://example.org/a"},
		{"zero width space from a paste", "\u200bhttps://example.org/a\ufeff", "https://example.org/a"},
		{"default port", "https://example.org:443/a", "https://example.org/a"},
		{"empty port", "https://example.org:/a", "https://example.org/a"},
		{"other port", "http://example.org:8080/a", "http://example.org:8080/a"},
		{"full stop of the root", "https://example.org./a", "https://example.org/a"},
		{"ideographic full stop of the root", "https://example.org。/a", "https://example.org/a"},
		{"umlauts", "https://bücher.example/straße?q=ü#ö", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC#%C3%B6"},
		{"German sharp s", "https://straße.example/", "https://xn--strae-oqa.example/"},
		{"ideographic full stop", "https://例え。jp/", "https://xn--r8jz45g.jp/"},
		{"underscore", "https://my_blog.example.org/", "https://my_blog.example.org/"},
		{"hyphens of a CDN", "https://r3---sn-4g5e.example.org/", "https://r3---sn-4g5e.example.org/"},
		{"empty query", "https://example.org/a?", "https://example.org/a"},
		{"public IPv4", "http://93.184.215.14/a", "http://93.184.215.14/a"},
		{"public IPv6", "http://[2606:4700:0::1111]:8080/a", "http://[2606:4700::1111]:8080/a"},
		{"mapped IPv4", "http://[::ffff:8.8.8.8]/", "http://8.8.8.8/"},

		{"nothing", " \n", "there is no address"},
		{"only marks", "<>.", "there is no address"},
		{"a sentence", "it is on our site", "the address has a space in it"},
		{"two lines", "https://example.org/a\nhttps://example.org/b", "the address has a space in it"},
		{"control character", "https://example.org/a\x00b", "characters that cannot be seen"},
		{"escape", "https://example.org/\x1b[31m", "characters that cannot be seen"},
		{"right to left", "https://example.org/\u202egpj.exe", "characters that cannot be seen"},
		{"bad UTF-8", "https://example.org/\xff", "characters that cannot be seen"},
		{"too long", "https://example.org/" + strings.Repeat("a", 2000), "longer than 2000 bytes"},
		{"much too long", strings.Repeat(")", 1<<20), "longer than 2000 bytes"},
		{"too long once escaped", "https://example.org/" + strings.Repeat("ü", 900), "longer than 2000 bytes"},
		{"a mail address", "ana@example.org", "a user name before an @"},
		{"user and password", "https://ana:secret@example.org/", "a user name before an @"},
		{"host in disguise", "https://example.org@10.0.0.1/", "a user name before an @"},
		{"backslash", `https://example.org\@10.0.0.1/`, "not the address of a page"},
		{"mailto", "mailto:ana@example.org", "begins with mailto:"},
		{"script", "javascript:alert(1)", "begins with javascript:"},
		{"file", "file:///etc/passwd", "begins with file:"},
		{"ftp", "ftp://example.org/", "begins with ftp:"},
		{"gopher", "gopher://example.org:80/_x", "begins with gopher:"},
		{"no host", "https:///a", "names no site"},
		{"opaque", "https:example.org", "names no site"},
		{"scheme twice", "https://https://example.org", "not the full name"},
		{"bad escape", "https://example.org/100%", "not the address of a page"},
		{"no dot", "https://intranet/a", "not the full name"},
		{"a mere word", "published", "not the full name"},
		{"localhost", "http://localhost:8080/", "the machine itself"},
		{"below localhost", "http://a.LOCALHOST./", "the machine itself"},
		{"port of a mail server", "http://example.org:25/", "names the port 25"},
		{"port of a database", "example.org:5432/", "names the port 5432"},
		{"no port", "https://example.org:99999999/", "names the port 99999999"},
		{"port with noughts", "https://example.org:0443/", "names the port 0443"},
		{"loopback", "http://127.0.0.1/", "not a public one"},
		{"loopback 6", "http://[::1]/", "not a public one"},
		{"mapped loopback", "http://[::ffff:7f00:1]/", "not a public one"},
		{"zone", "http://[fe80::1%25eth0]/", "not a public one"},
		{"metadata", "http://169.254.169.254/latest/meta-data", "not a public one"},
		{"loopback in wide digits", "http://１２７.0.0.1/", "not a public one"},
		{"loopback in circles", "http://①②⑦.0.0.1/", "not a public one"},
		{"loopback, short", "http://127.1/", "not the name of a site"},
		{"loopback, octal", "http://0177.0.0.1/", "not the name of a site"},
		{"loopback, hexadecimal", "http://0x7f.0.0.0x1/", "not the name of a site"},
		{"loopback, one number", "http://2130706433/", "not the full name"},
		{"empty label", "https://example..org/", "not the name of a site"},
		{"two full stops of the root", "https://example.org../a", "not the name of a site"},
		{"only a full stop", "https://./a", "not the name of a site"},
		{"bad UTF-8 in the name, escaped", "https://a%aab.example.org/", "not the name of a site"},
		{"long label", "https://" + strings.Repeat("a", 64) + ".org/", "not the name of a site"},
		{"bad punycode", "https://xn--a.example/", "not the name of a site"},
		{"odd characters", "https://ex!ample.org/", "not the name of a site"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := ParseURL(tt.in)
			if err != nil {
				if p, ok := errors.AsType[*Problem](err); !ok || p.Temporary || p.Code != BadURL && p.Code != NotPublic {
					t.Errorf("error %#v is no lasting problem of the address", err)
				}
				if strings.HasPrefix(tt.want, "http") || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %q, want %q", err, tt.want)
				}
				return
			}
			if got := u.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{
		"https://example.org/post?a=b#c", "<URL:example.org/a>.", "//bücher.example:8443/ü?ü#ü", "http://[::ffff:8.8.8.8]/",
		"http://①②⑦.0.0.1/", "mailto:a@b.c", "https://a.b/?#", "(https://a.b/(c))", "https://a.b:/%2f%zz", "https://a.b./.#",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseURL(raw)
		if err != nil {
			if _, ok := errors.AsType[*Problem](err); !ok || clean(err.Error(), 1000) != err.Error() {
				t.Fatalf("%q: error %q", raw, err)
			}
			return
		}
		s := u.String()
		if len(s) > maxURL || u.User != nil || u.Opaque != "" || !strings.Contains(u.Host, ".") && !strings.Contains(u.Host, "[") {
			t.Fatalf("%q: %#v", raw, u)
		}
		for _, r := range s {
			if r <= ' ' || r >= 0x7f {
				t.Fatalf("%q: %q has %q", raw, s, r)
			}
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && !public(a) {
			t.Fatalf("%q: %s is not public", raw, a)
		}
		again, err := ParseURL(s)
		if err != nil || again.String() != s {
			t.Fatalf("%q: %q parses to %v, %v", raw, s, again, err)
		}
	})
}
