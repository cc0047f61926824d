package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"handoff/inbox"
	"handoff/workflow"
)

// Bounds on what one mail may make Decide look at.
const (
	maxRecipients = 100
	maxReferences = 50
	maxForwarded  = 5
	maxCodes      = 4
	maxOpen       = 25
)

// identify says who wrote the mail and how sure that is.
//
// From names the sender, by a registered address, with or without its plus part. An address that nobody registered counts as
// a second one of the person to whom a signed reply address was given, when the mail was sent to it: only that person's
// mail program was told of it. Not so when the mail is addressed to that person as well (somebody answered all), when
// authentication failed, or when the mail merely refers to a signed id, which everybody copied in a thread can see.
// Whoever is forwarded a mail can write to that address too: so the answer goes to the registered address, both are told of
// the other one, and it neither decides for others nor does what nobody can take back (see decides).
// A signed address or id that was given to the sender also vouches for a mail whose authentication is unknown. It does not
// vouch for what a colleague forwards, which may be filed on any piece: that takes a colleague's own registered address.
func (d *Decider) identify(ctx context.Context, look Lookups, r *ruling) error {
	d.collect(r)
	r.from = workflow.NormalizeAddress(r.msg.From.Address)
	r.auth = r.msg.Auth.Result
	if r.auth != inbox.AuthPass && r.auth != inbox.AuthFail {
		r.auth = inbox.AuthUnknown
	}
	r.note("authentication", string(r.auth), "%s", orElse(r.msg.Auth.Reason, "no result of a trusted host and no signature"))
	if err := d.sender(ctx, look, r); err != nil {
		return err
	}
	forwards := r.sender.Class == workflow.Internal && len(r.msg.Forwarded) > 0
	if !forwards && r.auth == inbox.AuthUnknown && r.sender.ID != 0 && slices.ContainsFunc(r.refs, func(s signedRef) bool { return s.PersonID == r.sender.ID }) {
		r.auth = inbox.AuthPass
		r.note("authentication", "pass", "the mail answers what only %s got", r.sender.Name)
	}
	r.author = r.sender
	if !forwards || r.auth == inbox.AuthFail {
		return nil
	}
	if short, _ := workflow.WithoutPlus(r.from); !r.sender.HasAddress(r.from) && !r.sender.HasAddress(short) {
		r.lostForward = fmt.Sprintf("it forwards a mail, which takes a registered address: add %s to those of %s and replay it", r.from, r.sender.Name)
		r.note("identity", "forwarded", "%s", r.lostForward)
		return nil
	}
	return d.trueAuthor(ctx, look, r)
}

// collect finds our signed addresses and ids, the recipients' first, then the ids from the newest to the oldest.
func (d *Decider) collect(r *ruling) {
	if d.Identity == nil {
		return
	}
	for _, a := range recipients(r.msg) {
		if ref, err := d.Identity.FromAddress(a); err == nil {
			r.refs = append(r.refs, signedRef{ref, true})
		}
	}
	for _, id := range referred(r.msg) {
		if ref, err := d.Identity.FromID(id); err == nil {
			r.refs = append(r.refs, signedRef{ref, false})
		}
	}
}

// recipients are the addresses that a mail was sent to, those of the envelope first, at most maxRecipients.
func recipients(m *inbox.Message) []string {
	found := slices.Clone(m.DeliveredTo)
	for _, list := range [][]inbox.Address{m.To, m.Cc} {
		for _, a := range list {
			found = append(found, a.Address)
		}
	}
	return found[:min(len(found), maxRecipients)]
}

// referred are the ids that a mail answers, the most telling first, each once.
func referred(m *inbox.Message) []string {
	var ids []string
	add := func(id string) {
		if id != "" && len(ids) < maxReferences && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range m.InReplyTo {
		add(id)
	}
	for i := len(m.References) - 1; i >= 0 && len(ids) < maxReferences; i-- {
		add(m.References[i])
	}
	return ids
}

func (d *Decider) sender(ctx context.Context, look Lookups, r *ruling) error {
	if r.from == "" {
		r.note("identity", "unknown", "the mail has no From address")
		return nil
	}
	p, err := personByAddress(ctx, look, r.from)
	if err != nil {
		return err
	}
	if p.ID != 0 {
		r.sender = p
		r.note("identity", string(p.Class), "%s is an address of %s", r.from, p.Name)
		return nil
	}
	for _, ref := range r.refs {
		if !ref.address || ref.PersonID == 0 || r.auth == inbox.AuthFail {
			continue
		}
		p, err := look.Person(ctx, ref.PersonID)
		if workflow.CodeOf(err) == workflow.NotFound {
			continue
		}
		if err != nil {
			return fmt.Errorf("looking up person %d: %w", ref.PersonID, err)
		}
		if addressed(r.msg, p) {
			r.note("identity", "unknown", "the signed address is %s's, but the mail is written to them", p.Name)
			continue
		}
		r.sender = p
		r.note("identity", string(p.Class), "nobody registered %s, but the mail came to the reply address that only %s got: it counts as theirs", r.from, p.Name)
		return nil
	}
	domain := workflow.Domain(r.from)
	if r.colleague = slices.ContainsFunc(d.TeamDomains, func(t string) bool { return strings.EqualFold(t, domain) }); r.colleague {
		r.note("identity", string(workflow.Internal), "nobody registered %s, but %s is the team's", r.from, domain)
		return nil
	}
	r.note("identity", string(Stranger), "nobody registered %s", r.from)
	return nil
}

// personByAddress looks under the address and without its plus part; a zero Person is nobody.
func personByAddress(ctx context.Context, look Lookups, address string) (workflow.Person, error) {
	p, err := look.PersonByAddress(ctx, address)
	if workflow.CodeOf(err) == workflow.NotFound {
		short, ok := workflow.WithoutPlus(address)
		if !ok {
			return workflow.Person{}, nil
		}
		p, err = look.PersonByAddress(ctx, short)
		if workflow.CodeOf(err) == workflow.NotFound {
			return workflow.Person{}, nil
		}
	}
	if err != nil {
		return workflow.Person{}, fmt.Errorf("looking up %s: %w", address, err)
	}
	return p, nil
}

// addressed tells whether the mail is written to that person too.
func addressed(m *inbox.Message, p workflow.Person) bool {
	for _, list := range [][]inbox.Address{m.To, m.Cc} {
		for _, a := range list[:min(len(list), maxRecipients)] {
			if p.HasAddress(workflow.NormalizeAddress(a.Address)) {
				return true
			}
		}
	}
	return false
}

// trueAuthor finds whose mail a colleague forwards: an outside contributor's is filed for them.
func (d *Decider) trueAuthor(ctx context.Context, look Lookups, r *ruling) error {
	for i := range r.msg.Forwarded[:min(len(r.msg.Forwarded), maxForwarded)] {
		f := &r.msg.Forwarded[i]
		from := workflow.NormalizeAddress(f.From.Address)
		p := workflow.Person{}
		if from != "" {
			var err error
			if p, err = personByAddress(ctx, look, from); err != nil {
				return err
			}
		}
		switch {
		case p.ID == 0:
			r.lostForward = "it forwards a mail by somebody we do not know; add them to the people and replay it"
		case p.Class == workflow.Outside:
			r.author, r.forwarded, r.lostForward = p, f, ""
			r.note("identity", "forwarded", "%s forwards a mail of %s, who is the author", r.sender.Name, p.Name)
			return nil
		}
	}
	if r.lostForward != "" {
		r.note("identity", "forwarded", "%s forwards a mail of nobody we know", r.sender.Name)
	}
	return nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
