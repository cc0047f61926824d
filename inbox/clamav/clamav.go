// Package clamav asks a ClamAV daemon whether content is infected, by the INSTREAM command of clamd(8).
package clamav

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"handoff/inbox"
)

const (
	chunk       = 64 << 10 // bytes that are sent at once
	maxAnswer   = 4 << 10  // bytes of an answer
	dialTimeout = 5 * time.Second
)

// Client is one clamd. It connects anew for every question.
type Client struct {
	network, address string
}

// New takes "unix:/run/clamav/clamd.ctl", the path alone, or "host:port".
func New(address string) (*Client, error) {
	path, unix := strings.CutPrefix(address, "unix:")
	if unix || strings.HasPrefix(address, "/") {
		if path == "" {
			return nil, fmt.Errorf("%q names no socket", address)
		}
		return &Client{"unix", path}, nil
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(address, "tcp:"))
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("%q is neither host:port nor unix:/path/of/the/socket", address)
	}
	return &Client{"tcp", net.JoinHostPort(host, port)}, nil
}

// Scan sends everything that r gives. It returns the name of what was found, "" for nothing. The error wraps
// inbox.ErrNoScanner when clamd cannot be reached at all; any other is about this content alone.
func (c *Client) Scan(ctx context.Context, r io.Reader) (finding string, err error) {
	var failed error // of r or of sending; clamd may have said why before
	answer, err := c.ask(ctx, "INSTREAM", func(w io.Writer) {
		failed = stream(w, r)
	})
	if err != nil {
		return "", errors.Join(err, failed)
	}
	result, ok := strings.CutPrefix(answer, "stream: ")
	name, found := strings.CutSuffix(result, " FOUND")
	switch {
	case ok && found:
		return name, nil
	case failed != nil && errors.As(failed, new(sourceError)):
		return "", failed
	case result == "OK": // said before all was sent, it is worth nothing
		return "", failed
	case strings.Contains(answer, "size limit exceeded"):
		return "", fmt.Errorf("it is larger than the malware scanner takes (StreamMaxLength of clamd)")
	}
	return "", fmt.Errorf("the malware scanner says: %s", answer)
}

// Version asks which program and signatures answer, as a check that they do.
func (c *Client) Version(ctx context.Context) (string, error) {
	return c.ask(ctx, "VERSION", func(io.Writer) {})
}

// ask sends a command and what send adds, and returns the answer.
func (c *Client) ask(ctx context.Context, command string, send func(io.Writer)) (string, error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, c.network, c.address)
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%w: %w", inbox.ErrNoScanner, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(conn, "z"+command+"\x00"); err == nil {
		send(conn)
	}
	answer, err := bufio.NewReader(io.LimitReader(conn, maxAnswer)).ReadString(0)
	answer = strings.TrimSpace(strings.TrimSuffix(answer, "\x00"))
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case answer == "" && err != nil:
		return "", fmt.Errorf("the malware scanner at %s does not answer: %w", c.address, err)
	}
	return answer, nil
}

// sourceError is what reading the content gave.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

// stream sends r in chunks, each behind its length, and the empty one that ends them.
func stream(w io.Writer, r io.Reader) error {
	buf := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(r, buf[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return sourceError{err}
		}
		binary.BigEndian.PutUint32(buf, uint32(n))
		if _, err := w.Write(buf[:4+n]); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
