package templates

// AnswersStopped tells an admin that mails are not answered automatically for now, because there were too many answers.
type AnswersStopped struct {
	Base
	Count   int    // of answers that were too many
	Minutes int    // within which they were
	Calm    int    // minutes of calm after which answers begin again
	Sender  string // address of the mail that was the first not to be answered, "" none
}

func (AnswersStopped) Template() string { return "answers_stopped" }
