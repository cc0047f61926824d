package mailtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Faults is a TCP proxy in front of a server that can be told to misbehave.
type Faults struct {
	Addr string // host:port that clients connect to

	target string
	ln     net.Listener
	wg     sync.WaitGroup

	mu       sync.Mutex
	ready    *sync.Cond // silent or closed changed
	conns    map[net.Conn]struct{}
	accepted int
	silent   bool
	refuse   bool
	closed   bool
	cutAfter int64 // bytes from the server until the next connection is cut; -1: never
}

// StartFaults listens on a free port and passes everything on to target until told otherwise.
func StartFaults(target string) (*Faults, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	f := &Faults{Addr: ln.Addr().String(), target: target, ln: ln, conns: map[net.Conn]struct{}{}, cutAfter: -1}
	f.ready = sync.NewCond(&f.mu)
	f.wg.Go(f.serve)
	return f, nil
}

// Close cuts everything and ends the proxy.
func (f *Faults) Close() error {
	f.mu.Lock()
	f.closed = true
	f.ready.Broadcast()
	f.mu.Unlock()
	err := f.ln.Close()
	f.Cut()
	f.wg.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Cut closes every open connection.
func (f *Faults) Cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		_ = c.Close()
	}
}

// CutAfter lets the next connection pass n more bytes from the server and then cuts it, in the middle of whatever it says.
func (f *Faults) CutAfter(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cutAfter = n
}

// Silence holds back what either side says while on; connections stay open.
func (f *Faults) Silence(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.silent = on
	f.ready.Broadcast()
}

// Refuse closes new connections at once while on.
func (f *Faults) Refuse(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = on
}

// Accepted is how many connections were made.
func (f *Faults) Accepted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accepted
}

func (f *Faults) serve() {
	for {
		c, err := f.ln.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.accepted++
		refuse, budget := f.refuse || f.closed, f.cutAfter
		f.cutAfter = -1
		f.mu.Unlock()
		if refuse {
			_ = c.Close()
			continue
		}
		f.wg.Go(func() { f.pass(c, budget) })
	}
}

func (f *Faults) pass(client net.Conn, budget int64) {
	server, err := net.Dial("tcp", f.target)
	if err != nil {
		_ = client.Close()
		return
	}
	f.mu.Lock()
	f.conns[client], f.conns[server] = struct{}{}, struct{}{}
	if f.closed {
		_ = client.Close()
		_ = server.Close()
	}
	f.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { f.copy(server, client, -1) })
	f.copy(client, server, budget)
	both.Wait()
	f.mu.Lock()
	delete(f.conns, client)
	delete(f.conns, server)
	f.mu.Unlock()
}

// copy passes bytes on until either side ends, or budget bytes have passed, and closes both.
func (f *Faults) copy(to io.WriteCloser, from io.ReadCloser, budget int64) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for budget != 0 {
		p := buf
		if budget > 0 {
			p = buf[:min(int64(len(buf)), budget)]
		}
		n, err := from.Read(p)
		if n > 0 {
			f.mu.Lock()
			for f.silent && !f.closed {
				f.ready.Wait()
			}
			f.mu.Unlock()
			if _, err := to.Write(p[:n]); err != nil {
				return
			}
			if budget > 0 {
				budget -= int64(n)
			}
		}
		if err != nil {
			return
		}
	}
}
