package imap

import (
	"strings"
	"testing"
)

// The exchanges of RFC 5802, section 5, and RFC 7677, section 3.
func TestScram(t *testing.T) {
	for _, c := range []struct {
		mechanism                                     Mechanism
		nonce, serverFirst, first, final, serverFinal string
	}{
		{
			mechanism: ScramSHA1, nonce: "fyko+d2lbbFgONRv9qkxdawL", first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
			serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
			final:       "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
			serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
		},
		{
			mechanism: ScramSHA256, nonce: "rOprNGfwEbeRWgbNEkqO", first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
			serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
			final:       "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
			serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
		},
	} {
		begin := func() *scram {
			s := newScram(c.mechanism, "user", "pencil")
			s.nonce = c.nonce
			if mech, first, err := s.Start(); mech != string(c.mechanism) || string(first) != c.first || err != nil {
				t.Errorf("%s begins with %q, %v", mech, first, err)
			}
			return s
		}
		s := begin()
		if final, err := s.Next([]byte(c.serverFirst)); string(final) != c.final || err != nil {
			t.Errorf("%s: the proof is %q, %v", c.mechanism, final, err)
		}
		if s.verified() == nil {
			t.Errorf("%s: verified before the server said anything", c.mechanism)
		}
		if _, err := s.Next([]byte(c.serverFinal)); err != nil || s.verified() != nil {
			t.Errorf("%s: %v, verified: %v", c.mechanism, err, s.verified())
		}
		if _, err := s.Next(nil); err == nil {
			t.Errorf("%s goes on after the end", c.mechanism)
		}
		for _, liar := range []string{"v=" + c.final[len(c.final)-28:], "v=", "", "e=other-error"} {
			s := begin()
			if _, err := s.Next([]byte(c.serverFirst)); err != nil {
				t.Fatal(err)
			}
			if _, _ = s.Next([]byte(liar)); s.verified() == nil {
				t.Errorf("%s: %q counts as proof", c.mechanism, liar)
			}
		}
		for odd, says := range map[string]string{
			strings.Replace(c.serverFirst, "r="+c.nonce, "r=other", 1): "nonce",
			"r=" + c.nonce + ",s=QSXC,i=4096":                          "nonce",
			strings.Replace(c.serverFirst, "i=4096", "i=-1", 1):        "iterations",
			strings.Replace(c.serverFirst, "i=4096", "i=99999999", 1):  "iterations",
			strings.Replace(c.serverFirst, ",s=", ",t=", 1):            "salt",
			"": "nonce",
		} {
			if _, err := begin().Next([]byte(odd)); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %q is answered (%v)", c.mechanism, odd, err)
			}
		}
	}
}
