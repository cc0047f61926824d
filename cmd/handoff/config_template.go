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
# secret_file = "handoff.secret"          # what stored consent is encrypted with; or secret_env

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
# auth        = "password"            # "scram-sha-256", "plain" and others by name; "xoauth2", "oauthbearer" with [oauth]
# ca_file     = "ca.pem"              # authorities that are trusted beside the system's
# folder      = "INBOX"
# done_folder = "Handoff/Done"        # move recorded mails there; without it they stay
# held_folder = "Handoff/Held"        # move mails that wait for a decision there
# sent_folder = "Sent"                # keep a copy of what is sent there; "auto": where the server says. Not with Gmail and Microsoft 365
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
# bounce_address = "drafts+{token}@agency.example"  # each notice its own return address; where the mailbox takes plus addresses
# feedback_id = "agency"              # names you in Gmail's complaint statistics
# timeout = "1m"

{{if .OAuth}}[oauth]                             # of both logins; see docs/providers.md
provider = {{q .OAuth}}
{{if .OAuthTenant}}tenant = {{q .OAuthTenant}}
{{end}}client_id = {{q .OAuthClientID}}
{{if .OAuthSecretEnv}}client_secret_env = {{q .OAuthSecretEnv}}
{{end}}{{if .OAuthSecretFile}}client_secret_file = {{q .OAuthSecretFile}}
{{end}}# grant = "refresh_token"             # by consent ("handoff auth"); or "client_credentials"
{{else}}# [oauth]                             # of every login with auth = "xoauth2"; see docs/providers.md
# provider = "google"                 # or "microsoft" with its tenant
# client_id = "…"
# client_secret_file = "client.secret"
{{end}}
# Keys that sign our mails, where the mail server does not: "handoff key dkim" makes one and prints this.
# [[smtp.dkim]]
# domain = "agency.example"
# selector = "2026"
# key_file = "dkim-2026.agency.example.pem"

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
# burst = 100                         # more than so many within burst_minutes stop all of them ...
# burst_minutes = 10
# calm_minutes = 30                   # ... until so long after there were half as many last

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
# send_days = "all"                   # and on which days: "mon-fri"

# [onboarding]
# required = true                     # whoever is new from outside writes once their onboarding is complete
# guidelines_file = "guidelines.md"   # Markdown, sent to contributors
# demo_title = ""                     # of the demo piece that each new contributor tries the steps on; "": "A first try"
# demo_brief = ""                     # what they are to send; "": a few sentences about anything. Both in their language

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
# per_minute = 0                      # most mails a minute; 0: no bound, here and below
# per_domain = 0                      # most mails a minute to the addresses of one domain
# reminders_per_hour = 0              # most reminders to one person
# reminders_per_day = 0
# bounce_half_life = "7d"             # after which a bounce like "mailbox full" counts half
# bounce_score = 3.0                  # the sum at which an address counts as one that takes no mail

# [web]                               # answer over HTTP: one-click unsubscribes, and the API of docs/api.md
# listen = "127.0.0.1:8080"           # behind a web server that has the certificate
# url = "https://handoff.agency.example"  # where people reach it

# [templates]
# colour    = "#1a56c4"               # of links and buttons in mails
# signature = "Example Agency GmbH\n+49 30 1234567" # below every mail; \n begins another line

# Rows of the policy table, tried before the built-in ones ("handoff policy" prints them all).
# [[policy]]
# name   = "strangers wait for a person"
# class  = "unknown"                  # outside, internal, unknown; several with | between, * for any
# match  = "*"                        # signed, code, thread, single, scored, ambiguous, foreign, none
# auth   = "*"                        # pass, unknown, fail
# entry  = "*"                        # submission, comment
# action = "hold"                     # file, redirect, ignore, hold
# reply  = "held"                     # receipt, redirect, redirect_internal, redirect_outside, held; or nothing
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
	OAuth, OAuthTenant             string
	OAuthClientID                  string
	OAuthSecretEnv                 string
	OAuthSecretFile                string
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
