package proxy

import (
	"fmt"
	"slices"
	"strings"

	"handoff/inbox"
	"handoff/workflow"
)

// Match is how a piece was found, or why none was.
type Match string

const (
	MatchSigned    Match = "signed"    // a reply address or id that Handoff signed names the piece
	MatchCode      Match = "code"      // the piece's code in the subject
	MatchThread    Match = "thread"    // it answers a mail that was filed on the piece
	MatchSingle    Match = "single"    // the author's only unfinished piece, or the only one that waits for them
	MatchScored    Match = "scored"    // the title's words, clearly ahead of any other piece
	MatchAmbiguous Match = "ambiguous" // several pieces, none clearly ahead
	MatchForeign   Match = "foreign"   // a piece was named, but it is not theirs
	MatchNone      Match = "none"      // no piece
)

// Matches lists all values of Match.
func Matches() []Match {
	return []Match{MatchSigned, MatchCode, MatchThread, MatchSingle, MatchScored, MatchAmbiguous, MatchForeign, MatchNone}
}

// found tells whether it names one piece of the author's.
func (m Match) found() bool {
	return m != MatchAmbiguous && m != MatchForeign && m != MatchNone && m != ""
}

// Stranger is the sender class of somebody who is no known person; the others are workflow's.
const Stranger workflow.Class = "unknown"

// Rule is one row of the policy. Class, Match, Auth, Entry, Person and Stage name what they apply to: one value, several with | between, or
// "*" (or nothing) for any.
type Rule struct {
	Name   string `toml:"name" json:"name"`               // named in the trace and in the reason
	Class  string `toml:"class" json:"class,omitempty"`   // outside, internal, unknown
	Match  string `toml:"match" json:"match,omitempty"`   // see Match
	Auth   string `toml:"auth" json:"auth,omitempty"`     // pass, unknown, fail
	Entry  string `toml:"entry" json:"entry,omitempty"`   // submission, comment
	Person string `toml:"person" json:"person,omitempty"` // an address of the author's
	Stage  string `toml:"stage" json:"stage,omitempty"`   // in which the piece is, "" matches none as well
	Action Action `toml:"action" json:"action"`           // file, redirect, ignore, hold
	Reply  string `toml:"reply" json:"reply,omitempty"`   // the template that answers the sender, "" is none
}

// Policy says what becomes of a mail from a person; the first row that applies decides. No row can file a mail
// that failed authentication, one of nobody we know, or one without a piece of the author's.
type Policy []Rule

// DefaultPolicy ends with a row for everything, so rows of one's own go before it.
func DefaultPolicy() Policy {
	return Policy{
		{Name: "forged", Auth: "fail", Action: Hold},
		{Name: "stranger in a thread", Class: "unknown", Match: "signed", Action: Hold},
		{Name: "stranger", Class: "unknown", Action: Redirect, Reply: "redirect"},
		{Name: "internal answer", Class: "internal", Match: "signed|thread", Auth: "pass", Entry: "comment", Action: File, Reply: "receipt"},
		{Name: "internal unverified", Class: "internal", Match: "signed|thread", Entry: "comment", Action: Hold},
		{Name: "internal bypass", Class: "internal", Action: Ignore},
		{Name: "no piece", Class: "outside", Match: "none|ambiguous|foreign", Action: Hold, Reply: "held"},
		{Name: "unverified", Class: "outside", Auth: "unknown", Action: Hold, Reply: "held"},
		{Name: "proxy", Class: "outside", Action: File, Reply: "receipt"},
		{Name: "anything else", Action: Hold},
	}
}

// replyTemplates are the templates that a row may answer with.
func replyTemplates() []string {
	return []string{"", "receipt", "redirect", "redirect_internal", "redirect_outside", "held"}
}

