package templates

import (
	"slices"
	"strings"
)

// Entry is what the catalogue says of one notice: who gets it, when, what repeats and what stops it.
type Entry struct {
	Section   string // of the documentation
	Data      Data   // its zero value; Template is its name
	What      string // it does, continuing "This mail …"
	To        string
	When      string // a clause, or a time: see Sent
	Dated     bool   // a date brings it, no mail
	Repeats   string
	Stops     string   // what ends a repetition, "" nothing does
	Recurring bool     // its reader may mute it (RFC 8058)
	InWords   bool     // it asks for words, or a link, that no one-tap answer holds
	Asked     bool     // it answers a mail, so it goes out at any hour
	List      bool     // it lists what waits, so it goes out after all else
	Answers   []Answer // what one tap answers it with
	Needs     []string // variables that an own text must not leave out, beside the answers
}

// Sent is whom it goes to and when, in one phrase.
func (e Entry) Sent() string {
	first, _, _ := strings.Cut(e.When, " ")
	if slices.Contains([]string{"on", "some", "once", "after"}, first) {
		return "to " + e.To + ", " + e.When
	}
	return "to " + e.To + ", when " + e.When
}

// Keeps are the variables that every text of the notice has.
func (e Entry) Keeps() []string {
	if len(e.Answers) == 0 {
		return e.Needs
	}
	return append([]string{"Answers"}, e.Needs...)
}

// Answer is a one-tap answer: a mail with a command as its subject.
type Answer struct {
	Command string // ACCEPT, or with what it is about: ACCEPT EXTENSION
	Label   string // what the link says
	URL     string // mailto:, filled in when the notice is composed
}

// Catalogue lists every notice there is, section by section.
func Catalogue() []Entry {
	var all []Entry
	add := func(section string, entries []Entry) {
		for _, e := range entries {
			e.Section = section
			all = append(all, e)
		}
	}
	add("Starts", starts())
	add("Handoffs", handoffs())
	add("Deadlines", deadlines())
	add("Finishes", finishes())
	add("Answers to mail", answersToMail())
	add("For editors", forEditors())
	return all
}

