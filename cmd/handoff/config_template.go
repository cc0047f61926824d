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

# [caps]                              # automatic replies within an hour, and proposals; a negative number is no bound
# address = 10                        # to one address, and three times as many a day
# template = 300                      # of one template
# total = 500
# pitches = 5                         # proposals taken of one contributor in a day; more are held

# [reminders]                         # days are working days of whom the reminder is for
# soon_days = 3                       # before the deadline's day, or several like [7, 3]; 0: none
# overdue_days = [1, 3, 7]            # after it, to the step's owner
# escalate_days = [2, 7]              # after it, to the editor
# handoff_days = [1, 2]               # after a step was offered and nobody accepted
# return_days = 3                     # after which it is the editor's again; 0: never
# lead_days = 3                       # so many days in a row the distribution lead is asked, then the editor hears
# decide_days = [2, 5]                # after a proposal, or a wish for more time, waits for the editor
# onboard_days = [3, 7]               # after a point of the onboarding on which nothing followed
# stall_share = 0.5                   # of the time until the deadline without a word of the author; 0: never
# at = "09:00"                        # in the recipient's time zone

# [calendar]
# working_days = "mon-fri"            # "sun-thu", "mon,wed,fri", "all"; a person may have days of their own
# holidays = []                       # countries or regions whose public holidays are free: ["DE-BE", "US"]
# days_off = []                       # other days without work: ["2026-12-24"]
# quiet_from = "20:00"                # nothing but answers is sent from here
# quiet_to = "07:00"                  # to here, in the recipient's time zone; twice the same time: always

# [onboarding]
# required = true                     # whoever is new from outside writes once their onboarding is complete
# guidelines_file = "guidelines.md"   # Markdown, sent to contributors
# demo_title = "A first try"          # of the demo piece that each new contributor tries the steps on
# demo_brief = "Write a few sentences about anything you like and send them as an answer, as a file or in the mail. It is never published: it shows you how a piece goes from one to the next here."

# [distribution]
# checklist = []                      # what has to be there before publication: ["Header image", "Share buttons"]
# phrase_check = false                # true: a published page has to show the piece's title

# Where published pieces are shared; these replace the built-in LinkedIn, Mastodon, X and Newsletter.
# [[distribution.channel]]
# name = "LinkedIn"
# text = "{title} {url}"
# tracking = "utm_source=linkedin&utm_medium=social"

# [pieces]
# code_prefix = "PITCH"               # of the codes of proposals: PITCH-1, PITCH-2, …

# [pieces.plan]                       # working days of each step, where nobody sets deadlines; 0: none
# draft = 10
# review = 3
# copy_edit = 2
# design = 3
# ready = 1
# published = 1
# distributed = 2

# [outbox]
# give_up_after = "5d"
# per_minute = 0                      # most mails a minute; 0: no bound

# [web]                               # answer over HTTP: one-click unsubscribes, and the API of docs/api.md
# listen = "127.0.0.1:8080"           # behind a web server that has the certificate
# url = "https://handoff.agency.example"  # where people reach it

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
