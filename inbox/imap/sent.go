package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Sent is the folder of an account that keeps what was sent. It connects when it is first asked for something. Not safe for
// concurrent use.
type Sent struct {
	box    *Mailbox
	folder string // "": the one that the server marks as \Sent (RFC 6154)
}

// NewSent names the folder on the account of cfg, whose own Folder does not matter; "" lets the server say which it is.
func NewSent(cfg Config, folder string) (*Sent, error) {
	box, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return &Sent{box: box, folder: folder}, nil
}

// Close logs out; the next Append connects again.
func (s *Sent) Close() error { return s.box.Close() }

// Find tells which folder it is.
func (s *Sent) Find(ctx context.Context) (string, error) {
	if s.box.s == nil {
		if err := s.box.connect(ctx); err != nil {
			return "", err
		}
	}
	if s.folder != "" {
		return s.folder, nil
	}
	var options *imap.ListOptions
	if s.box.s.caps.Has(imap.CapSpecialUse) {
		options = &imap.ListOptions{ReturnSpecialUse: true}
	}
	err := s.box.do(ctx, "look for the folder of sent mails", func(c *imapclient.Client) error {
		all, err := c.List("", "*", options).Collect()
		for _, l := range all {
			if slices.Contains(l.Attrs, imap.MailboxAttrSent) && !slices.Contains(l.Attrs, imap.MailboxAttrNoSelect) {
				s.folder = l.Mailbox
				return nil
			}
		}
		return err
	})
	if err == nil && s.folder == "" {
		err = fmt.Errorf("%s marks no folder as the one of sent mails: name it, as in sent_folder = \"Sent\"", s.box.cfg.Addr)
	}
	return s.folder, err
}

// Exists tells whether the folder of that name is there.
func (s *Sent) Exists(ctx context.Context, folder string) (bool, error) {
	if s.box.s == nil {
		if err := s.box.connect(ctx); err != nil {
			return false, err
		}
	}
	return s.box.exists(ctx, folder)
}

// Append adds a mail as read; a missing folder is made. With again, when an earlier try may have succeeded, it looks for
// the Message-ID first.
func (s *Sent) Append(ctx context.Context, raw []byte, messageID string, at time.Time, again bool) error {
	folder, err := s.Find(ctx)
	if err != nil {
		return err
	}
	if again {
		there, err := s.has(ctx, folder, messageID)
		if err != nil || there {
			return err
		}
	}
	err = s.append(ctx, folder, raw, at)
	if refusal, ok := errors.AsType[*imap.Error](err); ok && refusal.Code == imap.ResponseCodeTryCreate {
		if err := s.box.connect(ctx); err != nil {
			return err
		}
		if err := s.box.makeFolder(ctx, folder); err != nil {
			return err
		}
		err = s.append(ctx, folder, raw, at)
	}
	return err
}

// append gives the connection up where the server refuses: the client cannot use it any more once a literal was not taken.
func (s *Sent) append(ctx context.Context, folder string, raw []byte, at time.Time) error {
	err := s.box.do(ctx, "add to folder "+folder, func(c *imapclient.Client) error {
		cmd := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: at})
		_, err := cmd.Write(raw)
		err = errors.Join(err, cmd.Close())
		if _, answer := cmd.Wait(); answer != nil {
			return answer // the server's word on it, also where the literal was refused
		}
		return err
	})
	if answered(err) {
		s.box.drop()
	}
	return err
}

func (s *Sent) has(ctx context.Context, folder, messageID string) (there bool, err error) {
	err = s.box.do(ctx, "look into folder "+folder, func(c *imapclient.Client) error {
		_, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		if answered(err) {
			return nil // it is not there yet
		}
		if err != nil {
			return err
		}
		found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: messageID}}}, nil).Wait()
		if err != nil {
			return err
		}
		there = len(found.AllUIDs()) > 0
		return nil
	})
	return there, err
}
