package main

import (
	"handoff/workflow"
)

// newcomer is how Claire joins: invited, briefed, guidelines, a demo piece through every step by mail, and only then billing.
// Meanwhile she is eager: an invoice, a pitch and a draft come too early.
func newcomer(s *story) {
	c := theTwenty()
	s.at("2027-03-01 09:15")
	s.runs(c.greta, "person", "add", c.claire.address(), "--name", c.claire.name, "--role", "author", "--locale", c.claire.locale, "--timezone", c.claire.zone)
	s.runs(c.greta, "person", "invite", c.claire.address(), "--editor", c.greta.address(), "--as", c.greta.address())
	s.at("2027-03-02 10:00")
	s.mails(c.claire, "Facture 2027-001", "Bonjour,\n\nplease find my invoice for March attached.\n\nClaire\n", letterFile{"facture-2027-001.pdf", pdfType, pdfFile("Facture 2027-001", "Total: 400 EUR")})
	s.runs(c.greta, "mail", "ignore", s.record("Facture 2027-001"), "--as", c.greta.address(), "--reason", "too early, she knows")
	s.at("2027-03-05 16:00")
	s.runs(c.greta, "person", "briefed", c.claire.address(), "--as", c.greta.address())
	s.at("2027-03-08 11:00")
	s.mails(c.claire, "PITCH: A bakery that heats its street", "Bonjour,\n\na bakery in Lille gives the heat of its ovens to forty flats. Who paid for the pipes, and does it pay?\n\nClaire\n")
	s.at("2027-03-09 09:30")
	s.taps(c.greta, "pitch_new", "PITCH-2", "ACCEPT PITCH", "")
	s.at("2027-03-11 14:00")
	s.answers(c.claire, "pitch_approved", "PITCH-2", "Voilà, I could not wait.\n\nClaire", s.docx("boulangerie.docx", "A bakery that heats its street", "At four in the morning the street is already warm."))
	s.at("2027-03-12 10:00")
	s.answers(c.claire, "guidelines_unacknowledged", "", "D'accord, c'est lu. Merci !")
	s.at("2027-03-18 15:00")
	s.answers(c.claire, "demo_stalled", "DEMO-1", "Here it is, sorry.", s.odt("essai.odt", "A first try", "My street smells of bread at four in the morning."))
	s.at("2027-03-19 10:00")
	for range 3 { // review, copy edit and design are her editor's
		s.answers(c.greta, "step_opened", "DEMO-1", "Done")
	}
	s.at("2027-03-22 10:00")
	s.taps(c.greta, "demo_finished", "DEMO-1", "ACCEPT PASS", "")
	s.stands("PITCH-2", workflow.Draft, c.claire)
	s.at("2027-03-24 15:00")
	s.mails(c.claire, "Facture 2027-002", "Bonjour,\n\nnow my invoice for the demo.\n\nClaire\n", letterFile{"facture-2027-002.pdf", pdfType, pdfFile("Facture 2027-002", "Total: 100 EUR")})
	s.runs(c.greta, "mail", "ignore", s.record("Facture 2027-002"), "--as", c.greta.address(), "--reason", "handed to the accounts")
	s.at("2027-03-26 10:00")
	s.answers(c.claire, "cleared", "PITCH-2", "Voici la version finale.\n\nClaire", s.docx("boulangerie-2.docx", "A bakery that heats its street", "At four in the morning the street is already warm.", "The city paid for the pipes."))
	s.at("2027-03-29 10:00")
	s.runs(c.greta, "piece", "cancel", "PITCH-2", "--reason", "the bakery has closed", "--as", c.greta.address())
	s.at("2027-03-30 10:00")
	s.answers(c.claire, "cancelled", "PITCH-2", "What a pity. Could it become a story about why it closed?")
}