func starts() []Entry {
	return []Entry{
		{
			Data: Welcome{}, What: "welcomes a new contributor",
			To: "the contributor", When: "they are invited",
			Repeats: "once",
		},
		{
			Data: BriefingDue{}, What: "asks the editor to brief a contributor personally and record it",
			To: "the contributor's editor", When: "a contributor is invited",
			Repeats: "on the onboarding days until it is recorded", Stops: "the briefing is recorded", Recurring: true, InWords: true,
		},
		{
			Data: Guidelines{}, What: "gives the guidelines, once the briefing is recorded",
			Needs: []string{"Guidelines"},
			To:    "the contributor", When: "the briefing is recorded",
			Repeats: "once",
			Answers: []Answer{{Command: "ACCEPT GUIDELINES", Label: "I have read them"}},
		},
		{
			Data: GuidelinesUnacknowledged{}, What: "asks a contributor to acknowledge the guidelines",
			To: "the contributor", When: "the guidelines were sent and no answer came", Dated: true,
			Repeats: "on the onboarding days", Stops: "any answer to the guidelines", Recurring: true,
			Answers: []Answer{{Command: "ACCEPT GUIDELINES", Label: "I have read them"}},
		},
		{
			Data: DemoInvite{}, What: "invites a contributor to the demo piece",
			To: "the contributor", When: "the guidelines are acknowledged",
			Repeats: "once",
		},
		{
			Data: DemoStalled{}, What: "asks how the demo piece gets on",
			To: "the contributor", When: "the demo piece waits for them",
			Repeats: "on the onboarding days", Stops: "the draft comes", Recurring: true,
		},
		{
			Data: DemoFinished{}, What: "asks the editor whether the demo piece is good",
			To: "the contributor's editor", When: "the demo piece went through every step",
			Repeats: "on the onboarding days until decided", Stops: "the demo piece is passed", Recurring: true,
			Answers: []Answer{{Command: "ACCEPT PASS", Label: "It has passed"}, {Command: "DECLINE PASS", Label: "Not yet, and why"}},
		},
		{
			Data: DemoPassed{}, What: "tells a contributor that the demo piece is good",
			To: "the contributor", When: "the editor passes the demo piece",
			Repeats: "once",
		},
		{
			Data: BillingUnlocked{}, What: "tells that invoices are welcome from now on",
			To: "the contributor", When: "the demo piece has passed",
			Repeats: "once",
		},
		{
			Data: BillingLocked{}, What: "answers an invoice that comes too early",
			To: "the contributor", When: "an invoice is mailed before billing is unlocked",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: OnboardingStalled{}, What: "tells the editor that an onboarding stands still",
			To: "the contributor's editor", When: "the last onboarding day passed without the next point", Dated: true,
			Repeats: "once a point", Stops: "the next point is reached", Recurring: true,
		},
		{
			Data: PitchReceived{}, What: "confirms a proposal",
			To: "the author", When: "a proposal comes by mail",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: PitchNew{}, What: "asks the editor to decide on a proposal",
			Needs: []string{"Words"},
			To:    "the editor", When: "a proposal, or another version of it, comes",
			Repeats: "once a version",
			Answers: []Answer{{Command: "ACCEPT PITCH", Label: "Approve"}, {Command: "DECLINE PITCH", Label: "Decline"}, {Command: "REVISE PITCH", Label: "Ask for changes"}},
		},
		{
			Data: PitchWaiting{}, What: "reminds the editor of a proposal",
			To: "the editor", When: "a proposal waits for a decision", Dated: true,
			Repeats: "on the decision days", Stops: "the proposal is decided on", Recurring: true,
			Answers: []Answer{{Command: "ACCEPT PITCH", Label: "Approve"}, {Command: "DECLINE PITCH", Label: "Decline"}, {Command: "REVISE PITCH", Label: "Ask for changes"}},
		},
		{
			Data: PitchApproved{}, What: "tells the author that the topic is approved",
			To: "the author", When: "the editor approves the topic and something else is missing still",
			Repeats: "once",
		},
		{
			Data: PitchChanges{}, What: "asks the author for changes to the proposal",
			Needs: []string{"Words"},
			To:    "the author", When: "the editor asks for changes",
			Repeats: "once each",
		},
		{
			Data: ChangesWaiting{}, What: "reminds the author of the changes",
			To: "the author", When: "changes were asked for and no answer came", Dated: true,
			Repeats: "on the decision days", Stops: "the author answers", Recurring: true,
		},
		{
			Data: PitchDeclined{}, What: "tells the author that the topic is declined",
			To: "the author", When: "the editor declines the topic",
			Repeats: "once",
		},
		{
			Data: NotCleared{}, What: "tells the editor what keeps an approved piece from beginning",
			Needs: []string{"Missing"},
			To:    "the editor", When: "a topic is approved, but the author is not cleared",
			Repeats: "on the decision days", Stops: "the author is cleared", Recurring: true,
		},
		{
			Data: Cleared{}, What: "is the start kit: brief, guidelines, every date, how to hand in",
			Needs: []string{"Brief", "Steps"},
			To:    "the author", When: "the piece is cleared to write",
			Repeats: "once",
			Answers: []Answer{{Command: "ACCEPT STEP", Label: "I take it"}, {Command: "DECLINE STEP", Label: "I cannot"}},
		},
		{
			Data: Early{}, What: "answers a draft that comes before the piece is cleared",
			Needs: []string{"Missing"},
			To:    "the author", When: "a draft comes before clearance",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Stalled{}, What: "asks an author who was not heard of",
			To: "the author", When: "a set share of the time is over and nothing came", Dated: true,
			Repeats: "once", Stops: "anything of theirs comes", Recurring: true,
			Answers: []Answer{{Command: "EXTEND", Label: "I need more time"}, {Command: "DECLINE STEP", Label: "I cannot do it"}},
		},
		{
			Data: StalledEditor{}, What: "tells the editor that nothing was heard of an author",
			To: "the editor", When: "half of the time that was left is over as well", Dated: true,
			Repeats: "once", Stops: "anything of theirs comes", Recurring: true,
		},
	}
}

