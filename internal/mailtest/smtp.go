package mailtest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/textproto"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// SMTPStage is a moment of an SMTP conversation.
type SMTPStage string

// The stages at which a fault can be set.
const (
	StageHello    SMTPStage = "hello"    // EHLO
	StageAuth     SMTPStage = "auth"     // AUTH, before the password is checked
	StageMail     SMTPStage = "mail"     // MAIL FROM
	StageRcpt     SMTPStage = "rcpt"     // RCPT TO, once for each recipient
	StageData     SMTPStage = "data"     // after DATA, before the mail is read
	StageDot      SMTPStage = "dot"      // after the final dot, before the mail is accepted
	StageAccepted SMTPStage = "accepted" // the mail is delivered, the reply not yet sent
)

// SMTPCommand is what a fault may depend on.
type SMTPCommand struct {
	Stage SMTPStage
	User  string   // logged in
	From  string   // envelope
	To    []string // envelope, so far
	Data  []byte   // at StageDot and StageAccepted
}

// SMTPFault is what the server does instead of going on. The zero SMTPFault goes on.
type SMTPFault struct {
	Code     int // reply code, e.g. 451 or 550
	Enhanced [3]int
	Text     string
	Drop     bool // close the connection without a reply
	Hang     bool // say nothing until the client leaves or the Office closes
}

// FailSMTP makes the SMTP server ask f at each stage; nil ends it.
func (o *Office) FailSMTP(f func(SMTPCommand) SMTPFault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.smtpFault = f
}

func (o *Office) newSMTP() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		sess := &smtpSession{office: o, conn: c}
		if err := sess.fault(StageHello, nil); err != nil {
			return nil, err
		}
		return sess, nil
	}))
	s.Domain = "mx.office.example"
	s.MaxMessageBytes = o.opt.MaxSize
	s.MaxLineLength = 0 // long lines are part of real mail
	s.AllowInsecureAuth = true
	s.EnableSMTPUTF8 = true
	s.TLSConfig = o.opt.TLSConfig
	s.ErrorLog = discardLog()
	return s
}

type smtpSession struct {
	office *Office
	conn   *smtp.Conn
	user   string
	from   string
	to     []string
	token  string // "": logged in without one, or not yet
}

var _ smtp.AuthSession = (*smtpSession)(nil)

// fault asks the test's script; a non-nil error ends the command.
func (s *smtpSession) fault(stage SMTPStage, data []byte) error {
	s.office.mu.Lock()
	script := s.office.smtpFault
	s.office.mu.Unlock()
	if script == nil {
		return nil
	}
	f := script(SMTPCommand{Stage: stage, User: s.user, From: s.from, To: s.to, Data: data})
	switch {
	case f.Hang:
		gone := make(chan struct{})
		go func() { // the client is not expected to say anything but goodbye
			defer close(gone)
			_, _ = io.Copy(io.Discard, s.conn.Conn())
		}()
		select {
		case <-gone:
		case <-s.office.done:
		}
		_ = s.conn.Conn().Close()
		return smtp.ErrDataReset
	case f.Drop:
		_ = s.conn.Conn().Close()
		return smtp.ErrDataReset
	case f.Code != 0:
		return &smtp.SMTPError{Code: f.Code, EnhancedCode: f.Enhanced, Message: f.Text}
	}
	return nil
}

func (s *smtpSession) AuthMechanisms() []string {
	if s.office.opt.Tokens != nil {
		return []string{"XOAUTH2"}
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *smtpSession) Auth(mech string) (sasl.Server, error) {
	if s.office.opt.Tokens != nil {
		return &xoauth2Server{login: s.byToken}, nil
	}
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.login(user, password) }), nil
	case sasl.Login:
		return &loginServer{login: s.login}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *smtpSession) login(user, password string) error {
	if err := s.fault(StageAuth, nil); err != nil {
		return err
	}
	for _, a := range s.office.opt.Accounts {
		if a.User == user && a.Password == password {
			s.user = user
			return nil
		}
	}
	return smtp.ErrAuthFailed
}

func (s *smtpSession) byToken(user, token string) error {
	if err := s.fault(StageAuth, nil); err != nil {
		return err
	}
	if !s.office.opens(user, token) {
		return smtp.ErrAuthFailed
	}
	s.user, s.token = user, token
	return nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	if s.office.opt.Tokens != nil && !s.office.opens(s.user, s.token) {
		return s.office.refuseExpired(s.conn.Conn())
	}
	return s.fault(StageMail, nil)
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	if err := s.fault(StageRcpt, nil); err != nil {
		s.to = s.to[:len(s.to)-1]
		return err
	}
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	if err := s.fault(StageData, nil); err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.fault(StageDot, data); err != nil {
		return err
	}
	for _, to := range s.to {
		d := Delivery{From: s.from, To: to, User: s.user, Data: data}
		if err := s.office.deliver(d, s.conn.Hostname()); err != nil {
			return err
		}
	}
	return s.fault(StageAccepted, data)
}

func (s *smtpSession) Reset()        { s.from, s.to = "", nil }
func (s *smtpSession) Logout() error { return nil }

// loginServer is the obsolete but common LOGIN mechanism.
type loginServer struct {
	login func(user, password string) error
	user  *string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.login(*l.user, string(response))
}

// fromDomain is the domain of the From header, "" if there is none to be read.
func fromDomain(raw []byte) string {
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw))).ReadMIMEHeader()
	if h == nil || (err != nil && h.Get("From") == "") {
		return ""
	}
	from, err := mail.ParseAddress(h.Get("From"))
	if err != nil {
		return ""
	}
	return domainOf(from.Address)
}

// Send hands a mail to an SMTP server, logged in as user unless user is "".
func Send(ctx context.Context, smtpAddr, user, password, from string, to []string, raw []byte) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", smtpAddr)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", smtpAddr, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	c := smtp.NewClient(conn)
	defer c.Close()
	return submit(c, user, password, from, to, raw)
}

func submit(c *smtp.Client, user, password, from string, to []string, raw []byte) error {
	if user != "" {
		if err := c.Auth(sasl.NewPlainClient("", user, password)); err != nil {
			return fmt.Errorf("log in as %s: %w", user, err)
		}
	}
	if err := c.SendMail(from, to, bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return c.Quit()
}
