package main

import (
	"strings"

	"handoff/internal/mailtest"
	"handoff/store"
	"handoff/workflow"
)

// member is one of the twenty.
type member struct {
	player
	locale, zone string // "" is the team's
	days         string // "" is the team's
	new          bool   // not onboarded yet
}

func employee(user, name, zone string, roles ...workflow.Role) member {
	return member{player: player{user: user, name: name, class: workflow.Internal, roles: roles, addresses: []string{user + "@" + demoDomain}}, zone: zone}
}

func contributor(user, name, domain, locale, zone string, roles ...workflow.Role) member {
	return member{player: player{user: user, name: name, class: workflow.Outside, roles: roles, addresses: []string{user + "@" + domain}}, locale: locale, zone: zone}
}

// twenty are the team: ten colleagues, then seven authors and three reviewers from outside.
type twenty struct {
	nora, tomas, greta, priya, oskar, jonas, mei, amara, bruno, ines member
	lena, ravi, sofia, kwame, claire, hiro, zoe                      member
	ewa, luis, samira                                                member
}

func theTwenty() twenty {
	c := twenty{
		nora:  employee("nora", "Nora Lindqvist", "", workflow.Editor, workflow.Admin),
		tomas: employee("tomas", "Tomás Ferreira", "Europe/Lisbon", workflow.Editor),
		greta: employee("greta", "Greta Vogel", "", workflow.Editor),
		priya: employee("priya", "Priya Raman", "Europe/London", workflow.CopyEditor),
		oskar: employee("oskar", "Oskar Lund", "", workflow.CopyEditor),
		jonas: employee("jonas", "Jonas Weber", "", workflow.Designer),
		mei:   employee("mei", "Mei Tanaka", "", workflow.Designer),
		amara: employee("amara", "Amara Okafor", "Europe/London", workflow.DistributionLead),
		bruno: employee("bruno", "Bruno Keller", "", workflow.DistributionLead),
		ines:  employee("ines", "Ines Duarte", "", workflow.Author),

		lena:   contributor("lena", "Lena Brandt", "brandt.example", "de", "Europe/Berlin", workflow.Author),
		ravi:   contributor("ravi", "Ravi Menon", "menon.example", "en", "Asia/Kolkata", workflow.Author),
		sofia:  contributor("sofia", "Sofia Rossi", "rossi.example", "it", "Europe/Rome", workflow.Author),
		kwame:  contributor("kwame", "Kwame Mensah", "mensah.example", "en", "Africa/Accra", workflow.Author),
		claire: contributor("claire", "Claire Dubois", "dubois.example", "fr", "Europe/Paris", workflow.Author),
		hiro:   contributor("hiro", "Hiro Sato", "sato.example", "ja", "Asia/Tokyo", workflow.Author),
		zoe:    contributor("zoe", "Zoe Carter", "carter.example", "en", "America/Los_Angeles", workflow.Author),

		ewa:    contributor("ewa", "Ewa Nowak", "nowak.example", "pl", "Europe/Warsaw", workflow.PeerReviewer),
		luis:   contributor("luis", "Luis Ortega", "ortega.example", "es", "America/Mexico_City", workflow.PeerReviewer),
		samira: contributor("samira", "Samira Haddad", "haddad.example", "ar", "Africa/Cairo", workflow.PeerReviewer),
	}
	c.samira.days = "sun-thu"
	c.claire.new = true
	return c
}

func (c twenty) all() []member {
	return []member{
		c.nora, c.tomas, c.greta, c.priya, c.oskar, c.jonas, c.mei, c.amara, c.bruno, c.ines,
		c.lena, c.ravi, c.sofia, c.kwame, c.claire, c.hiro, c.zoe, c.ewa, c.luis, c.samira,
	}
}

// stranger is nobody the team knows.
func outsider() member { return contributor("dana", "Dana Hughes", "freelance.example", "", "") }

// memberAt is who reads mail to that address.
func memberAt(address string) (member, bool) {
	for _, m := range append(theTwenty().all(), outsider()) {
		if strings.EqualFold(m.address(), address) {
			return m, true
		}
	}
	return member{}, false
}

func storyAccounts() []mailtest.Account {
	accounts := []mailtest.Account{{User: demoUser, Password: demoPassword, Addresses: []string{demoMailbox}}}
	for _, m := range append(theTwenty().all(), outsider()) {
		accounts = append(accounts, mailtest.Account{User: m.user, Password: demoPassword, Addresses: m.addresses})
	}
	return accounts
}

const storyGuidelines = `**Write for people who will do it.** Say in the first paragraph what a reader can do after reading.

- 600 to 900 words, British spelling
- name every source
`

// storyConfig is what the team has set: nothing that is not there by default, but for its calendar and what it publishes with.
const storyConfig = `data_dir = "data"

[team]
name = "Agency Example"
domains = ["agency.example"]
triage = "nora@agency.example"
timezone = "Europe/Berlin"

[[mailbox]]
name = "drafts"
address = %q
tls = "none"
user = "drafts"
password_file = "password"

[smtp]
address = %q
tls = "none"
user = "drafts"
password_file = "password"
from = "Agency Example <drafts@agency.example>"
reply_address = "drafts+{token}@agency.example"

[auth]
authserv_ids = ["mx.agency.example"]
verify_dkim = false

[calendar]
holidays = ["DE-BE"]

[onboarding]
guidelines_file = "guidelines.md"

[distribution]
checklist = ["Header image", "Share buttons"]

[[distribution.channel]]
name = "LinkedIn"
text = "{title} {url}"
tracking = "utm_source=linkedin"

[pieces]
code_prefix = "PITCH"
`

// hire stores the team, as an import of people the team knows does.
func (s *story) hire() {
	s.Helper()
	err := s.gw.Admin(s.Context(), func(tx store.AdminTx) error {
		var nora workflow.Person
		for _, m := range theTwenty().all() {
			if m.new {
				continue
			}
			p, err := m.person()
			if err != nil {
				return err
			}
			if p.Class == workflow.Outside {
				p.EditorID = nora.ID
				if p, _, err = p.Reach(workflow.Waived, nora, workflow.Cause{At: s.clock.Now(), ActorID: nora.ID}); err != nil {
					return err
				}
			}
			if err := tx.SavePerson(s.Context(), &p); err != nil {
				return err
			}
			if m.user == "nora" {
				nora = p
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

func (m member) person() (workflow.Person, error) {
	p := workflow.Person{Name: m.name, Class: m.class, Roles: m.roles, Addresses: m.addresses, Locale: m.locale, TimeZone: m.zone}
	if m.days == "" {
		return p, nil
	}
	var err error
	p.WorkDays, err = workflow.ParseWeekdays(m.days)
	return p, err
}
