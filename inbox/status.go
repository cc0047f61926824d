package inbox

import (
	"strings"

	"handoff/internal/refusal"
)

// enhancedStatus finds the first RFC 3463 code in s. Parts of IP addresses and versions are none.
func enhancedStatus(s string) string {
	code, _ := cutStatus(s)
	return code
}

// cutStatus finds the first RFC 3463 code in s, and what stands behind it.
func cutStatus(s string) (code, rest string) {
	for i := 0; i+4 < len(s); i++ {
		if (s[i] != '2' && s[i] != '4' && s[i] != '5') || s[i+1] != '.' || i > 0 && (digit(s[i-1]) || s[i-1] == '.' || letter(s[i-1])) {
			continue
		}
		j := i + 2
		for j < len(s) && digit(s[j]) && j < i+5 {
			j++
		}
		if j == i+2 || j >= len(s) || s[j] != '.' {
			continue
		}
		k := j + 1
		for k < len(s) && digit(s[k]) && k < j+4 {
			k++
		}
		if k == j+1 || k < len(s) && (digit(s[k]) || s[k] == '.' && k+1 < len(s) && digit(s[k+1]) || letter(s[k]) || s[k] == '-' && k+1 < len(s) && digit(s[k+1])) {
			continue
		}
		return s[i:k], s[k:]
	}
	return "", ""
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// failureStatus finds the code in s that tells best why a delivery failed: of the enhanced ones the first that names the
// reason, else the first that names its subject, else the first; without any, x.0.0 from an SMTP reply code. What went well
// (2.x.x) is passed over; "" if nothing failed.
func failureStatus(s string) string {
	best, rank := "", -1
	for code, rest := cutStatus(s); code != ""; code, rest = cutStatus(rest) {
		r := 2
		switch {
		case code[0] == '2':
			continue
		case strings.HasSuffix(code, ".0.0"):
			r = 0
		case strings.HasSuffix(code, ".0"):
			r = 1
		}
		if r > rank {
			best, rank = code, r
		}
		if rank == 2 {
			break
		}
	}
	if best != "" {
		return best
	}
	if c := replyClass(s); c != 0 {
		return string(c) + ".0.0"
	}
	return ""
}

// replyClass is the first digit of the first SMTP reply code in s that refuses, '4' or '5'; 0 if there is none.
func replyClass(s string) byte {
	for i := 0; i+2 < len(s); i++ {
		if (s[i] == '4' || s[i] == '5') && s[i+1] >= '0' && s[i+1] <= '7' && digit(s[i+2]) &&
			(i == 0 || !digit(s[i-1]) && !letter(s[i-1]) && strings.IndexByte(".@=-+", s[i-1]) < 0) &&
			(i+3 == len(s) || strings.IndexByte(" -\n:,;", s[i+3]) >= 0) {
			return s[i]
		}
	}
	return 0
}

// byPolicy tells that a server's own words, without a code, refuse the mail and say nothing of its recipient: the code beside them
// is then x.0.0 or 5.1.1 whatever they say.
func byPolicy(code, diagnostic string) bool {
	return code != "" && code[0] != '2' && exactness(code) < 3 && enhancedStatus(diagnostic) == "" && refusal.ByPolicy(diagnostic)
}

// preferStatus chooses between the code of a Status field and the one in a server's own words, the diagnostic. Systems fill
// the field with what they know themselves: that something failed, that time ran out, that a command was refused.
func preferStatus(field, diagnostic string) string {
	words := failureStatus(diagnostic)
	switch {
	case words == "" || field != "" && field[0] == '2':
		return field
	case field == "":
		return words
	case field[0] != words[0]:
		if enhancedStatus(diagnostic) == words && (replyClass(diagnostic) == words[0] || exactness(field) == 0) {
			return words
		}
		return field
	case exactness(words) > exactness(field) || exactness(words) == exactness(field) && exactness(field) < 3:
		return words
	}
	return field
}

// exactness tells how much a code says, from 0 for its class alone.
func exactness(code string) int {
	subject := code[1:]
	switch {
	case strings.HasSuffix(code, ".0.0"):
		return 0
	case strings.HasSuffix(code, ".0"), strings.HasPrefix(subject, ".3."), strings.HasPrefix(subject, ".5."), subject == ".4.7":
		return 1
	case code == "5.1.1": // also what any refused RCPT becomes
		return 2
	}
	return 3
}
