package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"handoff/inbox"
	"handoff/internal/redact"
)

// DoneKeyword is set on recorded mails where the server stores keywords. \Seen and \Flagged are left to people.
const DoneKeyword imap.Flag = "$HandoffDone"

// Mailbox is one folder. Not safe for concurrent use.
type Mailbox struct {
	cfg Config

	s         *session // nil: not connected
	state     inbox.State
	keywords  bool            // the folder stores DoneKeyword
	announced bool            // Wait ended because the server announced something
	noIdle    bool            // the server refused IDLE though it offers it
	told      uint32          // the UIDVALIDITY that Select told last; 0: none yet
	stuck     stuck           // the mail that Fetch could not get past lately
	unlisted  stuck           // the first UID of a range that could not be listed lately
	folders   map[string]bool // known to exist
	mechanism Mechanism       // of the last login
}

var _ inbox.Mailbox = (*Mailbox)(nil)

// New makes a Mailbox, without connecting yet.
func New(cfg Config) (*Mailbox, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	return &Mailbox{cfg: cfg.withDefaults(), folders: map[string]bool{}}, nil
}

// Mechanism is how the last login was done, "" if none was.
func (m *Mailbox) Mechanism() Mechanism { return m.mechanism }

// burst is how many new mails at once are worth asking for UIDNEXT.
const burst = 64

// Select opens the folder and tells its state now. After a Wait that ended with an announcement it asks nothing, so that a
// single new mail is fetched at once: the state then has no UIDNext.
func (m *Mailbox) Select(ctx context.Context) (inbox.State, error) {
	announced := m.announced
	m.announced = false
	if m.s != nil && announced {
		m.s.drain()
		if box := m.s.client.Mailbox(); box != nil && box.NumMessages < m.state.Messages+burst {
			m.state.Messages = box.NumMessages
			state := m.state
			state.UIDNext = 0
			return state, nil
		}
	}
	if m.s == nil {
		if err := m.connect(ctx); err != nil {
			return inbox.State{}, err
		}
	}
	if err := m.open(ctx); err != nil {
		return inbox.State{}, err
	}
	if m.told != m.state.UIDValidity {
		m.told, m.stuck = m.state.UIDValidity, stuck{}
	}
	return m.state, nil
}

func (m *Mailbox) connect(ctx context.Context) error {
	s, err := m.cfg.connect(ctx)
	if err != nil {
		return err
	}
	m.s, m.mechanism = s, s.how
	return nil
}

// open sends SELECT.
func (m *Mailbox) open(ctx context.Context) error {
	return m.do(ctx, "open folder "+m.cfg.Folder, func(c *imapclient.Client) error {
		m.s.drain() // what comes with the answer is told by State
		data, err := c.Select(m.cfg.Folder, nil).Wait()
		if answered(err) {
			return fmt.Errorf("%w: no folder %q that %s may open: %w", inbox.ErrRefused, m.cfg.Folder, m.cfg.User, err)
		}
		if err != nil {
			return err
		}
		m.keywords = slices.Contains(data.PermanentFlags, imap.FlagWildcard) || slices.Contains(data.PermanentFlags, DoneKeyword)
		m.state = inbox.State{UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext), Messages: data.NumMessages}
		if m.state.UIDNext == 0 { // RFC 3501 section 6.3.1 lets old servers leave it out
			m.state.UIDNext = 1
			if data.NumMessages > 0 {
				return m.findUIDNext(c)
			}
		}
		return nil
	})
}

func (m *Mailbox) findUIDNext(c *imapclient.Client) error {
	last, err := c.Fetch(imap.SeqSetNum(m.state.Messages), &imap.FetchOptions{UID: true}).Collect()
	if err != nil {
		return err
	}
	for _, msg := range last {
		m.state.UIDNext = max(m.state.UIDNext, uint32(msg.UID)+1)
	}
	return nil
}