func handoffs() []Entry {
	return []Entry{
		{
			Data: StepOpened{}, What: "tells the next owner that a step is theirs, and brings the newest version",
			Needs: []string{"Drafts"},
			To:    "the next owner", When: "the step before is done, or they are given it",
			Repeats: "once each",
			Answers: []Answer{{Command: "ACCEPT STEP", Label: "I take it"}, {Command: "DECLINE STEP", Label: "I cannot"}},
		},
		{
			Data: StepDone{}, What: "tells that a step is done",
			To: "giver and editor", When: "a step is handed on",
			Repeats: "once",
		},
		{
			Data: StepAccepted{}, What: "tells that somebody took a step",
			To: "giver and editor", When: "the owner accepts",
			Repeats: "once",
		},
		{
			Data: StepDeclined{}, What: "tells that somebody declined a step, which is the editor's now",
			To: "the editor", When: "the owner declines",
			Repeats: "once",
		},
		{
			Data: StepUnanswered{}, What: "asks for an answer to a handoff",
			To: "the owner", When: "a step was offered and not accepted", Dated: true,
			Repeats: "on the handoff days", Stops: "any mail of theirs about the piece, or the step ends", Recurring: true,
			Answers: []Answer{{Command: "ACCEPT STEP", Label: "I take it"}, {Command: "DECLINE STEP", Label: "I cannot"}},
		},
		{
			Data: StepReturned{}, What: "tells that nobody answered, so that the step is the editor's again",
			To: "the editor and who was asked", When: "the owner neither accepted nor wrote within the days set", Dated: true,
			Repeats: "once",
		},
		{
			Data: HandedOver{}, What: "confirms to the owner that their step is handed over by hand",
			To: "the giver", When: "somebody else hands the step on for them",
			Repeats: "once",
		},
		{
			Data: Unassigned{}, What: "tells that a step, or the lead of the distribution, is not theirs any more",
			To: "who had it", When: "a step gets another owner, or the piece another lead",
			Repeats: "once",
		},
		{
			Data: ReviewAsked{}, What: "asks a peer for a review, and brings what is to be read",
			Needs: []string{"Drafts"},
			To:    "the reviewer", When: "an editor asks for it",
			Repeats: "once",
			Answers: []Answer{{Command: "ACCEPT STEP", Label: "I take it"}, {Command: "DECLINE STEP", Label: "I cannot"}},
		},
		{
			Data: ReviewUnanswered{}, What: "reminds a peer of a review",
			To: "the reviewer", When: "a review was asked for and has not come", Dated: true,
			Repeats: "on the handoff days", Stops: "the review comes, or enough others", Recurring: true,
			Answers: []Answer{{Command: "DECLINE STEP", Label: "I cannot"}},
		},
		{
			Data: ReviewReceived{}, What: "tells the editor that a reviewer answered",
			To: "the editor", When: "a reviewer answers",
			Repeats: "once", InWords: true,
		},
		{
			Data: SentBack{}, What: "tells that the author revises before their step goes on",
			To: "who has the step, and the peers who were still asked for a review", When: "a revision is asked for",
			Repeats: "once each",
		},
		{
			Data: RevisionAsked{}, What: "asks the author for another version",
			Needs: []string{"Words"},
			To:    "the author", When: "the editor asks for a revision",
			Repeats: "once",
			Answers: []Answer{{Command: "ACCEPT STEP", Label: "I take it"}, {Command: "EXTEND", Label: "I need more time"}},
		},
		{
			Data: RevisionReceived{}, What: "tells who asked for it that the revision is here",
			To: "the editor", When: "the revision comes",
			Repeats: "once",
		},
		{
			Data: NewVersion{}, What: "tells of a version that moves nothing",
			Needs: []string{"Drafts", "Text"},
			To:    "the editor and who has the piece", When: "a version comes for a step that is done",
			Repeats: "once a mail",
		},
		{
			Data: Note{}, What: "relays what somebody wrote on a piece",
			Needs: []string{"Text"},
			To:    "the editor, or who is at work", When: "a mail is filed that hands nothing in",
			Repeats: "once a mail",
		},
		{
			Data: Cancelled{}, What: "tells that a piece is given up",
			To: "everybody at work on it", When: "an editor cancels it",
			Repeats: "once",
		},
	}
}

