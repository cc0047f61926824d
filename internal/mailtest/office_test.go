package mailtest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"handoff/internal/mailtest"
)

func office(t *testing.T, opt mailtest.OfficeOptions) *mailtest.Office {
	t.Helper()
	if opt.Accounts == nil {
		opt.Accounts = accounts
	}
	o, err := mailtest.StartOffice(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

var accounts = []mailtest.Account{
	{User: "drafts", Password: "pw1", Addresses: []string{"drafts@agency.example"}},
	{User: "ada", Password: "pw2", Addresses: []string{"ada@press.example"}},
}

var sample = mailtest.Mail{
	From: "Ada Example <ada@press.example>", To: "drafts@agency.example", Subject: "Überschrift", MessageID: "1@press.example",
	Text: "Hello,\n.a line with a dot\n", HTML: "<p>Hello</p>", Attachments: []mailtest.File{{Name: "a.bin", Type: "application/octet-stream", Data: bytes.Repeat([]byte{1, 2, 3}, 500)}},
}

func TestDelivery(t *testing.T) {
	o := office(t, mailtest.OfficeOptions{AuthservID: "mx.agency.example"})
	for _, c := range []struct {
		name, user, password, from, to, inbox, want string
	}{
		{"authenticated", "ada", "pw2", "ada@press.example", "drafts@agency.example", "drafts", "dmarc=pass header.from=press.example"},
		{"anonymous", "", "", "ada@press.example", "Drafts+X1@Agency.example", "drafts", "dmarc=fail header.from=press.example"},
		{"another domain", "drafts", "pw1", "drafts@agency.example", "ada@press.example", "ada", "dmarc=fail header.from=press.example"},
		{"null sender", "", "", "", "ada@press.example", "ada", "Return-Path: <>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := mailtest.Send(t.Context(), o.SMTPAddr, c.user, c.password, c.from, []string{c.to}, sample.Bytes()); err != nil {
				t.Fatal(err)
			}
			mails, err := o.Mails(c.inbox, "INBOX")
			if err != nil {
				t.Fatal(err)
			}
			got := string(mails[len(mails)-1])
			if !strings.Contains(got, c.want) || !strings.Contains(got, "Delivered-To: "+c.to+"\r\n") {
				t.Errorf("want %q in\n%s", c.want, got)
			}
			if !strings.HasSuffix(got, string(sample.Bytes())) {
				t.Errorf("the mail was changed:\n%s", got)
			}
		})
	}
	if err := mailtest.Send(t.Context(), o.SMTPAddr, "", "", "a@b.example", []string{"someone@else.example"}, sample.Bytes()); err != nil {
		t.Fatal(err)
	}
	d, err := o.WaitDelivery(t.Context(), func(d mailtest.Delivery) bool { return d.To == "someone@else.example" })
	if err != nil || !bytes.Equal(d.Data, sample.Bytes()) || len(o.Deliveries()) != 5 {
		t.Errorf("delivery to the outside: %+v, %v", d, err)
	}
	if err := mailtest.Send(t.Context(), o.SMTPAddr, "ada", "wrong", "", []string{"a@b.example"}, nil); err == nil {
		t.Error("a wrong password was taken")
	}
}

func TestMaxSize(t *testing.T) {
	o := office(t, mailtest.OfficeOptions{MaxSize: 1000})
	if err := mailtest.Send(t.Context(), o.SMTPAddr, "", "", "", []string{"ada@press.example"}, sample.Bytes()); err == nil {
		t.Error("a mail over the limit was accepted")
	}
}

func TestSMTPFaults(t *testing.T) {
	o := office(t, mailtest.OfficeOptions{})
	for _, stage := range []mailtest.SMTPStage{mailtest.StageHello, mailtest.StageAuth, mailtest.StageMail, mailtest.StageRcpt,
		mailtest.StageData, mailtest.StageDot, mailtest.StageAccepted} {
		for name, fault := range map[string]mailtest.SMTPFault{
			"refuse": {Code: 451, Enhanced: [3]int{4, 3, 0}, Text: "later"}, "drop": {Drop: true}, "hang": {Hang: true},
		} {
			t.Run(string(stage)+" "+name, func(t *testing.T) {
				before := len(o.Deliveries())
				o.FailSMTP(func(c mailtest.SMTPCommand) mailtest.SMTPFault {
					if c.Stage == stage {
						return fault
					}
					return mailtest.SMTPFault{}
				})
				defer o.FailSMTP(nil)
				ctx := t.Context()
				if fault.Hang {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
					defer cancel()
				}
				err := mailtest.Send(ctx, o.SMTPAddr, "ada", "pw2", "ada@press.example", []string{"drafts@agency.example"}, sample.Bytes())
				if err == nil {
					t.Error("sent")
				}
				if got, want := len(o.Deliveries())-before, map[bool]int{true: 1}[stage == mailtest.StageAccepted]; got != want {
					t.Errorf("%d deliveries, want %d", got, want)
				}
			})
		}
	}
}

func TestFolders(t *testing.T) {
	o := office(t, mailtest.OfficeOptions{})
	for range 3 {
		if err := o.Append("ada", "Archive", sample.Bytes(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Expunge("ada", "Archive", 2); err != nil {
		t.Fatal(err)
	}
	if err := o.ChangeUIDValidity("ada", "Archive"); err != nil {
		t.Fatal(err)
	}
	mails, err := o.Mails("ada", "Archive")
	if err != nil || len(mails) != 2 || !bytes.Equal(mails[0], sample.Bytes()) {
		t.Errorf("%d mails, %v", len(mails), err)
	}
	if mails, err := o.Mails("ada", "Nowhere"); err != nil || len(mails) != 0 {
		t.Errorf("%d mails, %v", len(mails), err)
	}
	o.FailLogin(func(string) error { return errors.New("no") })
	if _, err := o.Mails("ada", "Archive"); err == nil {
		t.Error("logged in")
	}
}

func TestFaultsProxy(t *testing.T) {
	o := office(t, mailtest.OfficeOptions{})
	f, err := mailtest.StartFaults(o.IMAPAddr)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := mailtest.Mails(f.Addr, "ada", "pw2", "INBOX"); err != nil {
		t.Error(err)
	}
	f.CutAfter(100)
	if _, err := mailtest.Mails(f.Addr, "ada", "pw2", "INBOX"); err == nil {
		t.Error("a cut connection went well")
	}
	f.Refuse(true)
	if _, err := mailtest.Mails(f.Addr, "ada", "pw2", "INBOX"); err == nil {
		t.Error("a refused connection went well")
	}
	f.Refuse(false)
	f.Silence(true)
	done := make(chan error, 1)
	go func() {
		_, err := mailtest.Mails(f.Addr, "ada", "pw2", "INBOX")
		done <- err
	}()
	for f.Accepted() < 4 {
		time.Sleep(time.Millisecond)
	}
	f.Silence(false)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
