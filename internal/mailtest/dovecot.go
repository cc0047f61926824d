package mailtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/emersion/go-smtp"
)

// Dovecot is a Dovecot of its own on loopback: accounts with their passwords, mail by LMTP, no TLS.
type Dovecot struct {
	IMAPAddr string // host:port, plain text
	LMTPAddr string // host:port
	AuthAddr string // host:port of the SASL service that Postfix can ask

	*server
}

// DovecotOptions tune StartDovecot.
type DovecotOptions struct {
	Accounts []Account
	Caps     string // instead of the capabilities that Dovecot announces, e.g. "IMAP4rev1 LITERAL+ IDLE"
	Auth     string // the mechanisms for logins; "": "plain login"
}

// StartDovecot serves accounts from a temporary directory until Close. The error wraps ErrMissing if Dovecot is not installed.
func StartDovecot(ctx context.Context, opt DovecotOptions) (*Dovecot, error) {
	program, err := find("dovecot")
	if err != nil {
		return nil, err
	}
	var failed error
	for range 3 { // somebody else may take a port first
		dir, err := os.MkdirTemp("", "handoff-dovecot")
		if err != nil {
			return nil, err
		}
		d, err := startDovecot(ctx, program, dir, opt)
		if err == nil {
			return d, nil
		}
		failed = errors.Join(err, os.RemoveAll(dir))
	}
	return nil, failed
}

func startDovecot(ctx context.Context, program, dir string, opt DovecotOptions) (*Dovecot, error) {
	mail, err := unprivileged("nobody")
	if err != nil {
		return nil, err
	}
	login, internal := mail, mail
	if os.Geteuid() == 0 {
		if login, err = unprivileged("dovenull", "nobody"); err != nil {
			return nil, err
		}
		if internal, err = unprivileged("dovecot", "nobody"); err != nil {
			return nil, err
		}
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	for _, sub := range []string{"mail", "run", "state"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := mail.own(filepath.Join(dir, "mail")); err != nil {
		return nil, err
	}
	users := filepath.Join(dir, "users")
	if err := os.WriteFile(users, dovecotUsers(dir, mail, opt.Accounts), 0o644); err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "dovecot.conf")
	var text strings.Builder
	err = dovecotConf.Execute(&text, map[string]any{
		"Dir": dir, "Users": users, "Login": login.name, "Internal": internal.name, "InternalGroup": internal.group,
		"Root": os.Geteuid() == 0, "UID": mail.uid, "GID": mail.gid, "Caps": opt.Caps, "Mechanisms": cmp.Or(opt.Auth, "plain login"),
		"IMAP": ports[0], "LMTP": ports[1], "Auth": ports[2],
	})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(conf, []byte(text.String()), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-F", "-c", conf)
	asSelf(cmd)
	d := &Dovecot{IMAPAddr: loopback(ports[0]), LMTPAddr: loopback(ports[1]), AuthAddr: loopback(ports[2])}
	d.server, err = run(ctx, dir, cmd, d.IMAPAddr, d.LMTPAddr, d.AuthAddr)
	if err != nil {
		return nil, err
	}
	d.stop = func() error { return killGroup(cmd.Process) } // when asked, it takes a second; nothing of it is needed any more
	return d, nil
}

// dovecotUsers is a passwd-file with a line for each login and for each address, all with the account's mails.
func dovecotUsers(dir string, mail account, accounts []Account) []byte {
	var b strings.Builder
	for _, a := range accounts {
		home := filepath.Join(dir, "mail", a.User)
		for _, name := range append([]string{a.User}, a.Addresses...) {
			fmt.Fprintf(&b, "%s:{PLAIN}%s:%d:%d::%s::userdb_mail=maildir:%s/maildir\n",
				strings.ToLower(name), a.Password, mail.uid, mail.gid, home, home)
		}
	}
	return []byte(b.String())
}

// A wrong password must not slow the next login from this host down: hence no penalty. The mails do not outlive the
// process that started the server: hence no fsync.
var dovecotConf = template.Must(template.New("dovecot.conf").Parse(`
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {{.Dir}}/run
state_dir = {{.Dir}}/state
log_path = {{.Dir}}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {{.Mechanisms}}
auth_failure_delay = 0
mail_fsync = never
default_login_user = {{.Login}}
default_internal_user = {{.Internal}}
default_internal_group = {{.InternalGroup}}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
recipient_delimiter = +
passdb {
  driver = passwd-file
  args = username_format=%Lu {{.Users}}
}
userdb {
  driver = passwd-file
  args = username_format=%Lu {{.Users}}
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox "Sent Items" {
    special_use = \Sent
  }
}
protocol imap {
  mail_max_userip_connections = 100
{{- if .Caps}}
  imap_capability = {{.Caps}}
{{- end}}
}
service imap-login {
  inet_listener imap {
    port = {{.IMAP}}
  }
  inet_listener imaps {
    port = 0
  }
{{- if not .Root}}
  chroot =
{{- end}}
}
service lmtp {
  inet_listener lmtp {
    port = {{.LMTP}}
  }
}
service auth {
  inet_listener {
    port = {{.Auth}}
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
{{- if not .Root}}
  chroot =
}
service stats {
  chroot =
{{- end}}
}
`))

// Maildir is the directory of an account's mails; the INBOX is in it.
func (d *Dovecot) Maildir(user string) string { return filepath.Join(d.dir, "mail", user, "maildir") }

// Deliver hands a mail to an LMTP server.
func Deliver(ctx context.Context, lmtpAddr, from string, to []string, raw []byte) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", lmtpAddr)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", lmtpAddr, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	return submit(c, "", "", from, to, raw)
}
