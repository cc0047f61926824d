package templates

import "time"

// on is a mail to b about the piece's step; who has part in it.
func (x example) on(b Base, step Step, who Base, words string) OnPiece {
	piece := x.piece
	piece.Stage = step.Stage
	return OnPiece{Base: b, Piece: piece, Step: &step, Who: who.To, Words: words}
}

// start are the samples of a contributor's first steps and a piece's.
func (x example) start(name string) Data {
	pitch := Step{Stage: "pitch", Owner: x.editor.To, Deadline: day(time.April, 20)}
	proposal := "What a heat pump costs, what it saves, and after how many years it has paid for itself.\n\nTwo families let me see their bills."
	guidelines := "Write for readers in a hurry: one thought a paragraph.\n\n- Name your sources.\n- Send text as a Word file, pictures apart."
	missing := []string{"the onboarding of " + x.author.To.Name + " is not complete, next is “demo piece passed”", "there is no deadline"}
	first := Onboarding{Base: x.author, Contributor: x.author.To, Editor: x.editor.To, Next: "guidelines acknowledged", Guidelines: guidelines, Days: 3}
	forEditor := first
	forEditor.Base = x.editor
	toAuthor, toEditor := x.on(x.author, pitch, x.editor, "Good idea. Please say more about the costs."), x.on(x.editor, pitch, x.author, proposal)
	drafting := x.on(x.author, x.draft, x.author, "")
	switch name {
	case "welcome":
		return Welcome{first}
	case "briefing_due":
		return BriefingDue{forEditor}
	case "guidelines":
		return Guidelines{first}
	case "guidelines_unacknowledged":
		return GuidelinesUnacknowledged{first}
	case "demo_invite":
		drafting.Words = "A day in the life of a coffee roaster, in 600 words."
		return DemoInvite{drafting}
	case "demo_stalled":
		return DemoStalled{drafting, 4}
	case "demo_finished":
		return DemoFinished{x.on(x.editor, x.draft, x.author, ""), []Draft{x.version(2)}}
	case "demo_passed":
		return DemoPassed{first}
	case "billing_unlocked":
		return BillingUnlocked{first}
	case "billing_locked":
		return BillingLocked{first, "Invoice 2026-4", []string{"guidelines acknowledged", "demo piece passed"}}
	case "onboarding_stalled":
		return OnboardingStalled{forEditor}
	case "pitch_received":
		return PitchReceived{x.on(x.author, pitch, x.author, ""), "PITCH How heat pumps pay for themselves"}
	case "pitch_new":
		return PitchNew{toEditor}
	case "pitch_waiting":
		return PitchWaiting{toEditor, 2}
	case "pitch_approved":
		return PitchApproved{toAuthor, missing}
	case "pitch_changes":
		return PitchChanges{toAuthor}
	case "changes_waiting":
		return ChangesWaiting{toAuthor, 2}
	case "pitch_declined":
		toAuthor.Words = "We had heat pumps twice this year."
		return PitchDeclined{toAuthor}
	case "not_cleared":
		return NotCleared{x.on(x.editor, pitch, x.author, ""), missing}
	case "cleared":
		edit := Step{Stage: "copy_edit", Owner: x.lead.To, Deadline: day(time.May, 19)}
		drafting.Words = "Have fun with it!"
		return Cleared{drafting, []Step{x.draft, x.review, edit, {Stage: "ready", Owner: x.editor.To}}, proposal, guidelines}
	case "early":
		return Early{x.on(x.author, pitch, x.author, ""), x.subject, missing}
	case "stalled":
		return Stalled{drafting}
	case "stalled_editor":
		return StalledEditor{x.on(x.editor, x.draft, x.author, "")}
	}
	return nil
}

