// Package redact takes secrets out of what is logged, stored as an error, or shown: whoever reads a log must not be able to
// log in with it, or to write in somebody's name.
package redact

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// known are the forms that secrets of others have, with what to put in their place.
var known = []struct {
	form *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?i)\b(bearer|Authorization["']?\s*[:=]\s*"?Basic|AUTH (?:PLAIN|LOGIN|CRAM-MD5|XOAUTH2|OAUTHBEARER|SCRAM-[A-Z0-9-]+)|AUTHENTICATE [A-Z0-9-]+)([ =]+)[^\s"',;)]+`), "$1$2…"},
	{regexp.MustCompile(`\b(ya29\.|1//|GOCSPX-|eyJ)[A-Za-z0-9._~+/=-]{6,}`), "$1…"},
	{regexp.MustCompile(`(?i)\b(access_token|refresh_token|id_token|client_secret|device_code|assertion|password|passwd|api_key)(=|"\s*:\s*")[^\s"&,;)]+`), "$1$2…"},
	{regexp.MustCompile(`(://[^/\s:@]*):[^/\s@]+@`), "$1:…@"},
	{regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|$)`), "$1…"},
}

// run is what a signed token of ours may be: base32 in one case, the shortest has 20 letters (see package outbox).
var run = regexp.MustCompile(`[A-Za-z0-9]{20,}`)

// Text is s without signed tokens and the secrets that can be told by their form. What stays of a token tells them apart.
func Text(s string) string {
	if len(s) < 8 {
		return s
	}
	for _, k := range known {
		s = k.form.ReplaceAllString(s, k.with)
	}
	var out strings.Builder
	done := 0
	for _, at := range run.FindAllStringIndex(s, -1) {
		if at[0] > 0 && s[at[0]-1] == '%' { // the end of an escaped character
			at[0] += 2
		}
		if !isToken(s, at[0], at[1]) {
			continue
		}
		out.WriteString(s[done:at[0]+6] + "…")
		done = at[1]
	}
	if done == 0 {
		return s
	}
	return out.String() + s[done:]
}

// isToken tells a token from a long word: by a digit that base32 has, or else by where it stands.
func isToken(s string, from, to int) bool {
	word := s[from:to]
	digits := strings.ContainsAny(word, "234567")
	switch {
	case strings.ContainsAny(word, "0189"), word != strings.ToLower(word) && word != strings.ToUpper(word):
		return false
	case digits || from == 0:
		return digits
	}
	before, at := s[from-1], strings.HasPrefix(s[to:], "@") || strings.HasPrefix(s[to:], "%40")
	plus := before == '+' || before == '.' || strings.HasSuffix(strings.ToUpper(s[:from]), "%2B")
	return plus && at || strings.IndexByte("/=", before) >= 0 && strings.ContainsRune("abcdABCD", rune(word[0]))
}

// Values is Text without these values either, as they are and in base64; "" is none.
func Values(s string, secrets ...string) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		s = strings.ReplaceAll(s, secret, "…")
		s = strings.ReplaceAll(s, base64.StdEncoding.EncodeToString([]byte(secret)), "…")
	}
	return Text(s)
}

// Error is err with its words cleaned; errors.Is and errors.As find what they found before. A caller must not print what
// they find.
func Error(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	said := err.Error()
	clean := Values(said, secrets...)
	if clean == said {
		return err
	}
	return &cleaned{clean, err}
}

type cleaned struct {
	text string
	err  error
}

func (c *cleaned) Error() string { return c.text }
func (c *cleaned) Unwrap() error { return c.err }

// Attr is for slog.HandlerOptions.ReplaceAttr.
func Attr(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(Text(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case nil, *slog.Source, slog.Level:
		default:
			if said := fmt.Sprint(v); Text(said) != said {
				a.Value = slog.StringValue(Text(said))
			}
		}
	}
	return a
}