// decisions are a topic declined, one with changes, a date moved, and an absence.
func decisions(s *story) {
	c := theTwenty()
	s.at("2027-04-06 06:30") // ten in Kolkata, half past six in Berlin
	s.mails(c.ravi, "PITCH: Ten gadgets for a greener desk", "Hello,\n\na list of ten gadgets, with links to the shops.\n\nRavi\n")
	s.at("2027-04-06 11:00")
	s.answers(c.nora, "pitch_new", "PITCH-3", "DECLINE we do not write shopping lists, but a text on what old laptops are worth would be welcome.")
	s.at("2027-04-07 09:30")
	s.mails(c.sofia, "PITCH: Tidal power after the hype", "Buongiorno,\n\nwhat became of the turbines that were announced ten years ago.\n\nSofia\n")
	s.at("2027-04-13 10:00") // nobody decided, so Nora was asked
	s.answers(c.nora, "pitch_waiting", "PITCH-4", "Please limit it to one coast, and say who would read it.")
	s.at("2027-04-14 10:00")
	s.answers(c.sofia, "pitch_changes", "PITCH-4", "One coast then: Brittany. For readers in towns by the sea who are asked to vote on it.\n\nSofia")
	s.at("2027-04-14 14:00")
	s.taps(c.nora, "pitch_new", "PITCH-4", "ACCEPT PITCH", "")
	s.at("2027-04-14 14:30")
	s.taps(c.nora, "pitch_new", "PITCH-4", "DECLINE PITCH", "") // pressed by mistake
	s.at("2027-04-15 09:00")
	s.answers(c.sofia, "cleared", "PITCH-4", "Grazie, I accept.")
	s.runs(c.nora, "piece", "assign", "PITCH-4", "lead", c.bruno.address(), "--as", c.nora.address())
	s.runs(c.nora, "piece", "assign", "PITCH-4", "copy_edit", c.oskar.address(), "--as", c.nora.address())
	s.runs(c.nora, "piece", "assign", "PITCH-4", "design", c.jonas.address(), "--as", c.nora.address())
	s.at("2027-04-15 15:00")
	s.taps(c.bruno, "lead_named", "PITCH-4", "ACCEPT LEAD", "")
	s.at("2027-04-23 18:00")
	s.answers(c.sofia, "due_soon", "PITCH-4", "Hello,\n\nmy mother is ill, could I have until 4 May?\n\nSofia")
	s.answers(c.sofia, "due_soon", "PITCH-4", "EXTEND 31 June")
	s.at("2027-04-26 10:00")
	s.taps(c.nora, "extension_asked", "PITCH-4", "ACCEPT EXTENSION", "")
	s.at("2027-05-04 17:00")
	s.answers(c.sofia, "extension_granted", "PITCH-4", "Ecco.\n\nSofia", s.docx("maree.docx", "Tidal power after the hype", "The first turbine off Brittany stood still for most of its first winter."))
	s.stands("PITCH-4", workflow.Review, c.nora)
}

// silence is a piece that nobody writes, between two restarts; and one whose author is away, then paused.
func silence(s *story) {
	c := theTwenty()
	s.at("2027-05-05 09:00")
	s.runs(c.nora, "piece", "cancel", "PITCH-4", "--reason", "the vote in Brittany is off", "--as", c.nora.address())
	s.at("2027-05-10 10:00")
	s.runs(c.tomas, "piece", "propose", "--author", c.zoe.address(), "--editor", c.tomas.address(), "--title", "The garage that runs on noon", "--text", "Charge at noon, drive at night: what a solar roof does for a garage.", "--as", c.tomas.address())
	s.runs(c.tomas, "piece", "approve", "PITCH-5", "--as", c.tomas.address())

	// The gateway ends while a mail is on its way out, with others queued behind it and the mails taken in recorded.
	s.at("2027-05-11 11:00")
	s.dies(func() {
		s.hands(c.kwame, "PITCH: Heat pumps in old houses", "Hello,\n\nthree old houses in Accra and Leeds, and what the pumps did there.\n\nKwame\n")
		s.hands(c.hiro, "PITCH: What a bath house knows about heat", "Hello,\n\nthe bath houses of Tokyo have reused heat for a hundred years.\n\nHiro\n")
	})
	s.at("2027-05-11 14:00")
	s.taps(c.nora, "pitch_new", s.pitchOf(c.kwame), "ACCEPT PITCH", "")
	s.taps(c.nora, "pitch_new", s.pitchOf(c.hiro), "ACCEPT PITCH", "")
	s.at("2027-05-12 12:00")
	s.calendar(c.hiro, "cleared", s.pitchOf(c.hiro), "DECLINED", "I have no time before autumn.")
	s.at("2027-05-12 13:00")
	s.taps(c.kwame, "cleared", s.pitchOf(c.kwame), "ACCEPT STEP", "")
	s.runs(c.nora, "person", "away", c.kwame.address(), "--from", "2027-05-17", "--to", "2027-05-23", "--as", c.nora.address())
	s.at("2027-05-14 10:00")
	s.runs(c.nora, "piece", "cancel", s.pitchOf(c.hiro), "--reason", "Hiro has no time before autumn", "--as", c.nora.address())
	s.at("2027-05-25 10:00")
	s.answers(c.kwame, "cleared", s.pitchOf(c.kwame), "Back again, here it is.", s.docx("heat.docx", "Heat pumps in old houses", "The pump is quieter than the fridge."))

	// Reminders are queued when it ends, and two days pass before it is back.
	s.at("2027-05-26 08:30")
	s.sleeps("2027-05-28 10:00")
	pumps := s.pitchOf(c.kwame)
	s.at("2027-05-31 10:00")
	s.runs(c.nora, "piece", "assign", pumps, "lead", c.amara.address(), "--as", c.nora.address())
	s.runs(c.nora, "piece", "assign", pumps, "copy_edit", c.oskar.address(), "--as", c.nora.address())
	s.runs(c.nora, "piece", "assign", pumps, "design", c.mei.address(), "--as", c.nora.address())
	s.answers(c.nora, "step_opened", pumps, "Done")
	s.taps(c.amara, "lead_named", pumps, "ACCEPT LEAD", "")
	s.at("2027-06-01 10:00")
	s.answers(c.oskar, "step_opened", pumps, "Done.")
	s.at("2027-06-02 10:00")
	s.stands(pumps, workflow.Design, c.mei)
	s.answers(c.mei, "step_opened", pumps, "DONE")
	s.answers(c.amara, "step_opened", pumps, "DONE")
	s.at("2027-06-03 10:30")
	s.answers(c.amara, "ready_to_distribute", pumps, "https://agency.example/stories/heat-pumps")
	s.at("2027-06-03 16:00")
	s.mails(c.amara, "["+pumps+"] shared", "Done")
	s.closed(pumps)
	s.at("2027-06-09 10:00")
	s.runs(c.tomas, "piece", "cancel", "PITCH-5", "--reason", "we heard nothing", "--as", c.tomas.address())
	s.at("2027-06-10 02:00") // five in the afternoon in Los Angeles
	s.answers(c.zoe, "cancelled", "PITCH-5", "Oh no, I was about to send it!", s.docx("noon.docx", "The garage that runs on noon", "Charge at noon."))
}

