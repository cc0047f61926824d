package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/workflow"
)

const (
	defaultReplyAge = 7 * 24 * time.Hour
	capWindow       = time.Hour
	dayWindow       = 24 * time.Hour
	perDay          = 3 // an address gets so many times its hour's replies in a day
)

// reply keeps of the answers to the sender those that may be sent, and says what stopped the others.
func (d *Decider) reply(ctx context.Context, look Lookups, r *ruling) error {
	if r.Action == File && r.Entry == Comment && len(r.skipped) == 0 && slices.Equal(r.Replies, []string{"receipt"}) {
		r.Replies = nil // relayed, not received: the answer is a person's
		if r.request == nil && r.author.Class == workflow.Outside && r.forwarded == nil && strings.TrimSpace(r.text()) != "" {
			r.Replies = []string{"noted"} // but a contributor hears whom it reached, once a day and piece; see passedOn
		}
	}
	if r.Action != File && r.forwarded != nil {
		r.Replies = nil // its author did not write to us; the colleague who forwards it is told
	}
	if len(r.Replies) == 0 {
		return nil
	}
	if why := d.unanswerable(r); why != "" {
		r.note("reply", "none", "%s", why)
		r.Replies = nil
		return nil
	}
	if stopped, err := d.stopped(ctx, look, r); err != nil || stopped {
		return err
	}
	var kept []string
	for _, t := range r.Replies {
		why, err := d.capped(ctx, look, r, t)
		if err != nil {
			return err
		}
		if why != "" {
			r.note("reply", "capped", "%s: %s", t, why)
			continue
		}
		r.note("reply", t, "to %s", r.answerAddress())
		kept = append(kept, t)
	}
	r.Replies = kept
	return nil
}

// unanswerable says why the mail must not be answered by itself, "" if it may (RFC 3834 section 2).
func (d *Decider) unanswerable(r *ruling) string {
	age := d.MaxReplyAge
	if age == 0 {
		age = defaultReplyAge
	}
	at := r.received.ReceivedAt
	if at.IsZero() {
		at = r.msg.Date
	}
	switch {
	case r.received.Backfill:
		return "it was in the mailbox before Handoff"
	case !at.IsZero() && d.now(r).Sub(at) > age:
		return fmt.Sprintf("it came on %s, and mail older than %s is not answered", at.UTC().Format("2006-01-02"), days(age))
	case r.msg.SuppressReply && (r.msg.Calendar == nil || r.refused == nil || r.msg.NullSender): // a person pressed what was refused
		return "it asks for no automatic answer"
	case r.auth == inbox.AuthFail:
		return "its sender is not who it says"
	case r.answerAddress() == "":
		return "it has no address to answer to"
	case d.ours(r.answerAddress()):
		return "the answer would come back to us"
	}
	return ""
}

// ours tells our own signed addresses.
func (d *Decider) ours(address string) bool {
	if d.Identity == nil {
		return false
	}
	_, err := d.Identity.FromAddress(address)
	return err == nil
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return plural(int(d/(24*time.Hour)), "day", "days")
	}
	return d.String()
}

// answerAddress is where an answer goes. For a forwarded mail that is its author's own address. Else it is From, or the
// Reply-To where that is the same person's: no mail may make us write to a third party, be it of the same provider. A
// variant of a registered address is answered at the registered one, so that all of them share its caps.
func (r *ruling) answerAddress() string {
	if r.forwarded != nil {
		return r.author.Primary()
	}
	for _, a := range r.msg.ReplyTo {
		to := workflow.NormalizeAddress(a.Address)
		if r.sender.ID != 0 && r.sender.HasAddress(to) {
			return to
		}
	}
	if key := SenderKey(r.from); r.sender.ID != 0 && !r.sender.HasAddress(r.from) && r.sender.HasAddress(key) {
		return key
	}
	return r.from
}

// SenderKey is what mails are counted by, of one sender: the normalised address without its plus part, which anyone can vary
// at will. It is "" for all that is no address.
func SenderKey(address string) string {
	key, _ := workflow.WithoutPlus(workflow.NormalizeAddress(address))
	return key
}

// orDefault is a cap, as set or else the default.
func orDefault(set, otherwise int) int {
	if set == 0 {
		return otherwise
	}
	return set
}

const (
	defaultPerAddress  = 10
	defaultPerTemplate = 300
	defaultTotal       = 500
)

// capped says which cap one more reply would exceed, "" for none.
func (d *Decider) capped(ctx context.Context, look Lookups, r *ruling, template string) (string, error) {
	address := r.answerAddress()
	perAddress := orDefault(d.Caps.Address, defaultPerAddress)
	perTemplate, total := orDefault(d.Caps.Template, defaultPerTemplate), orDefault(d.Caps.Total, defaultTotal)
	if perAddress < 0 && perTemplate < 0 && total < 0 {
		return "", nil
	}
	n, err := look.Replies(ctx, d.now(r).Add(-capWindow), address, template)
	if err != nil {
		return "", fmt.Errorf("counting the replies sent: %w", err)
	}
	switch {
	case perAddress >= 0 && n.Address >= perAddress:
		return fmt.Sprintf("%s got %d replies within the hour", address, n.Address), nil
	case perTemplate >= 0 && n.Template >= perTemplate:
		return fmt.Sprintf("it went out %d times within the hour", n.Template), nil
	case total >= 0 && n.Total >= total:
		return fmt.Sprintf("%d replies went out within the hour", n.Total), nil
	case perAddress < 0:
		return "", nil
	}
	day, err := look.RepliesTo(ctx, d.now(r).Add(-dayWindow), address)
	if err != nil {
		return "", fmt.Errorf("counting the day's replies sent to %s: %w", address, err)
	}
	sent := 0
	for _, of := range day {
		sent += of
	}
	switch {
	case strings.HasPrefix(template, "redirect") && day[template] > 0: // once said it is known, and a machine is not stopped by words
		return fmt.Sprintf("%s was told so within the day", address), nil
	case sent >= perDay*perAddress:
		return fmt.Sprintf("%s got %d replies within the day", address, sent), nil
	}
	return "", nil
}

// relays is how many mails are passed on about one piece in an hour.
const relays = 30

// quieten stops storms towards the team: what is filed or held stays so, but its editor is not told of every one. Two
// machines that answer each other through us end there too.
func (d *Decider) quieten(ctx context.Context, look Lookups, r *ruling) error {
	since := d.now(r).Add(-capWindow)
	switch perAddress := orDefault(d.Caps.Address, defaultPerAddress); {
	case r.Action == File && r.StepID == 0:
		n, err := look.Relayed(ctx, since, r.PieceID, relays)
		if err != nil {
			return fmt.Errorf("counting the mails passed on about %s: %w", r.Piece, err)
		}
		if r.quiet = n >= relays; r.quiet {
			r.note("notice", "capped", "%d mails about %s were passed on within the hour", n, r.Piece)
		}
	case r.Action == Hold && r.tellEditor && perAddress >= 0:
		n, err := look.HeldFrom(ctx, since, SenderKey(r.from))
		if err != nil {
			return fmt.Errorf("counting the mails held of %s: %w", r.from, err)
		}
		if r.quiet = n >= perAddress; r.quiet {
			r.note("notice", "capped", "%d mails of %s were held within the hour, and told of", n, r.from)
		}
	}
	return nil
}