// handoff are the samples of steps, reviews, revisions and dates.
func (x example) handoff(name string) Data {
	remarks := "The second part is strong. The figures on page 2 need a source."
	reason := "Two of the people I want to talk to are away."
	reviewing := x.on(x.author, x.review, x.editor, remarks)
	drafting, forEditor := x.on(x.author, x.draft, x.editor, ""), x.on(x.editor, x.draft, x.author, "")
	until := day(time.May, 9)
	switch name {
	case "step_accepted":
		return StepAccepted{forEditor}
	case "step_declined":
		forEditor.Words = "I am in hospital until June, I am sorry."
		return StepDeclined{OnPiece: forEditor, Drafts: []Draft{x.version(2)}}
	case "step_unanswered":
		return StepUnanswered{drafting, 2}
	case "step_returned":
		return StepReturned{x.on(x.editor, x.review, x.author, ""), []Draft{x.version(2)}}
	case "review_asked":
		return ReviewAsked{reviewing, []Draft{{Version: 1, Sender: x.lead.To, Text: "A heat pump takes warmth from the air.\n\nWhat it costs depends on the house, on the power and on the winter."}}}
	case "review_unanswered":
		reviewing.Words = ""
		return ReviewUnanswered{reviewing, 2}
	case "review_received":
		return ReviewReceived{x.on(x.editor, x.review, x.lead, remarks), []Draft{{Sender: x.lead.To, Files: []Attachment{{Name: "heat pumps, remarks.docx", Size: 215_800, Entry: 45}}}}, false}
	case "handed_over":
		return HandedOver{drafting, x.review}
	case "unassigned":
		return Unassigned{OnPiece: x.on(x.author, x.review, x.lead, "")}
	case "cancelled":
		drafting.Words = "The company has withdrawn its figures."
		return Cancelled{drafting}
	case "revision_asked":
		drafting.Words = remarks
		return RevisionAsked{drafting, []Draft{x.version(2)}, &x.review}
	case "sent_back":
		return SentBack{x.on(x.lead, x.review, x.editor, "Shorter, please, and with the new figures."), false}
	case "revision_overdue":
		drafting.Words = remarks
		return RevisionOverdue{drafting, 3}
	case "revision_received":
		return RevisionReceived{x.on(x.editor, x.review, x.author, "Every figure has its source now."), 3, []Draft{x.version(3)}, x.changes(2)}
	case "extension_asked":
		forEditor.Words = reason
		return ExtensionAsked{forEditor, until, ""}
	case "extension_waiting":
		forEditor.Words = reason
		return ExtensionWaiting{forEditor, until}
	case "extension_granted":
		granted := x.on(x.author, x.draft, x.author, "")
		granted.Step.Deadline = until
		return ExtensionGranted{granted, day(time.May, 5)}
	case "extension_refused":
		drafting.Words = "The magazine goes to print on the 12th."
		return ExtensionRefused{drafting}
	case "last_notice":
		return LastNotice{OnPiece: drafting, Days: 7}
	case "no_more":
		return NoMore{forEditor, 8}
	case "contributor_away":
		return ContributorAway{forEditor, day(time.May, 11), false, false}
	case "noted":
		return Noted{drafting, "It is not yours any more, and your editor is told.", "Please answer with a line that says why: it helps your editor to find somebody else."}
	case "not_done":
		return NotDone{drafting, "Re: ACME-12: your draft is due today", "there is no draft of ACME-12 yet: send it with your answer, as a file or a link"}
	case "closed":
		return Closed{drafting, x.subject, "it has been all the way, and nothing is open any more", false}
	}
	return nil
}

