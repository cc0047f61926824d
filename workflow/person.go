package workflow

import (
	"slices"
	"strings"
	"time"
)

// Roles lists all roles.
func Roles() []Role {
	return []Role{Author, Editor, PeerReviewer, CopyEditor, Designer, DistributionLead, Admin}
}

// Is tells whether the person has that role.
func (p Person) Is(r Role) bool { return slices.Contains(p.Roles, r) }

// Edits tells whether the person is of the team and looks after pieces: an editor or an admin.
func (p Person) Edits() bool { return p.Class == Internal && (p.Is(Editor) || p.Is(Admin)) }

// Primary is the address that notices go to, "" if the person has none.
func (p Person) Primary() string {
	if len(p.Addresses) == 0 {
		return ""
	}
	return p.Addresses[0]
}

// HasAddress tells whether a normalised address is one of the person's.
func (p Person) HasAddress(address string) bool { return slices.Contains(p.Addresses, address) }

// Location is the person's time zone, or the team's where the person has none or an unknown one.
func (p Person) Location(team *time.Location) *time.Location {
	if team == nil {
		team = time.UTC
	}
	if p.TimeZone == "" {
		return team
	}
	l, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return team
	}
	return l
}

// Normalize brings names, addresses and roles into the form they are stored in; addresses that are none stay for Validate to name.
func (p Person) Normalize() Person {
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	p.Locale, p.TimeZone = strings.TrimSpace(p.Locale), strings.TrimSpace(p.TimeZone)
	var addresses []string
	for _, a := range p.Addresses {
		if n := NormalizeAddress(a); n != "" {
			a = n
		}
		if !slices.Contains(addresses, a) {
			addresses = append(addresses, a)
		}
	}
	p.Addresses = addresses
	var roles []Role
	for _, r := range p.Roles {
		if !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	p.Roles = roles
	return p
}

// Validate says what is wrong with a person, or nil.
func (p Person) Validate() error {
	if p.Name == "" {
		return Errorf(Invalid, "the person has no name")
	}
	if len(p.Addresses) == 0 {
		return Errorf(Invalid, "%s has no address", p.Name)
	}
	for _, a := range p.Addresses {
		if NormalizeAddress(a) == "" {
			return Errorf(Invalid, "%q is not a mail address", a)
		}
		if NormalizeAddress(a) != a {
			return Errorf(Invalid, "the address %q is not normalised, write %q", a, NormalizeAddress(a))
		}
	}
	if p.Class != Internal && p.Class != Outside {
		return Errorf(Invalid, "the class of %s is %q, it has to be internal or outside", p.Name, p.Class)
	}
	for _, r := range p.Roles {
		if !slices.Contains(Roles(), r) {
			return Errorf(Invalid, "%q is not a role, the roles are %s", r, listOf(Roles()))
		}
	}
	if err := CheckLocale(p.Locale); err != nil {
		return err
	}
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			return Errorf(Invalid, "%q is not a time zone, write one like Europe/Berlin", p.TimeZone)
		}
	}
	return nil
}

// ParseRole reads a role as people write it: "copy editor", "Copy-Editor", "copy_editor".
func ParseRole(s string) (Role, error) {
	r := Role(key(s))
	if !slices.Contains(Roles(), r) {
		return "", Errorf(Invalid, "%q is not a role, the roles are %s", s, listOf(Roles()))
	}
	return r, nil
}

// ParseClass reads internal or outside, in any case.
func ParseClass(s string) (Class, error) {
	switch c := Class(key(s)); c {
	case Internal, Outside:
		return c, nil
	default:
		return "", Errorf(Invalid, "the class is %q, it has to be internal or outside", s)
	}
}

// CheckLocale looks at the shape of a BCP 47 tag: subtags of 1 to 8 letters and digits, the first one of 2 or 3 letters. "" is
// none, and all right.
func CheckLocale(tag string) error {
	if tag == "" {
		return nil
	}
	for i, sub := range strings.Split(tag, "-") {
		ok := len(sub) >= 1 && len(sub) <= 8
		if i == 0 {
			ok = len(sub) == 2 || len(sub) == 3
		}
		for _, c := range []byte(sub) {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
			ok = ok && (letter || i > 0 && c >= '0' && c <= '9')
		}
		if !ok {
			return Errorf(Invalid, "%q is not a locale, write one like en, de or pt-BR", tag)
		}
	}
	return nil
}

// key is how names of stages, roles and columns are compared.
func key(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), "_"))
	return strings.ReplaceAll(s, "-", "_")
}

func listOf[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}
