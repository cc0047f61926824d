package inbox

import (
	"strings"
)

// trueAuthor undoes the rewriting of From by which lists and groups survive DMARC: "Name via List <list@host>". The author
// is then in a header the list left; Reply-To counts only there, for it says where to answer, not who wrote.
func trueAuthor(h header, m *Message) (Address, string) {
	rewritten, name := rewrittenName(m.From.Name)
	listed := h.has("List-Id") || h.has("List-Post") || h.has("Mailing-List") || h.has("X-Google-Group-Id") || h.has("X-Original-From")
	if !rewritten && !listed {
		return Address{}, ""
	}
	for _, header := range []string{"X-Original-From", "Original-From", "X-Original-Sender", "X-Reply-To-Original", "Author"} {
		a := firstAddress(h, header)
		if strings.Contains(a.Address, "@") && !strings.EqualFold(a.Address, m.From.Address) {
			if !rewritten && !listAddress(h, m.From) {
				continue
			}
			if n := strings.TrimSpace(a.Name); n == "" {
				a.Name = name
			}
			return a, "the list rewrote From; " + header + " names the author"
		}
	}
	if !rewritten || !listed && m.Sender.Address == "" {
		return Address{}, ""
	}
	// Mailman puts the author into Reply-To beside the list, Google Groups alone.
	for _, a := range m.ReplyTo {
		if !strings.EqualFold(a.Address, m.From.Address) && !listAddress(h, a) {
			if a.Name == "" {
				a.Name = name
			}
			return a, "the list rewrote From (\"" + m.From.Name + "\"); its Reply-To names the author"
		}
	}
	for _, a := range m.Cc {
		if name != "" && strings.EqualFold(a.Name, name) {
			return a, "the list rewrote From (\"" + m.From.Name + "\"); the author is in Cc"
		}
	}
	return Address{}, ""
}

// rewrittenName takes the author out of "Author via List" in the languages of the list servers.
func rewrittenName(name string) (bool, string) {
	low := strings.ToLower(name)
	for _, w := range []string{" via ", " über ", " par l'intermédiaire de ", " através de ", " tramite ", " przez ", " через "} {
		if i := strings.LastIndex(low, w); i > 0 && len(low) == len(name) {
			return true, strings.Trim(name[:i], `'" `)
		}
	}
	return false, ""
}

// listAddress tells whether a is the list's own.
func listAddress(h header, a Address) bool {
	for _, name := range []string{"List-Post", "Mailing-List", "X-BeenThere", "List-Id", "Sender", "X-Mailing-List"} {
		for _, v := range h.all(name) {
			v = strings.ToLower(v)
			low := strings.ToLower(a.Address)
			if strings.Contains(v, low) || name == "List-Id" && strings.Contains(v, "<"+strings.Replace(low, "@", ".", 1)+">") {
				return true
			}
		}
	}
	return false
}
