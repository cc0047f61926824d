package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/template"
)

// configTemplate is the annotated handoff.toml that init writes.
var configTemplate = template.Must(template.New("handoff.toml").Funcs(template.FuncMap{"q": tomlString}).Parse(`# Configuration of Handoff. Every key is described in docs/configuration.md; what is commented out shows the default.
# There are no secrets in this file: it names the environment variable or the file that holds each.

# Where the raw mails and, unless "database" says otherwise, the database lie. Relative to this file.
data_dir = {{q .DataDir}}
{{if .Database}}database = {{q .Database}}
{{else}}# database = "handoff-data/handoff.db"     # a file for SQLite, or "postgres://user@host/handoff"
{{end}}{{if .DatabaseEnv}}database_env = {{q .DatabaseEnv}}
{{else}}# database_env = "HANDOFF_DATABASE"        # instead: the environment variable with the whole URL, password included
{{end -}}

[team]
name     = {{q .TeamName}}
domains  = [{{range $i, $d := .Domains}}{{if $i}}, {{end}}{{q $d}}{{end}}]   # who writes from here is a colleague
timezone = {{q .TimeZone}}                # IANA name: when a day begins, for people who have none of their own
# locale = "en"                       # for people who have none of their own
triage   = {{q .Triage}}   # who is told of mails that need a person's decision

# One table for each folder to watch; repeat it for more.
[[mailbox]]
name    = "inbox"
address = {{q .IMAP}}
tls     = {{q .IMAPTLS}}   # "tls", "starttls" or "none"
user    = {{q .IMAPUser}}
{{.IMAPSecret}}
# auth        = "password"            # or "xoauth2", "oauthbearer" with token_env, token_file or [mailbox.oauth]
# folder      = "INBOX"
# done_folder = "Handoff/Done"        # move recorded mails there; without it they stay
# held_folder = "Handoff/Held"        # move mails that wait for a decision there
# poll_every  = "2m"                  # beside IDLE
# timeout     = "1m"                  # a server that says nothing for so long is given up, and called again
# backfill    = false                 # true: file also what was there before the first start, without answering it
# max_size    = "35MiB"               # of larger mails only the header is read; the sender is told

[smtp]
address = {{q .SMTP}}
tls     = {{q .SMTPTLS}}
{{if .SMTPUser}}user    = {{q .SMTPUser}}
{{.SMTPSecret}}
{{end}}from          = {{q .From}}
reply_address = {{q .ReplyAddress}}   # with {token} where the mailbox takes plus addresses: surest matching
# message_id_domain = "agency.example"  # default: the domain of "from"
# timeout = "1m"

[auth]
# The host whose Authentication-Results headers (DMARC, SPF, DKIM) are believed: your own incoming mail server, as it
# names itself in that header. Without one, DKIM signatures are verified here.
authserv_ids = [{{range $i, $d := .AuthservIDs}}{{if $i}}, {{end}}{{q $d}}{{end}}]
# verify_dkim = true

# [clamav]                            # scan every mail for malware; what is infected is held, and its sender told
# address = "unix:/run/clamav/clamd.ctl"  # or "127.0.0.1:3310"

# [limits]
# answer_within = "7d"                # older mail is filed and never answered automatically
# draft_words   = 120                 # a text of so many words, on the sender's own open step, is a submission
# read_timeout  = "10s"               # for reading one mail
# depth = 0                           # nested parts; 0 is the built-in limit, here and below
# parts = 0
# header_size = "0B"
# text_size = "0B"

# [caps]                              # automatic replies within an hour; a negative number is no bound
# address = 10                        # to one address, and three times as many a day
# template = 300                      # of one template
# total = 500

# [reminders]
# soon_days = 3                       # before the deadline's day; 0: none
# overdue_days = [1, 3, 7]            # after it, to the step's owner
# escalate_days = [2, 7]              # after it, to the editor
# at = "09:00"                        # in the recipient's time zone

# [outbox]
# give_up_after = "5d"
# per_minute = 0                      # most mails a minute; 0: no bound

# [templates]
# dir = "templates"                   # NAME.md files that replace built-in mail texts; see "handoff template list"

# Rows of the policy table, tried before the built-in ones ("handoff policy" prints them all).
# [[policy]]
# name   = "strangers wait for a person"
# class  = "unknown"                  # outside, internal, unknown; several with | between, * for any
# match  = "*"                        # signed, code, thread, single, scored, ambiguous, foreign, none
# auth   = "*"                        # pass, unknown, fail
# entry  = "*"                        # submission, comment
# action = "hold"                     # file, redirect, ignore, hold
# reply  = "held"                     # receipt, redirect, redirect_internal, held; or nothing
`))

// answers are what init was told.
type answers struct {
	TeamName, TimeZone, Triage     string
	Domains, AuthservIDs           []string
	DataDir, Database, DatabaseEnv string
	IMAP, IMAPTLS, IMAPUser        string
	IMAPSecret, SMTPSecret         string // the line that names where the password is
	SMTP, SMTPTLS, SMTPUser        string
	From, ReplyAddress             string
}

func (a answers) toml() (string, error) {
	var b strings.Builder
	if err := configTemplate.Execute(&b, a); err != nil {
		return "", fmt.Errorf("write the configuration: %w", err)
	}
	return b.String(), nil
}

// tomlString quotes a TOML basic string; Go's escapes are a superset only for \x, \a and \v, which no answer may hold.
func tomlString(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.ReplaceAll(strconv.QuoteToGraphic(clean), `\u00a0`, " ")
}