func deadlines() []Entry {
	return []Entry{
		{
			Data: DueSoon{}, What: "reminds of a deadline ahead",
			To: "the owner", When: "some days before the deadline", Dated: true,
			Repeats: "on the soon days", Stops: "the step is done", Recurring: true,
			Answers: []Answer{{Command: "EXTEND", Label: "I need more time"}},
		},
		{
			Data: DueToday{}, What: "reminds on the day itself",
			To: "the owner", When: "on the deadline's day", Dated: true,
			Repeats: "once", Stops: "the step is done", Recurring: true,
			Answers: []Answer{{Command: "EXTEND", Label: "I need more time"}},
		},
		{
			Data: Overdue{}, What: "reminds after the deadline",
			To: "the owner", When: "on the overdue days", Dated: true,
			Repeats: "on each", Stops: "the step is done", Recurring: true,
			Answers: []Answer{{Command: "EXTEND", Label: "I need more time"}},
		},
		{
			Data: RevisionOverdue{}, What: "reminds the author of a revision that is late",
			To: "the author", When: "the revision's deadline passed", Dated: true,
			Repeats: "on the overdue days", Stops: "the revision comes", Recurring: true,
			Answers: []Answer{{Command: "EXTEND", Label: "I need more time"}},
		},
		{
			Data: LastNotice{}, What: "is the last reminder of a step that is late",
			To: "the owner", When: "on the last overdue day", Dated: true,
			Repeats: "once", Stops: "the step is done", Recurring: true,
			Answers: []Answer{{Command: "EXTEND", Label: "I need more time"}},
		},
		{
			Data: OverdueEditor{}, What: "tells the editor that a step is late",
			To: "the editor", When: "on the escalation days", Dated: true,
			Repeats: "on each", Stops: "the step is done", Recurring: true,
		},
		{
			Data: NoMore{}, What: "tells the editor that the owner is not reminded any more",
			To: "the editor", When: "on the day after the last overdue day", Dated: true,
			Repeats: "once", Stops: "the step is done", Recurring: true,
		},
		{
			Data: DeadlineChanged{}, What: "tells of new dates, of all that change at once",
			To: "whom they concern", When: "deadlines are changed, or planned anew because a step opens late or gets more time",
			Repeats: "once a change",
		},
		{
			Data: ExtensionAsked{}, What: "asks the editor for a decision on a later date",
			To: "the editor", When: "the owner asks for more time",
			Repeats: "once each",
			Answers: []Answer{{Command: "ACCEPT EXTENSION", Label: "Grant it"}, {Command: "DECLINE EXTENSION", Label: "Refuse it"}},
		},
		{
			Data: ExtensionWaiting{}, What: "reminds the editor of a request for more time",
			To: "the editor", When: "nobody decided", Dated: true,
			Repeats: "on the decision days", Stops: "the decision", Recurring: true,
			Answers: []Answer{{Command: "ACCEPT EXTENSION", Label: "Grant it"}, {Command: "DECLINE EXTENSION", Label: "Refuse it"}},
		},
		{
			Data: ExtensionGranted{}, What: "tells that the later date holds",
			To: "the owner who asked, and the owners whose dates moved with it", When: "the editor grants it",
			Repeats: "once",
		},
		{
			Data: ExtensionRefused{}, What: "tells that the date stays",
			To: "the owner who asked", When: "the editor refuses it",
			Repeats: "once",
		},
	}
}