// around are mails that do not belong here, and questions.
func around(s *story) {
	c := theTwenty()
	s.at("2027-06-14 10:00")
	s.mails(outsider(), "Guest post opportunity", "Dear editor,\n\nI would like to publish a guest post on your site.\n\nDana\n")
	for _, at := range []string{"2027-06-15 10:00", "2027-06-16 10:00", "2027-06-17 10:00", "2027-06-18 10:00"} {
		s.at(at)
		s.mails(c.ines, "My text", "Hello,\n\nplease put this in for me.\n\nInes\n", s.docx("my-text.docx", "My text", "A few words."))
	}
	s.at("2027-06-21 10:00")
	s.mails(c.ravi, "STATUS", "")
	s.mails(c.ravi, "HELP", "")
	s.at("2027-06-22 10:00")
	s.answers(c.lena, "thank_you", "PITCH-1", "Thank you all! When is the next one?")
	s.mails(c.lena, "Eine Frage", "Hallo,\n\ngibt es im Herbst wieder Themen?\n\nLena\n")
	s.runs(c.nora, "mail", "ignore", s.record("Eine Frage"), "--as", c.nora.address(), "--reason", "answered by telephone")
}

// leaving is somebody who mutes a reminder, and somebody who goes.
func leaving(s *story) {
	c := theTwenty()
	s.at("2027-09-06 09:30")
	s.runs(c.greta, "piece", "add", "LAPTOP-1", "--title", "What old laptops are worth", "--author", c.ravi.address(), "--editor", c.greta.address(), "--stage", "draft", "--deadline", "2027-10-15", "--step", "draft=2027-09-24", "--as", c.greta.address())
	s.runs(c.greta, "piece", "assign", "LAPTOP-1", "lead", c.bruno.address(), "--as", c.greta.address())
	s.at("2027-09-06 10:30")
	s.taps(c.bruno, "lead_named", "LAPTOP-1", "ACCEPT LEAD", "")
	s.taps(c.ravi, "step_opened", "LAPTOP-1", "ACCEPT STEP", "")
	s.at("2027-09-21 12:00")
	s.stops(c.ravi, "due_soon", "LAPTOP-1")
	s.at("2027-09-27 15:00")
	s.runs(c.greta, "person", "leave", c.ravi.address(), "--as", c.greta.address())
	s.at("2027-10-05 10:00")
	s.runs(c.greta, "piece", "assign", "LAPTOP-1", "draft", c.ines.address(), "--as", c.greta.address())
	s.at("2027-10-06 10:00")
	s.taps(c.ines, "step_opened", "LAPTOP-1", "DECLINE STEP", "")
	s.at("2027-10-07 10:00")
	s.runs(c.greta, "piece", "cancel", "LAPTOP-1", "--reason", "nobody has time for it", "--as", c.greta.address())
}
