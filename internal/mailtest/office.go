package mailtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Office is an IMAP server and an SMTP server on 127.0.0.1 that share accounts: what SMTP accepts for a local address is
// delivered to that account's INBOX; all that it accepts is kept in Deliveries.
type Office struct {
	IMAPAddr  string // host:port, plain text, with STARTTLS if there is a TLSConfig
	IMAPSAddr string // host:port, TLS from the first byte; "" without a TLSConfig
	SMTPAddr  string // host:port, plain text, with STARTTLS if there is a TLSConfig

	opt   OfficeOptions
	users map[string]*imapmemserver.User
	imap  *imapserver.Server
	smtp  *smtp.Server
	done  chan struct{} // closed by Close
	wg    sync.WaitGroup

	mu         sync.Mutex
	deliveries []Delivery
	arrived    chan struct{} // closed and replaced at each delivery
	smtpFault  func(SMTPCommand) SMTPFault
	loginFault func(user string) error
	bearers    map[*imapSession]struct{} // IMAP sessions that were opened with a token
	expired    int                       // SMTP sessions whose token ran out
}

// opens tells whether a token opens an account now.
func (o *Office) opens(user, token string) bool {
	return o.opt.Tokens != nil && o.opt.Tokens(user, token)
}

func (o *Office) forget(s *imapSession) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.bearers, s)
}

// Bearers is how many IMAP sessions a token opened that is still good.
func (o *Office) Bearers() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for s := range o.bearers {
		if o.opens(s.user, s.token) {
			n++
		}
	}
	return n
}

// DropExpired cuts every IMAP session whose token is good no more, as providers do, and tells how many. SMTP sessions end with the next
// mail.
func (o *Office) DropExpired() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for s := range o.bearers {
		if !o.opens(s.user, s.token) {
			_ = s.conn.Close()
			n++
		}
	}
	return n
}

// refuseExpired says that a token ran out, by turns with a reply and by hanging up.
func (o *Office) refuseExpired(conn net.Conn) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.expired++; o.expired%2 == 0 {
		_ = conn.Close()
	}
	return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
}

// OfficeOptions tune an Office.
type OfficeOptions struct {
	Accounts   []Account
	AuthservID string      // if set, accepted mail gets an Authentication-Results header: dmarc=pass when the SMTP user may send for the From domain, else dmarc=fail
	MaxSize    int64       // bytes; 0: no limit
	TLSConfig  *tls.Config // see SelfSigned
	IMAPCaps   []imap.Cap  // instead of MOVE, UIDPLUS and the rest
	NoIdle     bool        // the server does not know IDLE
	// Tokens, if set, tells whether an OAuth2 access token opens an account now. Passwords are then not taken by SMTP, nor by IMAP over
	// TLS; IMAP in plain text takes them for the test's own looks.
	Tokens   func(user, token string) bool
	LMTPAddr string           // if set, local mail goes to that server, e.g. a Dovecot with the same accounts, and not to IMAPAddr
	Now      func() time.Time // when mail arrives; nil: time.Now
	IMAPPort int              // 0: a free one
	SMTPPort int              // 0: a free one
}

// StartOffice listens on 127.0.0.1 and serves until Close.
func StartOffice(opt OfficeOptions) (*Office, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	o := &Office{
		opt:     opt,
		users:   map[string]*imapmemserver.User{},
		done:    make(chan struct{}),
		arrived: make(chan struct{}),
		bearers: map[*imapSession]struct{}{},
	}
	for _, a := range opt.Accounts {
		u := imapmemserver.NewUser(a.User, a.Password)
		if err := u.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("create INBOX of %s: %w", a.User, err)
		}
		o.users[a.User] = u
	}
	o.imap = o.newIMAP()
	o.smtp = o.newSMTP()
	if err := o.listen(); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

func (o *Office) listen() error {
	serve := func(ln net.Listener, f func(net.Listener) error) string {
		o.wg.Go(func() {
			if err := f(ln); err != nil && !errors.Is(err, net.ErrClosed) {
				select {
				case <-o.done:
				default:
					log.Printf("mailtest: %v", err)
				}
			}
		})
		return ln.Addr().String()
	}
	in, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.opt.IMAPPort))
	if err != nil {
		return fmt.Errorf("listen for IMAP: %w", err)
	}
	if o.opt.NoIdle {
		o.IMAPAddr = serve(&hidingListener{in, []byte(" IDLE")}, o.imap.Serve)
	} else {
		o.IMAPAddr = serve(in, o.imap.Serve)
	}
	out, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.opt.SMTPPort))
	if err != nil {
		return fmt.Errorf("listen for SMTP: %w", err)
	}
	o.SMTPAddr = serve(out, o.smtp.Serve)
	if o.opt.TLSConfig != nil {
		in, err := tls.Listen("tcp", "127.0.0.1:0", o.opt.TLSConfig)
		if err != nil {
			return fmt.Errorf("listen for IMAP over TLS: %w", err)
		}
		o.IMAPSAddr = serve(in, o.imap.Serve)
	}
	return nil
}

// Close ends both servers and every connection. It may be called again.
func (o *Office) Close() error {
	o.mu.Lock()
	select {
	case <-o.done:
		o.mu.Unlock()
		return nil
	default:
	}
	close(o.done)
	o.mu.Unlock()
	err := errors.Join(o.imap.Close(), o.smtp.Close())
	o.wg.Wait()
	return err
}