func finishes() []Entry {
	return []Entry{
		{
			Data: LeadNamed{}, What: "tells somebody that they lead the distribution",
			To: "the distribution lead", When: "they are named",
			Repeats: "once",
			Answers: []Answer{{Command: "ACCEPT LEAD", Label: "I do it"}},
		},
		{
			Data: LeadMissing{}, What: "tells the editor that the work waits for a distribution lead",
			To: "the editor", When: "a step is handed in and ready has no lead, or the lead declines",
			Repeats: "daily, on the lead days", Stops: "a lead is named", Recurring: true,
		},
		{
			Data: LeadUnconfirmed{}, What: "asks the lead to confirm",
			To: "the distribution lead", When: "they have not confirmed", Dated: true,
			Repeats: "daily, on the lead days", Stops: "they confirm", Recurring: true,
			Answers: []Answer{{Command: "ACCEPT LEAD", Label: "I do it"}},
		},
		{
			Data: LeadUnconfirmedEditor{}, What: "tells the editor that the lead does not confirm",
			To: "the editor", When: "on the day after the last lead day", Dated: true,
			Repeats: "once", Stops: "they confirm", Recurring: true,
		},
		{
			Data: ReadyToDistribute{}, What: "is the brief for publication: where, how, which share tools",
			Needs: []string{"Brief", "Drafts"},
			To:    "the distribution lead", When: "every step before is done and the checklist is ticked",
			Repeats: "once", InWords: true,
		},
		{
			Data: AddressNoted{}, What: "tells of the address of a publication, before the page is looked at",
			Needs: []string{"URL"},
			To:    "the editor and the lead, but for who named it", When: "the address is named",
			Repeats: "once an address", InWords: true,
		},
		{
			Data: Published{}, What: "is the share kit",
			Needs: []string{"URL", "Posts"},
			To:    "all colleagues, the authors", When: "the address is verified",
			Repeats: "once",
			Answers: []Answer{{Command: "DONE", Label: "It is distributed"}},
		},
		{
			Data: NotVerified{}, What: "asks the lead to mend or confirm the publication",
			Needs: []string{"Problem"},
			To:    "the distribution lead", When: "the address is not verified, or the distribution not confirmed",
			Repeats: "daily, on the lead days", Stops: "both are there", Recurring: true,
			Answers: []Answer{{Command: "DONE", Label: "It is distributed"}},
		},
		{
			Data: NotVerifiedEditor{}, What: "tells the editor that a publication is not verified, or its distribution not confirmed",
			Needs: []string{"Problem"},
			To:    "the editor", When: "on the day after the last lead day", Dated: true,
			Repeats: "once", Stops: "both are there", Recurring: true,
		},
		{
			Data: Verified{}, What: "tells that a piece is published, verified and closed",
			To: "the editor and the lead", When: "both are there",
			Repeats: "once",
		},
		{
			Data: ThankYou{}, What: "thanks everybody who had a part",
			To: "each of them", When: "the piece is closed",
			Repeats: "once",
		},
	}
}

