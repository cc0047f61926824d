package imap_test

import (
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"handoff/inbox/imap"
	"handoff/internal/mailtest"
)

func TestFile(t *testing.T) {
	for _, c := range []struct {
		name   string
		addr   func(t *testing.T) string
		folder string
		left   int // mails in the INBOX afterwards, flagged \Deleted or not
	}{
		{"office MOVE", func(t *testing.T) string { return startOffice(t, mailtest.OfficeOptions{}).IMAPAddr }, "Done", 3},
		{"office UIDPLUS", func(t *testing.T) string {
			return startOffice(t, mailtest.OfficeOptions{IMAPCaps: []goimap.Cap{goimap.CapUIDPlus}}).IMAPAddr
		}, "Done", 3},
		{"office bare", func(t *testing.T) string {
			return startOffice(t, mailtest.OfficeOptions{IMAPCaps: []goimap.Cap{}}).IMAPAddr
		}, "Done", 5},
		{"office flag only", func(t *testing.T) string { return startOffice(t, mailtest.OfficeOptions{}).IMAPAddr }, "", 5},
		{"dovecot MOVE", func(t *testing.T) string { return startDovecot(t, "") }, "Geprüft/Done", 3},
		{"dovecot UIDPLUS", func(t *testing.T) string { return startDovecot(t, "IMAP4rev1 LITERAL+ UIDPLUS IDLE") }, "Done", 3},
		{"dovecot bare", func(t *testing.T) string { return startDovecot(t, "IMAP4rev1 LITERAL+") }, "Done", 5},
		{"dovecot flag only", func(t *testing.T) string { return startDovecot(t, "") }, "", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			addr := c.addr(t)
			person := client(t, addr)
			for i := range 4 {
				put(t, person, sample(i))
			}
			put(t, person, sample(4), goimap.FlagDeleted) // somebody's, to be left alone
			m := mailbox(t, config(addr))
			if _, err := m.Select(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 { // filing again does no harm
				if err := m.File(t.Context(), []uint32{3, 1}, c.folder); err != nil {
					t.Fatal(err)
				}
				if c.left == 5 {
					break // without UID EXPUNGE the mails stay, and a copy would be made again
				}
			}
			sel, err := person.Select("INBOX", nil).Wait()
			if err != nil {
				t.Fatal(err)
			}
			if int(sel.NumMessages) != c.left {
				t.Errorf("%d mails in the INBOX, want %d", sel.NumMessages, c.left)
			}
			if seen, err := person.Search(&goimap.SearchCriteria{Flag: []goimap.Flag{goimap.FlagSeen}}, nil).Wait(); err != nil || len(seen.AllSeqNums()) != 0 {
				t.Errorf("mails were marked as seen: %v, %v", seen, err)
			}
			if c.folder == "" {
				done, err := person.Search(&goimap.SearchCriteria{Flag: []goimap.Flag{imap.DoneKeyword}}, nil).Wait()
				if err != nil || len(done.AllSeqNums()) != 2 {
					t.Errorf("flagged mails: %v, %v", done, err)
				}
				return
			}
			mails, err := mailtest.Mails(addr, "drafts", password, c.folder)
			if err != nil || len(mails) != 2 || string(mails[0]) != string(sample(0)) || string(mails[1]) != string(sample(2)) {
				t.Errorf("%d mails in %s, %v", len(mails), c.folder, err)
			}
		})
	}
}

func TestFileAfterReconnect(t *testing.T) {
	o := startOffice(t, mailtest.OfficeOptions{})
	f := faults(t, o.IMAPAddr)
	if err := o.Append("drafts", "INBOX", sample(1), time.Now()); err != nil {
		t.Fatal(err)
	}
	m := mailbox(t, config(f.Addr))
	if _, err := m.Select(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Cut()
	if err := m.File(t.Context(), []uint32{1}, "Done"); err == nil {
		t.Error("filed over a lost connection")
	}
	if err := m.File(t.Context(), []uint32{1}, "Done"); err != nil {
		t.Error(err)
	}
	if mails, err := o.Mails("drafts", "Done"); err != nil || len(mails) != 1 {
		t.Errorf("%d mails, %v", len(mails), err)
	}
}
