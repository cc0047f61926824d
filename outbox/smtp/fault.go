package smtp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"syscall"

	"handoff/outbox"
)

// replyOf is the server's answer in err's chain; ok is false if the connection failed instead.
func replyOf(err error) (code int, ok bool) {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code, true
	}
	return 0, false
}

// refused is a failure of one mail at one command.
func refused(command string, err error) *outbox.SendError {
	code, ok := replyOf(err)
	if !ok {
		return &outbox.SendError{Err: fmt.Errorf("%s: %w", command, plainly(err))}
	}
	return &outbox.SendError{Code: code, Permanent: code >= 500, Status: statusOf(err), Err: fmt.Errorf("%s refused: %w", command, err)}
}

// statusOf is the enhanced status code that an answer begins with (RFC 2034), "" without one.
func statusOf(err error) string {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return ""
	}
	word, _, _ := strings.Cut(strings.TrimSpace(reply.Msg), " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || len(word) > len("5.999.999") {
		return ""
	}
	for _, part := range parts {
		if _, err := strconv.ParseUint(part, 10, 16); err != nil {
			return ""
		}
	}
	return word
}

// aboutUs tells that a refusal is of our sender or of this machine, and so the same for every mail. Postfix judges them at RCPT only,
// Microsoft 365 after the content.
func aboutUs(fault *outbox.SendError) bool {
	if !fault.Permanent {
		return false
	}
	switch fault.Status {
	case "5.1.7", "5.1.8", "5.7.60", "5.2.252": // the sender's address is wrong, its domain is, we may not send as it (twice)
		return true
	}
	said := strings.ToLower(fault.Error())
	for _, words := range []string{"not owned by user", "client host rejected", "helo command rejected", "sendasdenied"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// unreachable is a failure that every mail would meet.
func unreachable(format string, args ...any) *outbox.SendError {
	err := fmt.Errorf(format, args...)
	code, _ := replyOf(err)
	return &outbox.SendError{Code: code, Connection: true, Err: err}
}

// plainly puts faults of the network and of TLS into words that say what to do.
func plainly(err error) error {
	var (
		hostname    x509.HostnameError
		authority   x509.UnknownAuthorityError
		invalid     x509.CertificateInvalidError
		record      tls.RecordHeaderError
		dns         *net.DNSError
		timeout     net.Error
		explanation string
	)
	switch {
	case errors.As(err, &hostname):
		explanation = "the certificate is for another name: use the server's name as it stands there"
	case errors.As(err, &authority):
		explanation = "the certificate is signed by nobody this machine trusts"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		explanation = "the certificate has expired or is not valid yet"
	case errors.As(err, &record):
		explanation = "the server does not speak TLS here: try tls = \"starttls\", or port 465"
	case errors.As(err, &dns):
		explanation = "there is no such server name: check the address"
	case errors.Is(err, syscall.ECONNREFUSED):
		explanation = "nothing answers at this address and port"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		explanation = "no answer in time: check address, port and tls"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		explanation = "the server hung up"
	default:
		return err
	}
	return fmt.Errorf("%s (%w)", explanation, err)
}
