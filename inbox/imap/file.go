package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// fileMails is how many mails one command flags or moves, so that its line stays short.
const fileMails = 250

// File sets DoneKeyword on recorded mails, where the server stores keywords, and moves them to folder unless it is "". A
// folder that is missing is made. Without MOVE the mails are copied, flagged \Deleted and expunged by their UIDs; a server
// that cannot expunge by UID is left with the flag, since a plain EXPUNGE would take what people have flagged.
func (m *Mailbox) File(ctx context.Context, uids []uint32, folder string) error {
	if len(uids) == 0 {
		return nil
	}
	if err := m.opened(ctx); err != nil {
		return err
	}
	uids = slices.Sorted(slices.Values(uids))
	for part := range slices.Chunk(uids, fileMails) {
		var set imap.UIDSet
		for _, uid := range part {
			set.AddNum(imap.UID(uid))
		}
		if err := m.flag(ctx, set); err != nil {
			return err
		}
		if folder == "" || folder == m.cfg.Folder {
			continue
		}
		if err := m.move(ctx, set, folder); err != nil {
			return err
		}
	}
	return nil
}

// Unfiled are the UIDs up to upTo without DoneKeyword, none where the server does not store it; with moved, all that are
// still there and not flagged \Deleted.
func (m *Mailbox) Unfiled(ctx context.Context, upTo uint32, moved bool) ([]uint32, error) {
	if err := m.opened(ctx); err != nil {
		return nil, err
	}
	if upTo == 0 || (!moved && !m.keywords) {
		return nil, nil
	}
	criteria := imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 1, Stop: imap.UID(upTo)}}}, NotFlag: []imap.Flag{imap.FlagDeleted}}
	if !moved {
		criteria.NotFlag = append(criteria.NotFlag, DoneKeyword)
	}
	var options *imap.SearchOptions
	if m.s.caps.Has(imap.CapESearch) { // as ranges, not one by one
		options = &imap.SearchOptions{ReturnAll: true}
	}
	var left []uint32
	err := m.do(ctx, "look for mails to file", func(c *imapclient.Client) error {
		found, err := c.UIDSearch(&criteria, options).Wait()
		if err != nil {
			return err
		}
		for _, uid := range found.AllUIDs() {
			if uint32(uid) <= upTo {
				left = append(left, uint32(uid))
			}
		}
		return nil
	})
	slices.Sort(left)
	return slices.Compact(left), err
}

func (m *Mailbox) flag(ctx context.Context, set imap.UIDSet) error {
	if !m.keywords {
		return nil
	}
	err := m.store(ctx, set, DoneKeyword)
	if answered(err) {
		m.keywords = false // read-only folder, or no room for one more keyword: the cursor knows anyway
		return nil
	}
	return err
}

func (m *Mailbox) store(ctx context.Context, set imap.UIDSet, flag imap.Flag) error {
	return m.do(ctx, "flag mails", func(c *imapclient.Client) error {
		return c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
	})
}

func (m *Mailbox) move(ctx context.Context, set imap.UIDSet, folder string) error {
	if !m.folders[folder] {
		if err := m.makeFolder(ctx, folder); err != nil {
			return err
		}
		m.folders[folder] = true
	}
	if m.s.caps.Has(imap.CapMove) {
		return m.do(ctx, "move mails to "+folder, func(c *imapclient.Client) error {
			_, err := c.Move(set, folder).Wait()
			return m.forget(folder, err)
		})
	}
	err := m.do(ctx, "copy mails to "+folder, func(c *imapclient.Client) error {
		_, err := c.Copy(set, folder).Wait()
		return m.forget(folder, err)
	})
	if err != nil {
		return err
	}
	if err := m.store(ctx, set, imap.FlagDeleted); err != nil {
		return err
	}
	if !m.s.caps.Has(imap.CapUIDPlus) {
		return nil
	}
	return m.do(ctx, "remove moved mails", func(c *imapclient.Client) error { return c.UIDExpunge(set).Close() })
}

// forget looks for the folder again after a refusal: somebody may have removed it.
func (m *Mailbox) forget(folder string, err error) error {
	if answered(err) {
		delete(m.folders, folder)
	}
	return err
}

func (m *Mailbox) makeFolder(ctx context.Context, folder string) error {
	exists, err := m.exists(ctx, folder)
	if err != nil || exists {
		return err
	}
	return m.do(ctx, "make folder "+folder, func(c *imapclient.Client) error {
		err := c.Create(folder, nil).Wait()
		if refusal, ok := errors.AsType[*imap.Error](err); ok && refusal.Code != imap.ResponseCodeAlreadyExists {
			return fmt.Errorf("the server makes no folder %q: make it in a mail program, and name it as that shows it, e.g. INBOX.%s: %w", folder, folder, err)
		}
		if err != nil && !answered(err) {
			return err
		}
		if err := c.Subscribe(folder).Wait(); err != nil && !answered(err) {
			return err // people should see the folder, but not all servers know subscriptions
		}
		return nil
	})
}

func (m *Mailbox) exists(ctx context.Context, folder string) (there bool, err error) {
	err = m.do(ctx, "look for folder "+folder, func(c *imapclient.Client) error {
		_, err := c.Status(folder, &imap.StatusOptions{UIDValidity: true}).Wait()
		there = err == nil
		if answered(err) {
			return nil
		}
		return err
	})
	return there, err
}