func answersToMail() []Entry {
	return []Entry{
		{
			Data: Receipt{}, What: "confirms what was filed on a contributor's behalf",
			Needs: []string{"Files", "Links", "Skipped"},
			To:    "the sender", When: "a mail is filed",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Held{}, What: "tells a contributor that a person has to look at their mail",
			Needs: []string{"Candidates"},
			To:    "the sender", When: "a mail is held",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Oversize{}, What: "tells a sender that a mail is too large",
			Needs: []string{"Limit"},
			To:    "the sender", When: "a mail exceeds max_size",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Infected{}, What: "tells a sender that malware was found",
			To: "the sender", When: "the scanner finds something",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Redirect{}, What: "tells an unknown sender how to reach the team",
			To: "the sender", When: "policy redirects a stranger",
			Repeats: "once a day and address", Asked: true,
		},
		{
			Data: RedirectInternal{}, What: "tells a colleague to use the tool",
			To: "the colleague", When: "policy redirects a colleague",
			Repeats: "once a day and address", Asked: true,
		},
		{
			Data: RedirectFirm{}, What: "tells a colleague more firmly to use the tool",
			To: "the colleague", When: "their nth mail goes around the tool",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: RedirectOutside{}, What: "tells a contributor that a step is not served by mail",
			To: "the contributor", When: "policy redirects an outside contributor",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Noted{}, What: "confirms what a short mail did",
			To: "the sender", When: "a mail accepts, declines, grants, confirms and the like",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: NotDone{}, What: "says why what a mail asks for was not done",
			Needs: []string{"Reason"},
			To:    "the sender", When: "a mail asks for what is not possible",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Closed{}, What: "answers mail on a piece that is closed or cancelled",
			To: "the sender", When: "mail comes about such a piece",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Status{}, What: "says where a contributor's pieces stand",
			Needs: []string{"Items"},
			To:    "the sender", When: "a mail asks for the status",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Help{}, What: "says how to work by mail",
			To: "the sender", When: "a mail asks for help",
			Repeats: "once a mail", Asked: true,
		},
		{
			Data: Muted{}, What: "confirms that a kind of reminder is muted",
			To: "the sender", When: "a mail asks to stop one",
			Repeats: "once a mail", Asked: true,
		},
	}
}

func forEditors() []Entry {
	return []Entry{
		{
			Data: HeldEditor{}, What: "tells an editor that a mail waits for a decision",
			Needs: []string{"MailID", "Candidates", "Reason"},
			To:    "the likeliest piece's editor, or who does the triage", When: "a mail is held",
			Repeats: "once a mail",
		},
		{
			Data: Bounced{}, What: "tells the editor that an address takes no mail, or did not take this one",
			Needs: []string{"Address"},
			To:    "the editor", When: "a notice comes back for good",
			Repeats: "once a notice; of mails lost to an address that is all right, once a day and address",
		},
		{
			Data: TextBroken{}, What: "tells an admin that a text of the team's own is not used",
			Needs: []string{"File", "Problem"},
			To:    "the admins", When: "the texts are read and one of the team's own is wrong, as after an update, or one cannot be used on a mail",
			Repeats: "once a version of the text",
		},
		{
			Data: AnswersStopped{}, What: "tells that mails are not answered automatically for now",
			To: "the admins, or who does the triage", When: "there were too many automatic answers in a few minutes",
			Repeats: "once each time",
		},
		{
			Data: ContributorAway{}, What: "tells the editor that who has a step is away, paused or gone",
			To: "the editor", When: "the owner is away, paused or gone before the step is due",
			Repeats: "once each", Recurring: true,
		},
		{
			Data: BypassesEditor{}, What: "tells the editor of a colleague who keeps mailing around the tool",
			To: "the editor", When: "after one more mail once the firmer text went out",
			Repeats: "once a day", Stops: "the colleague uses the tool",
		},
		{
			Data: Weekly{}, What: "is the week's list of what is outstanding",
			Needs: []string{"Items"},
			To:    "every editor", When: "once a week", Dated: true,
			Repeats: "weekly, skipped when empty", Recurring: true, List: true,
		},
		{
			Data: Digest{}, What: "is the day's list of what waits for somebody",
			Needs: []string{"Items"},
			To:    "who asked for it", When: "once a day", Dated: true,
			Repeats: "daily, skipped when empty", Stops: "they stop it", Recurring: true, List: true,
		},
		{
			Data: HeldDigest{}, What: "lists the mails that wait for a decision",
			Needs: []string{"Mails"},
			To:    "who does the triage", When: "mails are held", Dated: true,
			Repeats: "daily, skipped when empty", Stops: "they are decided on", Recurring: true, List: true,
		},
	}
}
