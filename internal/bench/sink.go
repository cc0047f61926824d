package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"sync"
)

// sink is an SMTP server on loopback that takes every mail.
type sink struct {
	addr  string
	spool string // a directory: each mail is flushed to a file there before it is taken; "": forgotten

	listener net.Listener
	wg       sync.WaitGroup
}

func startSink(spool string) (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &sink{addr: l.Addr().String(), spool: spool, listener: l}
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.session(c) })
		}
	})
	return s, nil
}

func (s *sink) close() error {
	err := s.listener.Close()
	s.wg.Wait()
	return err
}

func (s *sink) session(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 64<<10)
	say := func(text string) bool {
		_, err := c.Write([]byte(text + "\r\n"))
		return err == nil
	}
	var mail bytes.Buffer
	ok := say("220 sink.example ESMTP")
	for ok {
		line, err := r.ReadSlice('\n')
		if err != nil || len(line) < 4 {
			return
		}
		switch string(bytes.ToUpper(line[:4])) {
		case "EHLO":
			ok = say("250-sink.example\r\n250 8BITMIME")
		case "DATA":
			ok = say("354 go on") && s.data(r, &mail) && s.keep(mail.Bytes()) == nil && say("250 2.0.0 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			ok = say("250 2.0.0 ok")
		}
	}
}

func (s *sink) data(r *bufio.Reader, mail *bytes.Buffer) bool {
	mail.Reset()
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
		if string(line) == ".\r\n" {
			return true
		}
		mail.Write(line)
	}
}

// keep flushes a mail before it is answered for (RFC 5321, section 4.2.5), as one file, written over the last one.
func (s *sink) keep(mail []byte) error {
	if s.spool == "" {
		return nil
	}
	f, err := os.Create(filepath.Join(s.spool, "mail"))
	if err != nil {
		return err
	}
	_, err = f.Write(mail)
	return errors.Join(err, f.Sync(), f.Close())
}

// letter is a mail with its envelope.
type letter struct {
	from, to string
	raw      []byte
}

// sendBare sends letters over one connection by the standard library's client, one after the other.
func sendBare(addr string, letters []letter) error {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, l := range letters {
		if err := errors.Join(c.Mail(l.from), c.Rcpt(l.to)); err != nil {
			return err
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		_, err = w.Write(l.raw)
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
	}
	return c.Quit()
}
