package smtp

// begin gives the envelope and asks to send the mail: with no sender for automatic replies, unless this server wants one. An
// error is that of the first command that was refused; at says what it was about.
func (c *connection) begin(e envelope) (at string, err error) {
	if !e.null || c.noNull {
		return c.commands(e, e.from)
	}
	at, err = c.commands(e, "")
	if code, ok := replyOf(err); !ok || code < 500 || at != "sender" || c.spent {
		return at, err
	}
	c.noNull = true
	if err := c.client.Reset(); err != nil {
		return at, err
	}
	return c.commands(e, e.from)
}

// commands sends MAIL, RCPT and DATA: at once where the server takes that (PIPELINING, RFC 2920), which spares two journeys to it
// and back, else each after the answer to the one before.
func (c *connection) commands(e envelope, from string) (at string, err error) {
	mail := "MAIL FROM:<" + from + ">"
	if ok, _ := c.client.Extension("8BITMIME"); ok {
		mail += " BODY=8BITMIME"
	}
	if e.utf8 {
		mail += " SMTPUTF8"
	}
	text := c.client.Text
	steps := []struct {
		about, command string
		wants          int
	}{{"sender", mail, 250}, {"recipient", "RCPT TO:<" + e.to + ">", 25}, {"mail", "DATA", 354}}
	together, _ := c.client.Extension("PIPELINING")
	if together {
		for _, s := range steps {
			text.W.WriteString(s.command + "\r\n") // an error stays until Flush
		}
		if err := text.W.Flush(); err != nil {
			return "sender", err
		}
	}
	for _, s := range steps {
		if !together {
			if err := text.PrintfLine("%s", s.command); err != nil {
				return s.about, err
			}
		}
		switch _, _, failed := text.ReadResponse(s.wants); {
		case failed == nil && err == nil:
		case failed == nil && s.command == "DATA": // it waits for a mail all the same, and shall not get an empty one
			c.spent = true
		case err == nil:
			if at, err = s.about, failed; !together {
				return at, err
			}
			if _, ok := replyOf(failed); !ok {
				return at, err
			}
		default:
			if _, ok := replyOf(failed); !ok {
				c.spent = true
				return at, err
			}
		}
	}
	return at, err
}