// finish are the samples of publication and distribution.
func (x example) finish(name string) Data {
	publication := Step{Stage: "published", Owner: x.lead.To, Deadline: day(time.May, 26)}
	distribution := Step{Stage: "distributed", Owner: x.lead.To, Deadline: day(time.May, 29)}
	address := "https://docs.example/heat-pumps"
	naming, publishing, distributing := x.on(x.lead, publication, x.editor, ""), x.on(x.lead, publication, x.lead, ""), x.on(x.lead, distribution, x.lead, "")
	late := x.on(x.editor, distribution, x.lead, "")
	problem := "the page answers 404 Not Found"
	switch name {
	case "lead_named":
		return LeadNamed{naming}
	case "lead_missing":
		return LeadMissing{OnPiece: x.on(x.editor, Step{Stage: "ready", Owner: x.editor.To, Deadline: day(time.May, 22)}, x.editor, "")}
	case "lead_unconfirmed":
		return LeadUnconfirmed{naming, 2}
	case "lead_unconfirmed_editor":
		return LeadUnconfirmedEditor{x.on(x.editor, publication, x.lead, ""), 4}
	case "ready_to_distribute":
		publishing.Words = "Best before noon, when the trade mails come out."
		return ReadyToDistribute{publishing, []string{"pictures have their credits", "links checked"}, "What a heat pump costs, what it saves, and after how many years it has paid for itself.", []Draft{x.version(4)}}
	case "address_noted":
		return AddressNoted{x.on(x.editor, distribution, x.lead, ""), address, "https://docs.example/heat-pump"}
	case "published":
		return Published{x.on(x.lead, distribution, x.author, ""), address, true, []Post{
			{"LinkedIn", "After how many years has a heat pump paid for itself? Two families show their bills.", address + "?utm_source=linkedin&utm_campaign=ACME-12"},
			{"Newsletter", "Heat pumps, in figures.\nTwo families show their bills.", address + "?utm_source=newsletter&utm_campaign=ACME-12"},
		}, []Attachment{
			{Name: "heat pump in the cellar.jpg", Size: 640_000, Entry: 41},
			{Name: "both families.png", Size: 23_400_000, Note: "too large for a mail; Erik Holm has it, filed as version 2", Entry: 41, Number: 1},
		}}
	case "not_verified":
		return NotVerified{distributing, address, problem, true}
	case "not_verified_editor":
		return NotVerifiedEditor{late, address, problem, true}
	case "verified":
		return Verified{late, address}
	case "thank_you":
		return ThankYou{x.on(x.author, distribution, x.editor, "Your figures made it."), address, "draft, peer review"}
	}
	return nil
}

// standing are the samples that list what waits, and of mail around the tool.
func (x example) standing(name string) Data {
	late, waits := x.draft, Step{Stage: "pitch", Owner: x.editor.To}
	items := []Item{
		{Piece: x.piece, Step: &late, Late: 3},
		{Piece: Piece{Code: "ACME-15", Title: "Five questions on solar roofs", Stage: "pitch"}, Step: &waits, Note: "a decision on the proposal"},
		{Piece: Piece{Code: "ACME-9", Title: "Rain", Stage: "review", Deadline: day(time.June, 12)}},
	}
	outside, inside := Standing{x.author, items}, Standing{x.editor, items}
	bypass := Bypass{Base: x.lead, Subject: x.subject, Who: x.lead.To, Piece: &x.piece, Count: 4}
	switch name {
	case "status":
		return Status{outside}
	case "help":
		return Help{outside}
	case "muted":
		return Muted{outside, "due soon"}
	case "weekly":
		return Weekly{inside}
	case "digest":
		return Digest{inside}
	case "held_digest":
		return HeldDigest{inside, []HeldMail{
			{481, "Anna Berg", x.subject, x.author.To.Name + " has 2 unfinished pieces and nothing in the mail tells which one it is for", time.Date(2026, time.May, 4, 7, 12, 0, 0, time.UTC)},
			{485, "info@press.example", "", "", time.Date(2026, time.May, 5, 15, 40, 0, 0, time.UTC)},
		}}
	case "redirect_firm":
		return RedirectFirm{bypass}
	case "bypasses_editor":
		bypass.Base = x.editor
		return BypassesEditor{bypass}
	case "redirect_outside":
		bypass.Base, bypass.Who = x.author, x.author.To
		return RedirectOutside{bypass}
	}
	return nil
}
