package templates

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Version is one save of an own text.
type Version struct {
	ID     int64     `json:"id"`
	Own              // Text is "" in a version that goes back to the built-in text
	Author string    `json:"author"` // an address, or "" for who is not named
	At     time.Time `json:"at"`
	Note   string    `json:"note"` // what the author says of it
	Base   string    `json:"base"` // Fingerprint of the built-in text at that time
	// BaseText is that text, "" in versions that were saved before it was kept.
	BaseText string `json:"base_text"`
}

// Reset reports that the version goes back to the built-in text.
func (v Version) Reset() bool { return v.Text == "" }

// Stale reports that the built-in text has changed since the version was written.
func (v Version) Stale() bool { return !v.Reset() && v.Base != Fingerprint(v.Own) }

// Setting is what the team chose for one template. The zero value is what it is without a choice.
type Setting struct {
	Off     bool   `json:"off"`     // the notice is not sent
	Variant string `json:"variant"` // the alternate in use, "" the usual text
}

// Versions keeps the own texts; package store has it.
type Versions interface {
	// TemplateState changes whenever a version is added or a setting changes.
	TemplateState(ctx context.Context) (string, error)
	// TemplateVersions lists versions, the latest first: of one place (Text is not looked at), or of all with a zero Own the
	// latest of each place.
	TemplateVersions(ctx context.Context, of Own) ([]Version, error)
	TemplateSettings(ctx context.Context) (map[string]Setting, error)
	AddTemplateVersion(ctx context.Context, v Version) (id int64, err error)
	SetTemplate(ctx context.Context, name string, s Setting) error
}

// Broken is the latest version of an own text that is not used, and why.
type Broken struct {
	Version Version
	Problem *Problem
}

// Library is the Set in force: the built-in texts and the team's own from where they are kept. Its methods may be called
// from anywhere.
type Library struct {
	Kept   Versions
	Locale string // the team's
	Look   Look
	// Broken, if set, hears of each own text that is not used, whenever the texts are read anew.
	Broken func(context.Context, []Broken)

	mu    sync.Mutex
	state string
	set   *Set
}

// Set is the texts in force now. It is read anew only when something was changed. Where that fails, the ones before stand
// in; an error means that there are none yet.
func (l *Library) Set(ctx context.Context) (*Set, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, err := l.Kept.TemplateState(ctx)
	if err == nil && (l.set == nil || state != l.state) {
		var set *Set
		var broken []Broken
		if set, broken, err = l.load(ctx); err == nil {
			l.set, l.state = set, state
			if len(broken) > 0 && l.Broken != nil {
				l.Broken(ctx, broken)
			}
		}
	}
	if l.set != nil {
		return l.set, nil
	}
	return nil, fmt.Errorf("read the mail texts: %w", err)
}

// Try is the texts in force with o, which is not saved, among them. A *Problem says what is wrong in it.
func (l *Library) Try(ctx context.Context, o Own) (*Set, error) {
	s, _, err := l.load(ctx)
	if err != nil {
		return nil, err
	}
	if p := s.take(o); p != nil {
		return nil, p
	}
	return s, nil
}

// InUse is the version that is used of the text of that file name; false if it is the built-in text.
func (l *Library) InUse(ctx context.Context, file string) (Version, bool, error) {
	latest, err := l.Kept.TemplateVersions(ctx, Own{})
	if err != nil {
		return Version{}, false, err
	}
	i := slices.IndexFunc(latest, func(v Version) bool { return v.File() == file })
	if i < 0 {
		return Version{}, false, nil
	}
	versions, err := l.Kept.TemplateVersions(ctx, latest[i].Own)
	if err != nil {
		return Version{}, false, err
	}
	for _, v := range versions {
		if v.Reset() {
			break
		}
		if Check(v.Own) == nil {
			return v, true, nil
		}
	}
	return Version{}, false, nil
}

// Problems are the own texts that are not used.
func (l *Library) Problems(ctx context.Context) ([]Broken, error) {
	_, broken, err := l.load(ctx)
	return broken, err
}

