package inbox

import (
	"encoding/json"
	"strings"
)

// mailEvent is a report in JSON, as Amazon SES publishes it, bare or as the Message of an SNS notification.
// https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
type mailEvent struct {
	NotificationType string
	EventType        string
	Message          string
	Bounce           struct {
		BounceType        string
		BouncedRecipients []eventRecipient
	}
	DeliveryDelay struct{ DelayedRecipients []eventRecipient }
	Delivery      struct{ Recipients []string }
	Mail          struct {
		Headers       []struct{ Name, Value string }
		CommonHeaders struct{ MessageID string }
	}
}

type eventRecipient struct{ EmailAddress, Status, DiagnosticCode string }

// event reads a text that is such a report; reason is "" if it is none.
func (r *reading) event(text string) (kind Kind, reason string) {
	text = strings.TrimLeft(text, " \n")
	if !strings.HasPrefix(text, "{") || len(text) > reportBytes {
		return "", ""
	}
	var e mailEvent
	// Only the first value is read: a note on how to unsubscribe may follow.
	text = strings.ReplaceAll(text, "!\n ", "")
	d := json.NewDecoder(strings.NewReader(text))
	if d.Decode(&e) != nil {
		return "", ""
	}
	if strings.TrimSpace(text[d.InputOffset():]) != "" && !r.fromService() {
		return "", "" // people write about such reports
	}
	if e.NotificationType == "" && e.EventType == "" && strings.HasPrefix(e.Message, "{") {
		if json.Unmarshal([]byte(e.Message), &e) != nil {
			return "", ""
		}
	}
	typ := strings.ToLower(e.NotificationType + e.EventType)
	b := &Bounce{}
	add := func(address, status, diagnostic string, permanent bool) {
		if len(b.Recipients) >= maxRecipients || !strings.Contains(address, "@") {
			return
		}
		if a, ok := parseAddress(address); ok {
			address = a.Address
		}
		status = preferStatus(enhancedStatus(status), diagnostic)
		b.Recipients = append(b.Recipients, BouncedRecipient{Address: address, Status: status, Permanent: permanent && !strings.HasPrefix(status, "4"), Policy: byPolicy(status, diagnostic)})
	}
	switch typ {
	case "bounce":
		for _, p := range e.Bounce.BouncedRecipients {
			add(p.EmailAddress, p.Status, p.DiagnosticCode, !strings.EqualFold(e.Bounce.BounceType, "Transient"))
		}
		kind = BounceReport
	case "deliverydelay":
		for _, p := range e.DeliveryDelay.DelayedRecipients {
			add(p.EmailAddress, p.Status, p.DiagnosticCode, false)
		}
		kind = BounceReport
	case "delivery":
		for _, address := range e.Delivery.Recipients {
			add(address, "2.0.0", "", false)
		}
		kind = DeliveryReport
	case "complaint":
		return FeedbackReport, "it is a complaint, as JSON"
	default:
		return "", ""
	}
	for _, f := range e.Mail.Headers {
		if ids := messageIDs(f.Value); strings.EqualFold(f.Name, "Message-ID") && len(ids) > 0 {
			b.OriginalMessageID = ids[0]
		}
	}
	if ids := messageIDs(e.Mail.CommonHeaders.MessageID); b.OriginalMessageID == "" && len(ids) > 0 {
		b.OriginalMessageID = ids[0]
	}
	r.m.Bounce = b
	return kind, "it is a report of a mail service, as JSON: " + typ
}

// fromService tells a mail whose sender is a service's robot or a mail system.
func (r *reading) fromService() bool {
	_, domain, _ := lastCut(strings.ToLower(r.m.From.Address), "@")
	return r.m.NullSender || robot(r.m.From) != "" || isDaemon(r.m.From, r.h) || within(domain, "amazonaws.com") || within(domain, "amazonses.com")
}
