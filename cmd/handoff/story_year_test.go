package main

import (
	"handoff/workflow"
)

func storyYear() []chapter {
	return []chapter{
		{"A pitch, and all the way to the end of it", rooftops},
		{"Somebody new", newcomer},
		{"Decisions", decisions},
		{"Silence", silence},
		{"Around the tool", around},
		{"Leaving", leaving},
	}
}

// rooftops is PITCH-1: everything goes well but for a designer who does not answer and a page that is not there.
func rooftops(s *story) {
	c := theTwenty()
	s.at("2027-01-11 09:30")
	s.mails(c.lena, "PITCH: Rooftop gardens that pay for themselves", "Dear all,\n\nthree houses in one street have turned their cooling bill around with gardens on the roof. I would like to tell how, with the numbers.\n\nLena\n")
	s.at("2027-01-12 10:00")
	s.taps(c.nora, "pitch_new", "PITCH-1", "ACCEPT PITCH", "")
	s.at("2027-01-13 11:00")
	s.calendar(c.lena, "cleared", "PITCH-1", "ACCEPTED", "")
	s.at("2027-01-22 16:00")
	s.answers(c.lena, "cleared", "PITCH-1", "Hi,\n\nhere is my draft, 700 words.\n\nLena",
		s.docx("rooftop-gardens.docx", "Rooftop gardens that pay for themselves", "A flat roof costs money twice: once when it is sealed, and every summer when the rooms below have to be cooled.", "Three houses in one street have turned the bill around."))
	s.stands("PITCH-1", workflow.Review, c.nora)

	s.at("2027-01-25 09:30")
	s.runs(c.nora, "piece", "review", "PITCH-1", "--ask", c.ewa.address(), "--ask", c.luis.address(), "--ask", c.samira.address(), "--needed", "2", "--as", c.nora.address())
	s.at("2027-01-25 14:00")
	s.taps(c.ewa, "review_asked", "PITCH-1", "ACCEPT STEP", "")
	s.at("2027-01-25 18:30")
	s.taps(c.luis, "review_asked", "PITCH-1", "DECLINE STEP", "Lo siento, I am in the field until March.")
	s.at("2027-01-26 15:00")
	s.answers(c.ewa, "review_asked", "PITCH-1", "The second paragraph needs the load survey: without it readers will think that any roof will do. Please name the membrane as well, and give the source of the cooling figures. Otherwise a good text, I would print it.")
	s.at("2027-01-28 10:00")
	s.answers(c.samira, "review_unanswered", "PITCH-1", "Sorry for the wait. Nothing to add but one thing: say what happens in a dry summer, when the beds have to be watered and the water is short. Samira")

	s.stands("PITCH-1", workflow.CopyEdit, c.nora)
	s.at("2027-01-28 11:00")
	s.answers(c.nora, "step_opened", "PITCH-1", "REVISE please add the load survey, the membrane and the dry summer, as the reviewers say.")
	s.stands("PITCH-1", workflow.Draft, c.lena)
	s.at("2027-02-01 15:00")
	s.answers(c.lena, "revision_asked", "PITCH-1", "Done, all three are in it. Lena",
		s.docx("rooftop-gardens-2.docx", "Rooftop gardens that pay for themselves", "A flat roof costs money twice: once when it is sealed, and every summer when the rooms below have to be cooled.", "Three houses in one street have turned the bill around, after a survey of the load."))
	s.runs(c.nora, "piece", "assign", "PITCH-1", "copy_edit", c.priya.address(), "--as", c.nora.address())
	s.stands("PITCH-1", workflow.CopyEdit, c.priya)
	s.at("2027-02-02 10:00")
	s.taps(c.priya, "step_opened", "PITCH-1", "ACCEPT STEP", "")
	s.at("2027-02-03 15:00")
	s.runs(c.nora, "piece", "assign", "PITCH-1", "design", c.jonas.address(), "--as", c.nora.address())
	s.answers(c.priya, "step_opened", "PITCH-1", "Done.")
	s.stands("PITCH-1", workflow.Design, c.jonas)

	s.at("2027-02-08 10:00")
	s.runs(c.nora, "piece", "assign", "PITCH-1", "design", c.mei.address(), "--as", c.nora.address())
	s.calendar(c.mei, "step_opened", "PITCH-1", "ACCEPTED", "")
	s.at("2027-02-09 16:00")
	s.answers(c.mei, "step_opened", "PITCH-1", "Done, the header image is in the folder.")
	s.at("2027-02-10 09:30")
	s.runs(c.nora, "piece", "assign", "PITCH-1", "lead", c.amara.address(), "--as", c.nora.address())
	s.at("2027-02-12 11:00")
	s.taps(c.amara, "lead_unconfirmed", "PITCH-1", "ACCEPT LEAD", "")
	s.at("2027-02-12 15:00")
	s.answers(c.amara, "step_opened", "PITCH-1", "DONE")
	s.web.missing["https://agency.example/stories/rooftop-gardens"] = "the server answers 404, which means that there is no such page"
	s.at("2027-02-15 12:00")
	s.answers(c.amara, "ready_to_distribute", "PITCH-1", "https://agency.example/stories/rooftop-gardens")
	s.at("2027-02-22 10:00")
	s.answers(c.amara, "not_verified", "PITCH-1", "Sorry, it moved: https://agency.example/stories/roof-gardens")
	s.at("2027-02-22 14:00")
	s.taps(c.amara, "not_verified", "PITCH-1", "DONE", "")
	s.closed("PITCH-1")
}
