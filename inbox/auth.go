package inbox

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/publicsuffix"
)

const (
	// maxSignatures bounds the DKIM signatures that are verified.
	maxSignatures = 5
	// dnsPatience is how long the keys of one mail's signatures may take to look up. Without them nothing is known of the sender,
	// which is no reason not to read the mail.
	dnsPatience = 3 * time.Second
)

// authenticate tells whether the From domain stands behind the mail.
func (r *reading) authenticate() {
	a := r.trusted()
	if a.Result == AuthUnknown && r.opt.LookupTXT != nil && !strings.HasPrefix(a.Reason, "dmarc") {
		if v := r.verify(); v.Reason != "" {
			a = v
		}
	}
	if a.Result == AuthPass && severalAuthors(r.h) {
		a = Auth{Result: AuthUnknown, Reason: "it names several authors, of which only one can be authentic (RFC 7489 section 6.6.1)"}
	}
	if author := r.m.From.domain(); a.Result == AuthPass && !relaxed(author, headerFrom(r.h)) {
		a = Auth{Result: AuthUnknown, Reason: "what was authenticated is " + headerFrom(r.h) + ", not the author behind it"}
	}
	r.m.Auth = a
	r.note("authentication", string(a.Result), a.Reason)
}

// severalAuthors tells a mail whose From fields name more than one domain: what was checked may not be what is shown.
func severalAuthors(h header) bool {
	domain := ""
	for _, a := range addressed(h, "From") {
		if d := a.domain(); domain != "" && d != domain {
			return true
		}
		domain = a.domain()
	}
	return false
}

// trusted reads the Authentication-Results of the configured hosts. A receiving host adds its field on top and must remove
// forged ones of its own name; so only fields above the first of another host are its own (RFC 8601 section 5).
func (r *reading) trusted() Auth {
	none := Auth{Result: AuthUnknown, Reason: "no Authentication-Results of a trusted host"}
	if len(r.opt.AuthservIDs) == 0 {
		none.Reason = "no host is trusted for Authentication-Results"
	}
	domain := headerFrom(r.h)
	id := ""
	var results []authres.Result
	ignored := 0
	foreign := false
	for _, v := range r.h.all("Authentication-Results") {
		host, parsed, err := authres.Parse(v)
		host = strings.ToLower(strings.TrimSpace(host))
		if f := strings.Fields(host); len(f) > 0 {
			host = f[0]
		}
		if err != nil || foreign || !contains(r.opt.AuthservIDs, host) || id != "" && host != id {
			ignored++
			if err == nil && !contains(r.opt.AuthservIDs, host) {
				foreign = true
			}
			continue
		}
		id = host
		results = append(results, parsed...)
	}
	if ignored > 0 {
		r.note("authentication-results", "dropped", fmt.Sprintf("%d fields not from a trusted host", ignored))
	}
	if id == "" {
		return none
	}
	return judge(id, domain, results)
}

// headerFrom is the domain of the From field as it came: that is what was authenticated, not the author found behind it.
func headerFrom(h header) string {
	return firstAddress(h, "From").domain()
}

func judge(id, domain string, results []authres.Result) Auth {
	aligned, failed := "", ""
	for _, res := range results {
		switch v := res.(type) {
		case *authres.DMARCResult:
			from := strings.ToLower(v.From)
			if from != "" && domain != "" && !relaxed(from, domain) {
				continue
			}
			reason := fmt.Sprintf("dmarc=%s (%s)", v.Value, id)
			switch v.Value {
			case authres.ResultPass:
				return Auth{AuthPass, reason}
			case authres.ResultFail:
				return Auth{AuthFail, reason}
			}
			failed = "" // none, temperror, permerror: nothing is known by DMARC
		case *authres.DKIMResult:
			d := v.Domain
			if d == "" {
				_, d, _ = strings.Cut(v.Identifier, "@")
			}
			if v.Value == authres.ResultPass && relaxed(strings.ToLower(d), domain) {
				aligned = fmt.Sprintf("dkim=pass for %s (%s)", d, id)
			} else if v.Value == authres.ResultFail && relaxed(strings.ToLower(d), domain) && failed == "" {
				failed = fmt.Sprintf("dkim=fail for %s (%s)", d, id)
			}
		case *authres.SPFResult:
			_, d, ok := lastCut(strings.ToLower(v.From), "@")
			if !ok {
				d = strings.ToLower(v.From)
			}
			if v.Value == authres.ResultPass && relaxed(d, domain) && aligned == "" {
				aligned = fmt.Sprintf("spf=pass for %s (%s)", d, id)
			}
		}
	}
	switch {
	case aligned != "":
		return Auth{AuthPass, aligned}
	case failed != "":
		return Auth{AuthUnknown, failed}
	}
	return Auth{AuthUnknown, "dmarc=none (" + id + ")"}
}

// relaxed is DMARC's relaxed alignment: the same organisational domain (RFC 7489 section 3.1).
func relaxed(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	return organisation(a) == organisation(b)
}

func organisation(domain string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return d
	}
	return domain
}

// verify checks the DKIM signatures here. A broken signature proves nothing: lists break them in good faith.
func (r *reading) verify() Auth {
	if !r.h.has("DKIM-Signature") {
		return Auth{Result: AuthUnknown, Reason: "no trusted result and no DKIM signature"}
	}
	if r.s.exceeded != "" {
		return Auth{}
	}
	ctx, cancel := context.WithTimeout(r.ctx, dnsPatience)
	defer cancel()
	verifications, err := dkim.VerifyWithOptions(io.NewSectionReader(r.raw, 0, r.size), &dkim.VerifyOptions{
		LookupTXT: func(domain string) ([]string, error) {
			return r.opt.LookupTXT(ctx, domain)
		},
		MaxVerifications: maxSignatures,
	})
	if err != nil && len(verifications) == 0 {
		return Auth{Result: AuthUnknown, Reason: "the DKIM signature could not be verified: " + err.Error()}
	}
	domain := headerFrom(r.h)
	reason := "no DKIM signature of " + domain
	for _, v := range verifications {
		switch {
		case !relaxed(strings.ToLower(v.Domain), domain):
		case v.Err == nil:
			return Auth{Result: AuthPass, Reason: "the DKIM signature of " + v.Domain + " is valid"}
		default:
			reason = "the DKIM signature of " + v.Domain + " is not valid: " + v.Err.Error()
		}
	}
	return Auth{Result: AuthUnknown, Reason: reason}
}
