package outbox

import (
	"math"
	"strings"
	"time"
)

// Bounce is one line of the bounce ledger.
type Bounce struct {
	At        time.Time `json:"at"`
	Address   string    `json:"address"`
	Status    string    `json:"status"` // RFC 3463, "" if none was given
	Permanent bool      `json:"permanent"`
	Delayed   bool      `json:"delayed,omitempty"` // the mail is still being tried
	NoticeID  int64     `json:"notice_id,omitempty"`
	MessageID int64     `json:"message_id,omitempty"` // the stored report
}

// Verdict is what a bounce says about its address.
type Verdict string

const (
	Gone    Verdict = "gone"    // there is no such mailbox: nothing more is sent to it
	Soft    Verdict = "soft"    // it takes no mail now; several in a short time count like Gone
	Refused Verdict = "refused" // this mail was not wanted, or its sender: the address is all right
	Delay   Verdict = "delay"   // it may still arrive
)

// Verdict reads the status by the meaning of its codes (RFC 3463 section 3, and the registry of RFC 5248). What was not given
// up as permanent is never Gone.
func (b Bounce) Verdict() Verdict {
	if b.Delayed {
		return Delay
	}
	_, rest, _ := strings.Cut(b.Status, ".")
	subject, _, _ := strings.Cut(rest, ".")
	switch {
	case subject == "7" && (rest == "7.17" || rest == "7.18"): // RFC 7293: the mailbox, or its domain, is somebody else's now
	case subject == "7", subject == "6", rest == "2.3", rest == "3.4": // policy, content, size
		return Refused
	case rest == "1.7", rest == "1.8", rest == "1.9": // the sender's address, not the recipient's
		return Refused
	case rest == "2.2", rest == "2.4", subject == "3", subject == "4", subject == "5": // full, list, system, network, protocol
		return Soft
	}
	if !b.Permanent {
		return Soft
	}
	return Gone
}

// Reason is the status in words that go on a sentence, "" for one that says nothing.
func (b Bounce) Reason() string {
	_, rest, _ := strings.Cut(b.Status, ".")
	subject, _, _ := strings.Cut(rest, ".")
	switch rest {
	case "1.1", "1.6", "1.0":
		return "there is no such mailbox"
	case "1.2", "1.10":
		return "its domain takes no mail"
	case "1.3", "1.4":
		return "the address is not a valid one"
	case "2.1":
		return "the mailbox is closed"
	case "2.2":
		return "the mailbox is full"
	case "2.3", "3.4":
		return "the mail is too large for it"
	case "4.1", "4.4", "4.7":
		return "its mail server does not answer"
	case "7.17", "7.18":
		return "it belongs to somebody else now"
	}
	switch subject {
	case "7":
		return "its mail system refuses our mails by its own rules"
	case "6":
		return "its mail system does not like what is in the mail"
	case "3", "4":
		return "its mail system has a problem"
	}
	return ""
}

// BounceRules say how soft bounces add up. A zero field takes its default.
type BounceRules struct {
	HalfLife  time.Duration // after which one counts half; 7 days
	Threshold float64       // the sum at which the address counts as one that takes no mail; 3
}

// Horizon is the moment before which a soft bounce counts less than a hundredth at now.
func (r BounceRules) Horizon(now time.Time) time.Time { return now.Add(-7 * r.orDefault().HalfLife) }

func (r BounceRules) orDefault() BounceRules {
	preset(&r.HalfLife, 7*24*time.Hour)
	if r.Threshold <= 0 {
		r.Threshold = 3
	}
	return r
}

// Add is the score after one more soft bounce at now, where it was score at then, and whether that is too much.
func (r BounceRules) Add(score float64, then, now time.Time) (sum float64, tooMuch bool) {
	r = r.orDefault()
	sum = r.Fade(score, then, now) + 1
	return sum, sum >= r.Threshold
}

// Fade is what is left at now of a score that was reckoned then.
func (r BounceRules) Fade(score float64, then, now time.Time) float64 {
	r = r.orDefault()
	return score * math.Exp2(-max(now.Sub(then), 0).Hours()/r.HalfLife.Hours())
}

// Text is the bounce as the error of the notice that came back.
func (b Bounce) Text() string {
	text := "it came back"
	if reason := b.Reason(); reason != "" {
		text += ": " + reason
	}
	if b.Status != "" {
		text += " (status " + b.Status + ")"
	}
	return text
}

// Bouncing is an address whose mail comes back.
type Bouncing struct {
	Address string    `json:"address"`
	Since   time.Time `json:"since,omitzero"` // it takes no mail; zero: it does still
	First   time.Time `json:"first,omitzero"` // soft bounce of those that still count
	Status  string    `json:"status,omitempty"`
	Score   float64   `json:"score"` // of its soft bounces
}