// opened makes sure that the folder is open with the UIDVALIDITY that the caller knows.
func (m *Mailbox) opened(ctx context.Context) error {
	if m.s == nil {
		if err := m.connect(ctx); err != nil {
			return err
		}
		if err := m.open(ctx); err != nil {
			return err
		}
	}
	if m.told != 0 && m.told != m.state.UIDValidity {
		return fmt.Errorf("the folder %s was made anew on the server (UIDVALIDITY %d, was %d)", m.cfg.Folder, m.state.UIDValidity, m.told)
	}
	return nil
}

// do runs one command, or a few, under the watchdog. After NO or BAD the connection goes on, unless the login has run out; after any
// other error it is dropped.
func (m *Mailbox) do(ctx context.Context, doing string, f func(*imapclient.Client) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	release := m.s.conn.guard(ctx, m.cfg.Timeouts.Silence)
	defer release()
	err := f(m.s.client)
	if err == nil {
		return nil
	}
	if why := m.s.conn.why(); why != nil {
		err = why
	}
	if !answered(err) {
		m.drop()
	}
	if !errors.Is(err, inbox.ErrRefused) {
		err = m.cfg.explain(err)
	}
	return fmt.Errorf("%s: %w", doing, redact.Error(err))
}

// drop gives the connection up.
func (m *Mailbox) drop() {
	if m.s != nil {
		m.s.abandon()
		m.s = nil
	}
}

// drain forgets announcements.
func (s *session) drain() {
	select {
	case <-s.news:
	default:
	}
}

var errNotConnected = errors.New("not connected")

// Wait returns when the server announces something new, or after d. Servers without IDLE announce nothing. It does not
// connect: what came in between would wait for the next announcement, so Select has to look first.
func (m *Mailbox) Wait(ctx context.Context, d time.Duration) error {
	if m.s == nil {
		return m.cfg.explain(errNotConnected)
	}
	end := time.NewTimer(d)
	defer end.Stop()
	for left := d; ; {
		select {
		case <-m.s.news:
			m.announced = true
			return nil
		default:
		}
		if m.noIdle || !m.s.caps.Has(imap.CapIdle) {
			select {
			case <-end.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			case <-m.s.client.Closed():
				m.drop()
				return m.cfg.explain(errors.New("closed by the server"))
			}
		}
		started := time.Now()
		ended, err := m.idle(ctx, min(left, m.cfg.Timeouts.Idle))
		if ended || err != nil {
			return err
		}
		if left -= time.Since(started); left <= 0 {
			return nil
		}
	}
}

// idle runs one IDLE; ended tells that there is news.
func (m *Mailbox) idle(ctx context.Context, d time.Duration) (ended bool, err error) {
	var idle *imapclient.IdleCommand
	err = m.do(ctx, "wait for mail", func(c *imapclient.Client) (err error) {
		idle, err = c.Idle()
		return err
	})
	if answered(err) {
		m.noIdle = true
		return false, nil
	}
	if err != nil {
		return false, err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-m.s.news:
		m.announced = true
	case <-timer.C:
	case <-ctx.Done():
	case <-m.s.client.Closed():
	}
	// stopped by ctx too, the connection stays good for what is left to file
	ending := context.WithoutCancel(ctx)
	if ctx.Err() != nil {
		var cancel func()
		ending, cancel = context.WithTimeout(ending, logoutTimeout)
		defer cancel()
	}
	err = m.do(ending, "end the wait for mail", func(*imapclient.Client) error {
		return errors.Join(idle.Close(), idle.Wait())
	})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return m.announced, err
}

// logoutTimeout bounds the goodbye: nothing depends on it.
const logoutTimeout = 2 * time.Second

// Close logs out.
func (m *Mailbox) Close() error {
	if m.s == nil {
		return nil
	}
	release := m.s.conn.guard(context.Background(), logoutTimeout)
	defer release()
	_ = m.s.client.Logout().Wait() // a server that does not hear it will notice
	m.drop()
	return nil
}
