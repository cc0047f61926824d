// Package mailtest is a small mail system on loopback: an IMAP and an SMTP server in memory, starters for Dovecot, Postfix
// and PostgreSQL, a proxy that breaks connections, and sample mails. Only tests, benchmarks and the demo import it.
package mailtest

import (
	"strings"
	"time"
)

// Account is one user of an Office. Mail to any of its Addresses, or to a plus address of one, lands in its INBOX.
type Account struct {
	User, Password string
	Addresses      []string
	Token          string // if set, the OAuth2 access token that XOAUTH2 and OAUTHBEARER take
}

// owns tells whether address, its plus detail ignored, is one of the account's.
func (a Account) owns(address string) bool {
	address = withoutDetail(address)
	for _, own := range a.Addresses {
		if strings.EqualFold(own, address) {
			return true
		}
	}
	return false
}

// maySendFor tells whether the account has an address in domain.
func (a Account) maySendFor(domain string) bool {
	for _, own := range a.Addresses {
		if strings.EqualFold(domainOf(own), domain) {
			return true
		}
	}
	return false
}

// withoutDetail drops the "+detail" of a local part (RFC 5233).
func withoutDetail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	if plus := strings.IndexByte(address[:at], '+'); plus > 0 {
		return address[:plus] + address[at:]
	}
	return address
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// Delivery is one mail that SMTP accepted, for one recipient.
type Delivery struct {
	From string // envelope; "" is the null sender
	To   string
	User string // who was logged in, "" for nobody
	Data []byte // as the client sent it, without the headers that delivery adds
	At   time.Time
}
