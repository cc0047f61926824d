package proxy

import (
	"handoff/outbox"
	"handoff/workflow"
)

// registered tells whether the mail comes from an address of the sender's own.
func (r *ruling) registered() bool {
	short, _ := workflow.WithoutPlus(r.from)
	return r.sender.HasAddress(r.from) || r.sender.HasAddress(short)
}

// stray tells of a mail that counts as its sender's by the address that it came to alone.
func (r *ruling) stray() bool { return r.sender.ID != 0 && !r.registered() }

// decides tells whether what is asked for is for the team to decide, or cannot be taken back: who was passed a mail of the
// sender's must not do it in their name.
func (r *ruling) decides() bool {
	return r.author.Class == workflow.Internal || r.request.final || workflow.Can(r.author, workflow.Manage, r.piece)
}

func (r *ruling) notRegistered() error {
	return workflow.Errorf(workflow.Forbidden, "%s is not registered as yours, and what you decide has to come from an address that is", r.from)
}

// stray is the address that the mail came from, where nobody registered it; nil where somebody did.
func (p *post) stray() *outbox.Stray {
	if r := p.ruling; r.stray() {
		return &outbox.Stray{Address: r.from, Who: r.sender}
	}
	return nil
}

// logged is an entry for the history, which also tells where it came from if its author is not known to write from there.
func (p *post) logged(e Entry) string {
	if p.ruling.stray() {
		return e.title() + ", from " + p.ruling.from + ", which is not registered"
	}
	return e.title()
}
