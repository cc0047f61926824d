package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// maxEditors is how many editors hear of one held mail.
const maxEditors = 3

// hold tells the sender, where that is allowed, and whoever can decide.
func (p *post) hold(ctx context.Context) error {
	r := p.ruling
	if r.received.Backfill {
		return nil
	}
	if err := p.replies(ctx, 0); err != nil {
		return err
	}
	if !r.tellEditor || r.quiet {
		return nil
	}
	editors, err := p.editors(ctx)
	if err != nil {
		return err
	}
	sender := r.author
	if sender.ID == 0 {
		sender = workflow.Person{Name: orElse(clip(r.msg.From.Name, maxName), orElse(r.from, "somebody without an address")), Addresses: []string{r.from}}
	}
	if r.sender.ID == sender.ID && !sender.HasAddress(r.from) { // it counts as theirs, which the editor is to see
		sender.Addresses = []string{r.from}
	}
	if r.auth == inbox.AuthFail { // a name that is not theirs must not vouch for it
		sender = workflow.Person{Name: "an unverified sender", Addresses: []string{r.from}}
	}
	words := ""
	if r.author.ID != 0 && r.auth == inbox.AuthPass {
		words = clip(strings.TrimSpace(r.text()), maxRelayed)
	}
	for _, e := range editors {
		d := templates.HeldEditor{
			Sender: outbox.PersonData(sender), Subject: clip(r.msg.Subject, maxSubject), Reason: withoutPolicy(r.Reason), MailID: p.record.ID, Candidates: p.candidates(), Words: words,
		}
		if err := p.add(d, e, outbox.About{Key: p.heldKey(e)}); err != nil {
			return err
		}
	}
	return nil
}

// heldKey lets every mail of a known person be told of, but those that nobody vouches for once a day, sender and editor: a
// forger must not be able to fill an editor's mailbox through us.
func (p *post) heldKey(editor workflow.Person) string {
	r := p.ruling
	if r.sender.ID != 0 && r.auth != inbox.AuthFail {
		return fmt.Sprintf("held_editor:%d:%d", p.record.ID, editor.ID)
	}
	return fmt.Sprintf("held_editor:%s:%s:%d", p.gateway.Clock.Now().Format("2006-01-02"), first(SenderKey(r.from), 200), editor.ID)
}

// editors are those of the candidates, the likeliest first, or else who looks after the author, or else who does the triage. Who
// wrote the mail is none of them.
func (p *post) editors(ctx context.Context) ([]workflow.Person, error) {
	var found []workflow.Person
	add := func(id int64) error {
		who, ok, err := p.person(ctx, id)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(found, func(f workflow.Person) bool { return f.ID == id })
		if ok && !known && (id != p.ruling.author.ID || p.ruling.auth == inbox.AuthFail) && len(found) < maxEditors {
			found = append(found, who)
		}
		return nil
	}
	for _, c := range p.ruling.Candidates {
		piece, ok, err := pieceOf(ctx, p.session, c.PieceID)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if err := add(piece.EditorID); err != nil {
			return nil, err
		}
	}
	if author := p.ruling.author; len(found) == 0 && author.EditorID != 0 && p.ruling.auth != inbox.AuthFail {
		if err := add(author.EditorID); err != nil {
			return nil, err
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	triage, ok, err := p.triage(ctx)
	if err != nil || !ok {
		return nil, err
	}
	return []workflow.Person{triage}, nil
}

// triage is who hears of what belongs to no editor: a person, or an address that is nobody's.
func (p *post) triage(ctx context.Context) (workflow.Person, bool, error) {
	address := workflow.NormalizeAddress(p.gateway.Decider.Triage)
	if address == "" {
		return workflow.Person{}, false, nil
	}
	who, err := personByAddress(ctx, p.session, address)
	if err != nil {
		return workflow.Person{}, false, err
	}
	if who.ID == 0 {
		who = workflow.Person{Name: address, Addresses: []string{address}}
	}
	return who, true, nil
}

// report puts a bounce of a notice of ours into the ledger.
func (p *post) report(ctx context.Context) error {
	r, notice := p.ruling, p.ruling.notice
	if notice.ID == 0 || r.msg.Kind == inbox.DeliveryReport {
		return nil
	}
	said, ok := r.said()
	if !ok {
		return nil
	}
	status := said.Status
	if said.Policy {
		status = status[:1] + ".7.1" // what its words mean
	}
	return p.bounced(ctx, notice, outbox.Bounce{
		At: p.gateway.Clock.Now(), Address: notice.ToAddress, Status: status, Delayed: said.Delayed,
		// Whoever is in a thread knows its ids and addresses, and could stop another's mail with one report: it takes several.
		Permanent: said.Permanent && p.gateway.Decider.proven(r),
		NoticeID:  notice.ID, MessageID: p.record.ID,
	})
}

// said is what the report says of the notice's recipient. It has to name them, or to have come to the return address of the
// notice: a Message-ID is known to everybody in a thread, and must not be enough to make an address count as bouncing. Where
// the return address vouches for it, who is named instead is whom the recipient's mail is passed on to.
func (r *ruling) said() (said inbox.BouncedRecipient, ok bool) {
	var all []inbox.BouncedRecipient
	if r.Bounce != nil {
		all = r.Bounce.Recipients
	}
	at := slices.IndexFunc(all, func(b inbox.BouncedRecipient) bool {
		return workflow.NormalizeAddress(b.Address) == workflow.NormalizeAddress(r.notice.ToAddress)
	})
	switch {
	case at >= 0:
		return all[at], true
	case !r.returned:
		return said, false
	case len(all) > 0:
		return all[0], true
	}
	return inbox.BouncedRecipient{Address: r.notice.ToAddress}, true
}

// tellOfBounce tells the piece's editor, or who does the triage; never at the address that bounced, and not of an answer to somebody
// unknown: spam comes from addresses that are none, and each would be a mail.
func (p *post) tellOfBounce(ctx context.Context, notice outbox.Notice, b outbox.Bounce, key string, lost int64) error {
	if notice.AutoReply && notice.PersonID == 0 {
		return nil
	}
	d := templates.Bounced{Address: notice.ToAddress, Status: b.Status, Reason: b.Reason(), Subject: strings.ReplaceAll(notice.Template, "_", " "), Lost: lost}
	var to workflow.Person
	if piece := p.ruling.piece; piece.ID != 0 {
		about := outbox.PieceData(piece)
		d.Piece = &about
		var err error
		if to, _, err = p.person(ctx, piece.EditorID); err != nil {
			return err
		}
	}
	if to.Primary() == "" || to.HasAddress(notice.ToAddress) {
		var err error
		if to, _, err = p.triage(ctx); err != nil {
			return err
		}
	}
	if to.Primary() == "" || to.HasAddress(notice.ToAddress) {
		return nil
	}
	return p.add(d, to, outbox.About{Key: key, PieceID: notice.PieceID})
}

// withoutPolicy is a reason without the name of the policy's row, which says nothing to an editor.
func withoutPolicy(reason string) string {
	if rest, ok := strings.CutPrefix(reason, "policy “"); ok {
		if _, text, ok := strings.Cut(rest, "”: "); ok {
			return text
		}
	}
	return reason
}