// load takes the latest version of every place, and for one that is broken the ones before.
func (l *Library) load(ctx context.Context) (*Set, []Broken, error) {
	settings, err := l.Kept.TemplateSettings(ctx)
	if err != nil {
		return nil, nil, err
	}
	latest, err := l.Kept.TemplateVersions(ctx, Own{})
	if err != nil {
		return nil, nil, err
	}
	c := Config{Locale: l.Locale, Look: l.Look, Variants: map[string]string{}, Off: map[string]bool{}}
	for name, s := range settings {
		c.Variants[name], c.Off[name] = s.Variant, s.Off
	}
	s, err := newSet(c)
	if err != nil {
		return nil, nil, err
	}
	var broken []Broken
	for _, v := range latest {
		for candidates := []Version{v}; len(candidates) > 0 && !candidates[0].Reset(); candidates = candidates[1:] {
			problem := s.take(candidates[0].Own)
			if problem == nil {
				break
			}
			if candidates[0].ID != v.ID {
				continue
			}
			broken = append(broken, Broken{v, problem}) // that the ones before are wrong too is nobody's news
			if candidates, err = l.Kept.TemplateVersions(ctx, v.Own); err != nil {
				return nil, nil, err
			}
		}
	}
	return s, broken, nil
}

// ErrUnchanged says that a save would change nothing.
var ErrUnchanged = errors.New("the text is as it was")

// Save checks v and keeps it as the latest version of its place. A *Problem says what is wrong; ErrUnchanged that it is
// the latest already, and that the built-in text has not changed since: where it has, the new version says that it was looked at.
// v.At is the caller's; ID, Base and BaseText are filled in.
func (l *Library) Save(ctx context.Context, v Version) (Version, error) {
	v.Text = strings.TrimPrefix(v.Text, byteOrderMark)
	if p := Check(v.Own); p != nil && !v.Reset() {
		return v, p
	}
	before, err := l.Kept.TemplateVersions(ctx, v.Own)
	if err != nil {
		return v, err
	}
	if err := v.check(); err != nil && len(before) == 0 { // what there is no mail for any more can be reset as well
		return v, err
	}
	if len(before) == 0 && v.Reset() || len(before) > 0 && before[0].Text == v.Text && !before[0].Stale() {
		return v, ErrUnchanged
	}
	v.Base = Fingerprint(v.Own)
	if base, err := Default(v.Own); err == nil { // what there is no mail for any more has none
		v.BaseText = string(base)
	}
	v.ID, err = l.Kept.AddTemplateVersion(ctx, v)
	return v, err
}

// Fingerprint tells one built-in text from another.
func Fingerprint(o Own) string {
	text, err := Default(o)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))[:16]
}

// Lack is a text that a language has no own form of while another one has.
type Lack struct {
	Own    Own
	Others []string // locales in which the text is the team's own
	Usual  bool     // of an alternate: its readers get the team's own usual text, not the built-in one
}

// Lacking lists, for own texts in one language, the other languages whose readers get another one: the built-in text, or of the
// alternate in use the usual text. Alternates that are not in use lack nothing.
func Lacking(latest []Version, settings map[string]Setting) []Lack {
	have := map[[2]string][]string{} // by name and variant
	for _, v := range latest {
		if !v.Reset() && v.Name != Layout && (v.Variant == "" || v.Variant == settings[v.Name].Variant) {
			key := [2]string{v.Name, v.Variant}
			have[key] = append(have[key], v.Locale)
		}
	}
	var lacks []Lack
	for _, key := range slices.SortedFunc(maps.Keys(have), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		slices.Sort(have[key])
		name, variant := key[0], key[1]
		for _, tag := range Locales() {
			lack := Lack{Own{Name: name, Variant: variant, Locale: tag}, have[key], variant != "" && slices.Contains(have[[2]string{name, ""}], tag)}
			inUse := variant == "" && settings[name].Variant != "" && slices.Contains(have[[2]string{name, settings[name].Variant}], tag)
			if !slices.Contains(have[key], tag) && !inUse {
				lacks = append(lacks, lack)
			}
		}
	}
	return lacks
}

// BuiltInOnly is Versions of a team that has no texts of its own, and nowhere to keep any.
type BuiltInOnly struct{}

// TemplateState never changes.
func (BuiltInOnly) TemplateState(context.Context) (string, error) { return "", nil }

// TemplateVersions is none.
func (BuiltInOnly) TemplateVersions(context.Context, Own) ([]Version, error) { return nil, nil }

// TemplateSettings is none.
func (BuiltInOnly) TemplateSettings(context.Context) (map[string]Setting, error) { return nil, nil }

var errNowhere = errors.New("there is nowhere to keep texts of your own: make a configuration with \"handoff init\" first")

// AddTemplateVersion fails.
func (BuiltInOnly) AddTemplateVersion(context.Context, Version) (int64, error) { return 0, errNowhere }

// SetTemplate fails.
func (BuiltInOnly) SetTemplate(context.Context, string, Setting) error { return errNowhere }
