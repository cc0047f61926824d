package workflow

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Token lets a program act for a person over HTTP. Its secret is not kept.
type Token struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"` // what it is for; no two have the same
	PersonID  int64     `json:"person_id"`
	CreatedAt time.Time `json:"created_at"`
}

const maxTokenName = 60 // runes

// Validate checks a new token.
func (t Token) Validate() error {
	switch n := utf8.RuneCountInString(t.Name); {
	case n == 0 || strings.TrimSpace(t.Name) != t.Name || strings.ContainsFunc(t.Name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Errorf(Invalid, "%q cannot name a token: say what it is for, like cms", t.Name)
	case n > maxTokenName:
		return Errorf(Invalid, "the name of a token has at most %d characters", maxTokenName)
	}
	return nil
}
