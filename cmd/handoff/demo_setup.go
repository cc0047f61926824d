package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"handoff/internal/mailtest"
	"handoff/store"
	"handoff/workflow"
)

// demoHost is the embedded mail server's name, as its Authentication-Results header gives it.
const demoHost = "mx." + demoDomain

// demoConfigText is a handoff.toml for the embedded servers. It is written down, so that every other command works on the
// demo too: handoff status --config DIR/handoff.toml.
const demoConfigText = `# Made by "handoff demo" for its embedded mail servers.
data_dir = "."

[team]
name = %[1]q
domains = [%[2]q]
triage = %[3]q

[[mailbox]]
name = %[11]q
address = %[4]q
tls = "none"
user = %[5]q
password_file = "password"
max_size = "%[6]dB"

[smtp]
address = %[7]q
tls = "none"
user = %[5]q
password_file = "password"
from = "%[1]s <%[8]s>"
reply_address = %[9]q

[auth]
authserv_ids = [%[10]q]
verify_dkim = false

# At midnight, so that the demo's reminders are due whatever the hour.
[reminders]
soon_days = 3
overdue_days = [1, 3, 7]
escalate_days = [3]
at = "00:00"

# So that it tells the same on any day and at any hour.
[calendar]
working_days = "all"
quiet_from = "00:00"
quiet_to = "00:00"
`

// writeDemoConfig leaves handoff.toml and the password's file in dir, and gives the configuration's path.
func writeDemoConfig(dir string, office *mailtest.Office) (string, error) {
	path := filepath.Join(dir, "handoff.toml")
	text := fmt.Sprintf(demoConfigText, demoTeam, demoDomain, nora.address(), office.IMAPAddr, demoUser, demoSizeLimit,
		office.SMTPAddr, demoMailbox, demoReplyTo, demoHost, demoWatched)
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(demoPassword+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing the demo's configuration: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("writing the demo's configuration: %w", err)
	}
	return path, nil
}

// hireTeam stores the demo's people and pieces, all at once.
func hireTeam(ctx context.Context, st *store.Store, now time.Time) error {
	return st.Admin(ctx, func(tx store.AdminTx) error {
		ids := map[string]int64{}
		for _, p := range demoTeamPlayers() {
			person := workflow.Person{Name: p.name, Class: p.class, Roles: p.roles, Addresses: p.addresses}
			if p.class == workflow.Outside {
				person.Onboarding = []workflow.Milestone{{Item: workflow.Waived, At: now.AddDate(0, -3, 0)}}
			}
			if err := tx.SavePerson(ctx, &person); err != nil {
				return fmt.Errorf("storing %s: %w", p.name, err)
			}
			ids[p.address()] = person.ID
		}
		for _, d := range demoPieces() {
			piece, events, err := d.piece(ids, now)
			if err != nil {
				return fmt.Errorf("making %s: %w", d.code, err)
			}
			if err := tx.AddPiece(ctx, &piece, events); err != nil {
				return fmt.Errorf("storing %s: %w", d.code, err)
			}
		}
		return nil
	})
}

// writeDemoLetter leaves a mail of Lena's to send by hand, and gives its path.
func writeDemoLetter(dir string, now time.Time) (string, error) {
	content, err := docxFile("Rooftop gardens that pay for themselves", "A third version, with a better first sentence.")
	if err != nil {
		return "", fmt.Errorf("writing a letter to send: %w", err)
	}
	p := &plot{now: now}
	l := p.letter(lena, lena.address(), "A better beginning", "The first sentence never pleased me. Here is a better one.\n\nLena\n")
	l.files = []letterFile{{"rooftop-gardens-v3.docx", docxType, content}}
	raw, err := l.bytes()
	path := filepath.Join(dir, "letter.eml")
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("writing a letter to send: %w", err)
	}
	return path, nil
}
