// Package mailtest is a small mail system on loopback: an IMAP and an SMTP server in memory, starters for Dovecot and
// Postfix, and sample mails. Only tests, benchmarks and the demo import it.
package mailtest

import (
	"context"
	"time"
)

// Account is one user of an Office. Mail to any of its Addresses, or to a plus address of one, lands in its INBOX.
type Account struct {
	User, Password string
	Addresses      []string
}

// Office is an IMAP server and an SMTP server on 127.0.0.1 that share accounts: what SMTP accepts for a local address is
// delivered to that account's INBOX, anything else is kept in Outside.
type Office struct {
	IMAPAddr string // host:port, plain text
	SMTPAddr string
}

// OfficeOptions tune an Office.
type OfficeOptions struct {
	Accounts   []Account
	AuthservID string // if set, accepted mail gets an Authentication-Results header: dmarc=pass when the SMTP user may send for the From domain, else dmarc=fail
	MaxSize    int64  // bytes; 0: no limit
}

// Delivery is one mail that SMTP accepted.
type Delivery struct {
	From string // envelope; "" is the null sender
	To   string
	Data []byte
	At   time.Time
}

// StartOffice listens on free ports and serves until Close.
func StartOffice(opt OfficeOptions) (*Office, error) { panic("written by mailtest") }

// Close ends both servers.
func (o *Office) Close() error { panic("written by mailtest") }

// Append puts a mail into an account's folder without SMTP.
func (o *Office) Append(user, folder string, raw []byte, at time.Time) error {
	panic("written by mailtest")
}

// Mails are the raw mails in an account's folder, in UID order.
func (o *Office) Mails(user, folder string) ([][]byte, error) { panic("written by mailtest") }

// Deliveries are all mails accepted so far, in order.
func (o *Office) Deliveries() []Delivery { panic("written by mailtest") }

// WaitDelivery blocks until an accepted mail matches.
func (o *Office) WaitDelivery(ctx context.Context, match func(Delivery) bool) (Delivery, error) {
	panic("written by mailtest")
}

// Send hands a mail to an SMTP server, logged in as user unless user is "".
func Send(ctx context.Context, smtpAddr, user, password, from string, to []string, raw []byte) error {
	panic("written by mailtest")
}
