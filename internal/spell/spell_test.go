package spell

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"address", "user", "password_env", "poll_every", "tls"}
	for name, want := range map[string]string{
		"adress": "address", "Address": "address", "usr": "user", "tsl": "", "tl": "tls", "password": "password_env", "every": "poll_every",
		"colour": "", "": "", "x": "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
