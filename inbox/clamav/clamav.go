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
	chunk       = 64 << 10        // bytes that are sent at once
	maxAnswer   = 4 << 10         // bytes of an answer
	dialTimeout = 5 * time.Second // and for a version
	scanTimeout = 2 * time.Minute
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
// inbox.ErrNoScanner when clamd cannot be reached, or does not answer at all; any other is about this content alone. Of the time
// that ctx leaves, a part is kept for finding out which of the two it is.
func (c *Client) Scan(ctx context.Context, r io.Reader) (finding string, err error) {
	patient, cancel := context.WithTimeout(ctx, patience(ctx))
	defer cancel()
	answer, err := c.ask(patient, "INSTREAM", r)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, new(sourceError)), errors.Is(err, inbox.ErrNoScanner):
		return "", err
	case err != nil: // it does not answer this, or nothing at all
		if _, dead := c.Version(ctx); dead != nil {
			return "", fmt.Errorf("%w: %w", inbox.ErrNoScanner, err)
		}
		return "", err
	}
	result, ok := strings.CutPrefix(answer, "stream: ")
	name, found := strings.CutSuffix(result, " FOUND")
	switch {
	case ok && found && strings.TrimSpace(name) == "":
		return "unnamed", nil
	case ok && found:
		return name, nil
	case result == "OK":
		return "", nil
	case strings.Contains(answer, "size limit exceeded"):
		return "", errors.New("it is larger than the malware scanner takes (StreamMaxLength of clamd)")
	}
	return "", fmt.Errorf("the malware scanner says: %s", answer)
}

// patience is how long one scan may take: three quarters of what ctx leaves.
func patience(ctx context.Context) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		return scanTimeout
	}
	return min(scanTimeout, time.Until(end)*3/4)
}

// Version asks which program and signatures answer, as a check that they do.
func (c *Client) Version(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return c.ask(ctx, "VERSION", nil)
}

// ask sends a command, and content behind it if there is any, and returns the answer. What clamd says before it has got all, as
// that it is too much, counts; "OK" said so early does not.
func (c *Client) ask(ctx context.Context, command string, content io.Reader) (string, error) {
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
	_, sent := io.WriteString(conn, "z"+command+"\x00")
	if sent == nil && content != nil {
		sent = stream(conn, content)
	}
	if errors.As(sent, new(sourceError)) {
		return "", sent
	}
	answer, err := bufio.NewReader(io.LimitReader(conn, maxAnswer)).ReadString(0)
	answer = strings.TrimSpace(strings.TrimSuffix(answer, "\x00"))
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("the malware scanner takes too long: %w", ctx.Err())
	case answer == "":
		return "", fmt.Errorf("the malware scanner does not answer: %w", errors.Join(err, sent))
	case sent != nil && strings.HasSuffix(answer, "OK"):
		return "", sent
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
