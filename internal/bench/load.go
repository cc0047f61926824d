package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/sync/errgroup"
)

// load appends the whole corpus to the folder, in order, and tells how many bytes that were.
func load(ctx context.Context, l Login, corpus *Corpus) (int64, error) {
	c, err := l.dial(nil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()

	// One mail is made while the one before it goes out.
	ready, free := make(chan []byte, 1), make(chan []byte, 2)
	free <- nil
	free <- nil
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(ready)
		for i := range corpus.Size {
			select {
			case buf := <-free:
				ready <- corpus.Append(buf[:0], i)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var bytes int64
	group.Go(func() error {
		bar := newProgress("mails loaded", corpus.Size)
		done := 0
		for raw := range ready {
			cmd := c.Append(l.Folder, int64(len(raw)), &imap.AppendOptions{Time: time.Now()})
			_, err := cmd.Write(raw)
			if err := errors.Join(err, cmd.Close()); err != nil {
				return fmt.Errorf("append mail %d: %w", done, err)
			}
			if _, err := cmd.Wait(); err != nil {
				return fmt.Errorf("append mail %d: %w", done, err)
			}
			bytes += int64(len(raw))
			done++
			bar.set(done)
			free <- raw
		}
		bar.end()
		return nil
	})
	return bytes, group.Wait()
}
