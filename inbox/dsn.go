package inbox

import "strings"

// statusGroups splits a message/delivery-status body into its groups of fields (RFC 3464 section 2.1).
func statusGroups(body string) []header {
	var out []header
	for group := range strings.SplitSeq(strings.TrimSpace(normalizeNewlines(body)), "\n\n") {
		h := parseHeader([]byte(strings.TrimLeft(group, "\n")))
		for len(h) > 0 {
			n := groupEnd(h)
			out, h = append(out, h[:n]), h[n:]
		}
		if len(out) > 2*maxRecipients {
			break
		}
	}
	return out
}

// groupEnd is the number of fields that belong to the first recipient, where the empty lines between them were left out.
func groupEnd(h header) int {
	var seen [3]bool
	for i, f := range h {
		for n, name := range []string{"Final-Recipient", "Action", "Status"} {
			if !strings.EqualFold(f.name, name) {
				continue
			}
			if seen[n] && i > 1 && strings.EqualFold(h[i-1].name, "Original-Recipient") {
				return i - 1
			}
			if seen[n] {
				return i
			}
			seen[n] = true
		}
	}
	return len(h)
}

// dsn is what a machine-readable report says.
type dsn struct {
	recipients []BouncedRecipient // who did not get the mail, or not yet
	delivered  []BouncedRecipient // who got it
	failed     bool               // some recipient failed or is delayed
	status     string             // of a failure without an address
	originalID string             // of the mail that it is about, if it says so itself
	actions    []string
}

// readDSN reads the per-recipient fields of RFC 3464. (Of 98 status parts of real reports the MIME library's dsn package
// refuses two for a line without a colon, and misses the recipient of four that leave out the empty line above it.)
func readDSN(body string) dsn {
	var d dsn
	index := make(map[string]int)
	for _, g := range statusGroups(body) {
		for _, name := range []string{"X-Original-Message-ID", "Original-Message-ID"} {
			if ids := messageIDs(g.first(name)); len(ids) > 0 && d.originalID == "" {
				d.originalID = ids[0]
			}
		}
		addr := reportAddress(g.first("Original-Recipient"))
		final := reportAddress(g.first("Final-Recipient"))
		if addr == "" {
			addr = final
		}
		if addr == "" {
			addr = reportAddress(g.first("X-Actual-Recipient"))
		}
		action := keyword(g.first("Action"))
		if addr == "" && action == "" {
			continue
		}
		diagnostic := g.first("Diagnostic-Code")
		code := preferStatus(enhancedStatus(g.first("Status")), diagnostic)
		if code == "" {
			code = failureStatus(g.first("Status")) // some put the server's answer here
		}
		d.actions = append(d.actions, action)
		delayed := strings.HasPrefix(action, "delay")
		failed := !delayed && !delivered(action) && !strings.HasPrefix(code, "2") // "expired" and other inventions
		d.failed = d.failed || failed || delayed
		if addr == "" && failed && d.status == "" {
			d.status = code
		}
		if addr == "" || len(d.recipients) >= maxRecipients {
			continue
		}
		r := BouncedRecipient{Address: addr, Status: code, Permanent: failed && !strings.HasPrefix(code, "4"), Delayed: delayed, Policy: byPolicy(code, diagnostic)}
		if !failed && !delayed {
			if len(d.delivered) < maxRecipients {
				d.delivered = append(d.delivered, r)
			}
			continue
		}
		if i, dup := index[strings.ToLower(addr)]; dup {
			if d.recipients[i].Status == "" {
				d.recipients[i] = r
			}
			continue
		}
		index[strings.ToLower(addr)] = len(d.recipients)
		d.recipients = append(d.recipients, r)
	}
	return d
}

func delivered(action string) bool {
	switch action {
	case "delivered", "relayed", "expanded", "deliverable":
		return true
	}
	return false
}

// reportAddress takes the address out of "rfc822; user@host" and its broken forms.
func reportAddress(s string) string {
	if kind, addr, ok := strings.Cut(s, ";"); ok {
		if k := strings.ToLower(strings.TrimSpace(kind)); strings.Contains(k, "@") {
			s = kind
		} else {
			s = addr
		}
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if a, ok := parseAddress(s); ok && strings.Contains(a.Address, "@") {
		// RFC 3461 section 4 asks for xtext in ORCPT; some systems leave it in the report.
		return strings.ReplaceAll(strings.ReplaceAll(a.Address, "+2B", "+"), "+3D", "=")
	}
	return ""
}

// hasDSN tells a text that has the fields of a status part in it.
func hasDSN(text string) bool {
	return strings.Contains(text, "Final-Recipient:") || strings.Contains(text, "Final-recipient:") || strings.Contains(text, "final-recipient:")
}