// Append puts a mail into an account's folder without SMTP; the folder is made if it is missing.
func (o *Office) Append(user, folder string, raw []byte, at time.Time, flags ...imap.Flag) error {
	u, ok := o.users[user]
	if !ok {
		return fmt.Errorf("mailtest: no account %q", user)
	}
	opt := &imap.AppendOptions{Time: at, Flags: flags}
	_, err := u.Append(folder, literal{bytes.NewReader(raw)}, opt)
	if ierr, ok := errors.AsType[*imap.Error](err); ok && ierr.Code == imap.ResponseCodeTryCreate {
		if err := u.Create(folder, nil); err != nil {
			return err
		}
		_, err = u.Append(folder, literal{bytes.NewReader(raw)}, opt)
	}
	return err
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// Expunge removes mails from an account's folder, as another client of the same mailbox would.
func (o *Office) Expunge(user, folder string, uids ...uint32) error {
	u, ok := o.users[user]
	if !ok {
		return fmt.Errorf("mailtest: no account %q", user)
	}
	s := imapmemserver.NewUserSession(u)
	defer s.Close()
	if _, err := s.Select(folder, nil); err != nil {
		return err
	}
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	if err := s.Store(nil, set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil); err != nil {
		return err
	}
	return s.Expunge(nil, &set)
}

// ChangeUIDValidity makes the folder anew with the same mails, as a restored backup does: a new UIDVALIDITY, UIDs from 1.
// Connections that have it selected keep seeing the old one; cut them.
func (o *Office) ChangeUIDValidity(user, folder string) error {
	mails, err := o.Mails(user, folder)
	if err != nil {
		return err
	}
	u := o.users[user]
	if err := u.Delete(folder); err != nil {
		return err
	}
	if err := u.Create(folder, nil); err != nil {
		return err
	}
	for _, m := range mails {
		if err := o.Append(user, folder, m, o.opt.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Mails are the raw mails in an account's folder, in UID order; none if there is no such folder.
func (o *Office) Mails(user, folder string) ([][]byte, error) {
	for _, a := range o.opt.Accounts {
		if a.User == user {
			return Mails(o.IMAPAddr, user, a.Password, folder)
		}
	}
	return nil, fmt.Errorf("mailtest: no account %q", user)
}

// Deliveries are all mails accepted so far, in order.
func (o *Office) Deliveries() []Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.deliveries)
}

// WaitDelivery blocks until an accepted mail matches; those accepted before count too.
func (o *Office) WaitDelivery(ctx context.Context, match func(Delivery) bool) (Delivery, error) {
	for seen := 0; ; {
		o.mu.Lock()
		fresh, arrived := o.deliveries[seen:], o.arrived
		o.mu.Unlock()
		for _, d := range fresh {
			if match(d) {
				return d, nil
			}
		}
		seen += len(fresh)
		select {
		case <-arrived:
		case <-o.done:
			return Delivery{}, errors.New("mailtest: the office closed")
		case <-ctx.Done():
			return Delivery{}, fmt.Errorf("mailtest: no such mail among %d: %w", seen, ctx.Err())
		}
	}
}

// deliver files one accepted mail.
func (o *Office) deliver(d Delivery, helo string) error {
	d.At = o.opt.Now()
	for _, a := range o.opt.Accounts {
		if !a.owns(d.To) {
			continue
		}
		raw := append(o.trace(d, helo), d.Data...)
		if o.opt.LMTPAddr != "" {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := Deliver(ctx, o.opt.LMTPAddr, d.From, []string{d.To}, raw); err != nil {
				return fmt.Errorf("deliver to %s: %w", a.User, err)
			}
			break
		}
		if err := o.Append(a.User, "INBOX", raw, d.At); err != nil {
			return fmt.Errorf("deliver to %s: %w", a.User, err)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deliveries = append(o.deliveries, d)
	close(o.arrived)
	o.arrived = make(chan struct{})
	return nil
}

// trace is the header that a receiving host puts on top of a mail.
func (o *Office) trace(d Delivery, helo string) []byte {
	host := o.opt.AuthservID
	if host == "" {
		host = "mx.office.example"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\nDelivered-To: %s\r\n", d.From, d.To)
	if o.opt.AuthservID != "" {
		b.WriteString(o.authenticationResults(d))
	}
	fmt.Fprintf(&b, "Received: from %s (localhost [127.0.0.1])\r\n\tby %s with ESMTP\r\n\tfor <%s>; %s\r\n",
		helo, host, d.To, d.At.Format(time.RFC1123Z))
	return b.Bytes()
}

func (o *Office) authenticationResults(d Delivery) string {
	domain := fromDomain(d.Data)
	result := "fail"
	for _, a := range o.opt.Accounts {
		if a.User == d.User && d.User != "" && a.maySendFor(domain) {
			result = "pass"
		}
	}
	return fmt.Sprintf("Authentication-Results: %s;\r\n\tdmarc=%s header.from=%s\r\n", o.opt.AuthservID, result, domain)
}

// hidingListener serves connections on which the server seems not to know a capability.
type hidingListener struct {
	net.Listener
	hide []byte
}

func (l *hidingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return hidingConn{c, l.hide}, nil
}

type hidingConn struct {
	net.Conn
	hide []byte
}

func (c hidingConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("CAPABILITY")) {
		if _, err := c.Conn.Write(bytes.ReplaceAll(p, c.hide, nil)); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
