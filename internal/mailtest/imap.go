package mailtest

import (
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"net"
	"sort"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
)

// FailLogin makes IMAP logins fail with the error that f returns; nil ends it.
func (o *Office) FailLogin(f func(user string) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.loginFault = f
}

func (o *Office) newIMAP() *imapserver.Server {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}}
	extra := o.opt.IMAPCaps
	if extra == nil {
		extra = []imap.Cap{imap.CapNamespace, imap.CapUIDPlus, imap.CapESearch, imap.CapListExtended, imap.CapListStatus,
			imap.CapMove, imap.CapStatusSize, imap.CapChildren}
	}
	for _, c := range extra {
		caps[c] = struct{}{}
	}
	return imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &imapSession{office: o, conn: c.NetConn()}, nil, nil
		},
		Caps:         caps,
		TLSConfig:    o.opt.TLSConfig,
		InsecureAuth: true,
		Logger:       discardLog(),
	})
}

// imapSession is an in-memory session with the Office's logins.
type imapSession struct {
	*imapmemserver.UserSession // nil until logged in
	office                     *Office
	conn                       net.Conn
	user, token                string // of a login by token
}

var (
	_ imapserver.SessionIMAP4rev2 = (*imapSession)(nil)
	_ imapserver.SessionSASL      = (*imapSession)(nil)
)

func (s *imapSession) Login(user, password string) error {
	if _, secured := s.conn.(*tls.Conn); secured && s.office.opt.Tokens != nil {
		return imapserver.ErrAuthFailed
	}
	return s.login(user, func(a Account) bool {
		return subtle.ConstantTimeCompare([]byte(a.Password), []byte(password)) == 1
	})
}

func (s *imapSession) login(user string, ok func(Account) bool) error {
	s.office.mu.Lock()
	fault := s.office.loginFault
	s.office.mu.Unlock()
	if fault != nil {
		if err := fault(user); err != nil {
			return err
		}
	}
	for _, a := range s.office.opt.Accounts {
		if a.User == user && ok(a) {
			s.UserSession = imapmemserver.NewUserSession(s.office.users[user])
			return nil
		}
	}
	return imapserver.ErrAuthFailed
}

// Close is called for sessions that never logged in too.
func (s *imapSession) Close() error {
	s.office.forget(s)
	return s.UserSession.Close()
}

// Copy of nothing must not answer with an empty COPYUID, which no client can read.
func (s *imapSession) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	if none, err := s.none(set); none || err != nil {
		return nil, err
	}
	return s.UserSession.Copy(set, dest)
}

// Move of nothing: see Copy.
func (s *imapSession) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	if none, err := s.none(set); none || err != nil {
		return err
	}
	return s.UserSession.Move(w, set, dest)
}

func (s *imapSession) none(set imap.NumSet) (bool, error) {
	uids, ok := set.(imap.UIDSet)
	if !ok {
		return false, nil
	}
	found, err := s.Search(imapserver.NumKindUID, &imap.SearchCriteria{UID: []imap.UIDSet{uids}}, &imap.SearchOptions{})
	return err == nil && found.Count == 0, err
}

// Idle tells at once what came before it began too: the library's server would wait for the next change.
func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	done := make(chan error, 1)
	go func() { done <- s.UserSession.Idle(w, stop) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case err := <-done:
			return err
		}
	}
}

// AuthenticateMechanisms are those that Authenticate takes.
func (s *imapSession) AuthenticateMechanisms() []string {
	if _, secured := s.conn.(*tls.Conn); secured && s.office.opt.Tokens != nil {
		return []string{"XOAUTH2", sasl.OAuthBearer}
	}
	for _, a := range s.office.opt.Accounts {
		if a.Token != "" {
			return []string{sasl.Plain, "XOAUTH2", sasl.OAuthBearer}
		}
	}
	return []string{sasl.Plain}
}

func (s *imapSession) Authenticate(mech string) (sasl.Server, error) {
	byToken := func(user, token string) error {
		return s.login(user, func(a Account) bool {
			if !s.office.opens(user, token) {
				return a.Token != "" && a.Token == token
			}
			s.user, s.token = user, token
			s.office.mu.Lock()
			defer s.office.mu.Unlock()
			s.office.bearers[s] = struct{}{}
			return true
		})
	}
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.Login(user, password) }), nil
	case sasl.OAuthBearer:
		return sasl.NewOAuthBearerServer(func(opt sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if byToken(opt.Username, opt.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), nil
	case "XOAUTH2":
		return &xoauth2Server{login: byToken}, nil
	}
	return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Text: "SASL mechanism not supported"}
}

// xoauth2Server is Google's and Microsoft's mechanism: a refused token is answered with a JSON challenge first, and only
// the client's empty answer ends the exchange.
type xoauth2Server struct {
	login  func(user, token string) error
	failed error
}

func (x *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	if x.failed != nil {
		return nil, false, x.failed
	}
	if response == nil {
		return []byte{}, false, nil
	}
	var user, token string
	for field := range strings.SplitSeq(string(response), "\x01") {
		if v, ok := strings.CutPrefix(field, "user="); ok {
			user = v
		} else if v, ok := strings.CutPrefix(field, "auth=Bearer "); ok {
			token = v
		}
	}
	if x.failed = x.login(user, token); x.failed != nil {
		return []byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.example/"}`), false, nil
	}
	return nil, true, nil
}

// Mails are the raw mails in a folder of any IMAP server without TLS, in UID order; none if there is no such folder.
func Mails(imapAddr, user, password, folder string) ([][]byte, error) {
	c, err := imapclient.DialInsecure(imapAddr, nil)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", imapAddr, err)
	}
	defer c.Close()
	if err := c.Login(user, password).Wait(); err != nil {
		return nil, fmt.Errorf("log in as %s: %w", user, err)
	}
	list, err := c.List("", folder, nil).Collect()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	sel, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return nil, fmt.Errorf("select %s: %w", folder, err)
	}
	if sel.NumMessages == 0 {
		return nil, nil
	}
	var all imap.UIDSet
	all.AddRange(1, 0)
	body := &imap.FetchItemBodySection{Peek: true}
	msgs, err := c.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{body}}).Collect()
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", folder, err)
	}
	sort.Slice(msgs, func(i, j int) bool { return msgs[i].UID < msgs[j].UID })
	mails := make([][]byte, 0, len(msgs))
	for _, m := range msgs {
		mails = append(mails, m.FindBodySection(body))
	}
	return mails, nil
}
