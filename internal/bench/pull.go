package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/sync/errgroup"
)

// Login is where the benchmark's mailbox is.
type Login struct {
	Addr, User, Password string
	Folder               string
}

func (l Login) flags() []string {
	return []string{"-addr", l.Addr, "-user", l.User, "-folder", l.Folder}
}

// dial logs in.
func (l Login) dial(options *imapclient.Options) (*imapclient.Client, error) {
	c, err := imapclient.DialInsecure(l.Addr, options)
	if err != nil {
		return nil, err
	}
	if err := c.Login(l.User, l.Password).Wait(); err != nil {
		return nil, errors.Join(fmt.Errorf("log in to %s as %s: %w", l.Addr, l.User, err), c.Close())
	}
	return c, nil
}

const (
	childPull    = "pull"
	passwordEnv  = "BENCH_IMAP_PASSWORD"
	floorWriters = 4
)

// pullChild is yardstick (a), and (b) when given a directory.
func pullChild(ctx context.Context, args []string) error {
	l := Login{Password: os.Getenv(passwordEnv)}
	var dir string
	err := flags(childPull, args, func(f *flag.FlagSet) {
		f.StringVar(&l.Addr, "addr", "", "IMAP server")
		f.StringVar(&l.User, "user", "", "IMAP user")
		f.StringVar(&l.Folder, "folder", "INBOX", "IMAP folder")
		f.StringVar(&dir, "store", "", "write each mail to a file of its own in this directory")
	})
	if err != nil {
		return err
	}
	var mails int
	if dir == "" {
		mails, err = pull(l, func(_ int64, body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			return err
		})
	} else {
		mails, err = pullDurably(ctx, l, dir)
	}
	if err != nil {
		return err
	}
	fmt.Println(mails)
	return nil
}

// pull fetches every mail of the folder by the IMAP library, in one FETCH.
func pull(l Login, each func(size int64, body io.Reader) error) (int, error) {
	c, err := l.dial(nil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	selected, err := c.Select(l.Folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return 0, err
	}
	if selected.NumMessages == 0 {
		return 0, nil
	}
	var all imap.UIDSet
	all.AddRange(1, selected.UIDNext-1)
	cmd := c.Fetch(all, &imap.FetchOptions{
		UID: true, RFC822Size: true, InternalDate: true, Flags: true,
		BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	})
	mails := 0
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok {
				continue
			}
			if body.Literal == nil {
				return mails, fmt.Errorf("mail %d has no body", m.SeqNum)
			}
			if err := each(body.Literal.Size(), body.Literal); err != nil {
				return mails, err
			}
			mails++
		}
	}
	return mails, cmd.Close()
}

// pullDurably writes each mail to a file named by its hash: written, fsynced and renamed by one of four writers.
func pullDurably(ctx context.Context, l Login, dir string) (int, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	work := make(chan *bytes.Buffer)
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	writers, ctx := errgroup.WithContext(ctx)
	for range floorWriters {
		writers.Go(func() error {
			for raw := range work {
				if err := writeDurably(dir, raw.Bytes()); err != nil {
					return err
				}
				buffers.Put(raw)
			}
			return nil
		})
	}
	mails, err := pull(l, func(size int64, body io.Reader) error {
		raw := buffers.Get().(*bytes.Buffer)
		raw.Reset()
		raw.Grow(int(size) + bytes.MinRead)
		if _, err := raw.ReadFrom(body); err != nil {
			return err
		}
		select {
		case work <- raw:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(work)
	return mails, errors.Join(writers.Wait(), err)
}

func writeDurably(dir string, raw []byte) error {
	sum := sha256.Sum256(raw)
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return err
	}
	if _, err := f.Write(raw); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, hex.EncodeToString(sum[:])))
}
