package mailtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

// Postfix is a Postfix of its own on loopback.
type Postfix struct {
	SMTPAddr string // host:port, plain text

	*server
}

// PostfixOptions tune StartPostfix.
type PostfixOptions struct {
	Domains   []string // mail to them goes to LMTPAddr
	LMTPAddr  string
	AuthAddr  string // Dovecot's SASL service; "": no AUTH
	RelayAddr string // an SMTP server for all other mail; "": it is refused
	Discard   bool   // all other mail is taken and thrown away
	MaxSize   int64  // bytes; 0: no limit
}

// StartPostfix serves from a temporary directory until Close. It takes root. The error wraps ErrMissing if Postfix is not
// installed or the user is not root.
func StartPostfix(ctx context.Context, opt PostfixOptions) (*Postfix, error) {
	program, err := find("postfix")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "handoff-postfix")
	if err != nil {
		return nil, err
	}
	p, err := startPostfix(ctx, program, dir, opt)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return p, nil
}

func startPostfix(ctx context.Context, program, dir string, opt PostfixOptions) (*Postfix, error) {
	as, err := unprivileged("postfix")
	if err != nil {
		return nil, err
	}
	daemons, err := exec.CommandContext(ctx, filepath.Join(filepath.Dir(program), "postconf"), "-dh", "daemon_directory").Output()
	if err != nil {
		return nil, fmt.Errorf("ask postconf: %w", err)
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	etc := filepath.Join(dir, "etc")
	for _, sub := range []string{"etc", "spool", "lib"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(os.Chmod(dir, 0o755), as.own(filepath.Join(dir, "lib"))); err != nil {
		return nil, err
	}
	v := map[string]any{
		"Dir": dir, "Commands": filepath.Dir(program), "Daemons": strings.TrimSpace(string(daemons)), "Port": ports[0],
		"Domains": strings.Join(opt.Domains, ", "), "LMTP": opt.LMTPAddr, "Auth": opt.AuthAddr, "MaxSize": opt.MaxSize, "Discard": opt.Discard,
	}
	if opt.RelayAddr != "" {
		host, port, err := net.SplitHostPort(opt.RelayAddr)
		if err != nil {
			return nil, fmt.Errorf("relay: %w", err)
		}
		v["Relay"] = fmt.Sprintf("[%s]:%s", host, port)
	}
	for name, t := range map[string]*template.Template{"main.cf": postfixMain, "master.cf": postfixMaster} {
		var text strings.Builder
		if err := t.Execute(&text, v); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text.String()), 0o644); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(program, "-c", etc, "start-fg")
	asSelf(cmd)
	p := &Postfix{SMTPAddr: loopback(ports[0])}
	if p.server, err = run(ctx, dir, cmd, p.SMTPAddr); err != nil {
		return nil, err
	}
	p.stop = func() error { // "postfix stop" takes five seconds more
		text, err := os.ReadFile(filepath.Join(dir, "spool", "pid", "master.pid"))
		if err != nil {
			return err
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return err
		}
		master, err := os.FindProcess(pid)
		if err != nil {
			return err
		}
		return terminate(master)
	}
	return p, nil
}

var postfixMain = template.Must(template.New("main.cf").Parse(`compatibility_level = 3.6
command_directory = {{.Commands}}
daemon_directory = {{.Daemons}}
queue_directory = {{.Dir}}/spool
data_directory = {{.Dir}}/lib
maillog_file = {{.Dir}}/log
maillog_file_prefixes = {{.Dir}}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.office.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_error_sleep_time = 0
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = {{.MaxSize}}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = {{.Domains}}
virtual_mailbox_maps = static:yes
virtual_transport = lmtp:inet:{{.LMTP}}
{{- if .Relay}}
relayhost = {{.Relay}}
{{- else if .Discard}}
default_transport = discard:
{{- else}}
default_transport = error:this test mail server relays nothing
{{- end}}
{{- if .Auth}}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{{.Auth}}
{{- end}}
`))

var postfixMaster = template.Must(template.New("master.cf").Parse(`127.0.0.1:{{.Port}} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp flags=DORX
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`))
