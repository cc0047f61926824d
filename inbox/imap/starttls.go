package imap

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"handoff/inbox"
)

// mostLines is how much a server may say before TLS begins.
const mostLines = 100

// startTLS turns TLS on (RFC 9051, section 6.2.1). Nothing that was said in the clear is believed later on: whoever is on the way may
// have said it. It is done here and not by the library, so that what is written below TLS is ours to see, as SCRAM needs.
func (c Config) startTLS(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	r := bufio.NewReader(conn)
	greeting, err := plainLine(r)
	if err != nil {
		return nil, c.explain(err)
	}
	switch _, kind, text := response(greeting); kind {
	case "OK":
	case "BYE":
		return nil, fmt.Errorf("%s lets nobody in now: %s", c.Addr, text)
	case "PREAUTH":
		return nil, fmt.Errorf("%w: %s takes us as logged in before TLS began, which is no way to start: use tls with port 993", inbox.ErrRefused, c.Addr)
	default:
		return nil, fmt.Errorf("%s does not speak IMAP in the clear: use tls with port 993, or starttls with port 143", c.Addr)
	}
	const tag = "S1"
	if _, err := conn.Write([]byte(tag + " STARTTLS\r\n")); err != nil {
		return nil, c.explain(err)
	}
	for range mostLines {
		line, err := plainLine(r)
		if err != nil {
			return nil, c.explain(err)
		}
		of, kind, text := response(line)
		switch {
		case of == "*" && kind == "BYE":
			return nil, fmt.Errorf("%s lets nobody in now: %s", c.Addr, text)
		case of != tag:
			continue
		case kind != "OK":
			return nil, fmt.Errorf("%w: %s does not offer STARTTLS: use tls with port 993: %s %s", inbox.ErrRefused, c.Addr, kind, text)
		case r.Buffered() > 0: // it was put in on the way (RFC 9051, section 11.1)
			return nil, fmt.Errorf("%s says more before TLS begins than it may", c.Addr)
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, c.explain(err)
		}
		return &greetedConn{Conn: secured, greeting: "* OK ready\r\n"}, nil
	}
	return nil, fmt.Errorf("%s does not answer STARTTLS", c.Addr)
}

// plainLine reads a line of at most the reader's buffer.
func plainLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errors.New("the server's first lines have no end")
	}
	return strings.TrimRight(string(line), "\r\n"), err
}

// response takes a status response apart.
func response(line string) (tag, kind, text string) {
	tag, line, _ = strings.Cut(line, " ")
	kind, text, _ = strings.Cut(line, " ")
	return tag, strings.ToUpper(kind), text
}

// greetedConn begins with a greeting: after STARTTLS a server gives none, and the library waits for it.
type greetedConn struct {
	net.Conn
	greeting string
}

func (c *greetedConn) Read(p []byte) (int, error) {
	if c.greeting == "" {
		return c.Conn.Read(p)
	}
	n := copy(p, c.greeting)
	c.greeting = c.greeting[n:]
	return n, nil
}