// Validate says which row is wrong and what it may say, or nil.
func (p Policy) Validate() error {
	for i, r := range p {
		row := fmt.Sprintf("policy row %d", i+1)
		if r.Name != "" {
			row += " (" + r.Name + ")"
		}
		classes := []string{string(workflow.Outside), string(workflow.Internal), string(Stranger)}
		auths := []string{string(inbox.AuthPass), string(inbox.AuthUnknown), string(inbox.AuthFail)}
		for _, f := range []struct {
			name, value string
			known       []string
		}{
			{"class", r.Class, classes}, {"match", r.Match, words(Matches())}, {"auth", r.Auth, auths},
			{"entry", r.Entry, words([]EntryKind{Submission, Comment})}, {"stage", r.Stage, words(workflow.Stages())},
		} {
			for _, v := range alternatives(f.value) {
				if !slices.Contains(f.known, v) {
					return workflow.Errorf(workflow.Invalid, "%s: %s is %q, it can be %s or *", row, f.name, v, strings.Join(f.known, ", "))
				}
			}
		}
		for _, a := range alternatives(r.Person) {
			if workflow.NormalizeAddress(a) == "" {
				return workflow.Errorf(workflow.Invalid, "%s: person is %q, it has to be a mail address", row, a)
			}
		}
		actions := []Action{File, Redirect, Ignore, Hold}
		if !slices.Contains(actions, r.Action) {
			return workflow.Errorf(workflow.Invalid, "%s: action is %q, it can be %s", row, r.Action, strings.Join(words(actions), ", "))
		}
		if !slices.Contains(replyTemplates(), r.Reply) {
			return workflow.Errorf(workflow.Invalid, "%s: reply is %q, it can be %s or nothing", row, r.Reply, strings.Join(replyTemplates()[1:], ", "))
		}
		if r.Reply == "receipt" && r.Action != File {
			return workflow.Errorf(workflow.Invalid, "%s: a receipt can only answer what is filed", row)
		}
		if r.Action == Redirect && !strings.HasPrefix(r.Reply, "redirect") {
			return workflow.Errorf(workflow.Invalid, "%s: a redirect needs the reply redirect, redirect_internal or redirect_outside", row)
		}
		if r.Action == Ignore && r.Reply != "" {
			return workflow.Errorf(workflow.Invalid, "%s: what is ignored is not answered; a redirect or a hold can be", row)
		}
		if r.Action == File && r.Reply != "" && r.Reply != "receipt" {
			return workflow.Errorf(workflow.Invalid, "%s: what is filed can only be answered with a receipt", row)
		}
	}
	return nil
}

// facts are what rows go by.
type facts struct {
	class  workflow.Class
	match  Match
	auth   inbox.AuthResult
	entry  EntryKind
	author workflow.Person
	stage  workflow.Stage
}

// rule is the first row that applies.
func (p Policy) rule(f facts) Rule {
	for _, r := range p {
		if applies(r.Class, string(f.class)) && applies(r.Match, string(f.match)) && applies(r.Auth, string(f.auth)) && applies(r.Entry, string(f.entry)) &&
			applies(r.Stage, string(f.stage)) && r.concerns(f.author) {
			return r
		}
	}
	return Rule{Name: "no row applies", Action: Hold}
}

// concerns tells whether the row is about that author.
func (r Rule) concerns(author workflow.Person) bool {
	if r.Person == "" || r.Person == "*" {
		return true
	}
	return slices.ContainsFunc(alternatives(r.Person), func(a string) bool { return author.HasAddress(workflow.NormalizeAddress(a)) })
}

func applies(pattern, value string) bool {
	if pattern == "" || pattern == "*" || pattern == value {
		return true
	}
	for rest := pattern; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, "|")
		if strings.TrimSpace(one) == value {
			return true
		}
	}
	return false
}

func alternatives(pattern string) []string {
	if pattern == "" || pattern == "*" {
		return nil
	}
	all := strings.Split(pattern, "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func words[T ~string](all []T) []string {
	s := make([]string, len(all))
	for i, w := range all {
		s[i] = string(w)
	}
	return s
}
