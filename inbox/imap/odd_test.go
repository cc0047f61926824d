package imap_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"handoff/inbox"
)

// oddServer is an IMAP server with three mails, UID 10, 20 and 30, that tells no UIDNEXT and answers FETCH of bodies as body
// says; with the status hangUp it closes the connection.
type oddServer struct {
	body func(w io.Writer, uids []uint32) (status string)
	list func(w io.Writer) // says something before the answer to the FETCH of sizes
	bare uint32            // of this mail it never tells size and date
	date string            // of the second mail, "" for a good one
}

const hangUp = ""

func (s oddServer) start(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return ln.Addr().String()
}

func (s oddServer) serve(c net.Conn) {
	defer c.Close()
	fmt.Fprint(c, "* OK [CAPABILITY IMAP4rev1] ready\r\n")
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		tag, cmd, _ := strings.Cut(lines.Text(), " ")
		status := "OK"
		switch {
		case cmd == "CAPABILITY":
			fmt.Fprint(c, "* CAPABILITY IMAP4rev1\r\n")
		case strings.HasPrefix(cmd, "SELECT"):
			fmt.Fprint(c, "* 3 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\n")
		case strings.HasPrefix(cmd, "FETCH 3 "):
			fmt.Fprint(c, "* 3 FETCH (UID 30)\r\n")
		case strings.HasPrefix(cmd, "UID FETCH") && strings.Contains(cmd, "BODY.PEEK[]"):
			status = s.body(c, uids(cmd))
		case strings.HasPrefix(cmd, "UID FETCH"):
			if s.list != nil {
				s.list(c)
			}
			for _, uid := range uids(cmd) {
				if uid == s.bare {
					fmt.Fprintf(c, "* %d FETCH (UID %d FLAGS ())\r\n", uid/10, uid)
					continue
				}
				fmt.Fprintf(c, "* %d FETCH (UID %d RFC822.SIZE 8", uid/10, uid)
				if strings.Contains(cmd, "INTERNALDATE") {
					date := "02-Mar-2026 09:00:00 +0000"
					if uid == 20 {
						date = cmp.Or(s.date, date)
					}
					fmt.Fprintf(c, " INTERNALDATE %q FLAGS ()", date)
				}
				fmt.Fprint(c, ")\r\n")
			}
		}
		if status == hangUp {
			return
		}
		fmt.Fprintf(c, "%s %s done\r\n", tag, status)
	}
}

// uids are those of the three mails that a "UID FETCH set …" means.
func uids(cmd string) (l []uint32) {
	set := strings.Fields(cmd)[2]
	for uid := uint32(10); uid <= 30; uid += 10 {
		for r := range strings.SplitSeq(set, ",") {
			from, to, ranged := strings.Cut(r, ":")
			if !ranged {
				to = from
			}
			a, _ := strconv.ParseUint(from, 10, 32)
			b, _ := strconv.ParseUint(to, 10, 32)
			if uint64(uid) >= a && uint64(uid) <= b {
				l = append(l, uid)
			}
		}
	}
	return l
}

func give(w io.Writer, uid uint32) {
	fmt.Fprintf(w, "* %d FETCH (UID %d BODY[] {8}\r\nmail %02d\n)\r\n", uid/10, uid, uid)
}

// breakAt gives the mails up to the first of bad, where it ends with status.
func breakAt(status string, bad ...uint32) func(io.Writer, []uint32) string {
	return func(w io.Writer, uids []uint32) string {
		for _, uid := range uids {
			if slices.Contains(bad, uid) {
				return status
			}
			give(w, uid)
		}
		return "OK"
	}
}

// once says something the first time only.
func once(text string) func(io.Writer) {
	var o sync.Once
	return func(w io.Writer) { o.Do(func() { fmt.Fprint(w, text) }) }
}

func TestOddServers(t *testing.T) {
	flags := once("* 1 FETCH (UID 10 FLAGS (\\Seen))\r\n* 2 FETCH (UID 20 FLAGS ())\r\n")
	for _, c := range []struct {
		name    string
		server  oddServer
		fails   int // Fetches until one goes well
		without []uint32
	}{
		{name: "in order", server: oddServer{body: func(w io.Writer, uids []uint32) string {
			for _, uid := range uids {
				give(w, uid)
			}
			return "OK"
		}}},
		{name: "another order", server: oddServer{body: func(w io.Writer, uids []uint32) string {
			for _, uid := range slices.Backward(uids) {
				give(w, uid)
			}
			return "OK"
		}}},
		{name: "flags change while it lists", server: oddServer{
			list: once("* 2 FETCH (UID 20 FLAGS (\\Seen))\r\n* 9 FETCH (FLAGS ())\r\n* 3 EXISTS\r\n"),
			body: func(w io.Writer, uids []uint32) string {
				flags(w)
				for _, uid := range uids {
					give(w, uid)
				}
				return "OK"
			},
		}},
		{name: "no literal", server: oddServer{body: func(w io.Writer, uids []uint32) string {
			for _, uid := range uids {
				if uid == 20 {
					fmt.Fprint(w, "* 2 FETCH (UID 20 BODY[] NIL)\r\n")
				} else {
					give(w, uid)
				}
			}
			return "OK"
		}}, fails: 3, without: []uint32{20}},
		{name: "NO for one", server: oddServer{body: breakAt("NO [SERVERBUG]", 20)}, fails: 3, without: []uint32{20}},
		{name: "NO for the last", server: oddServer{body: breakAt("NO [SERVERBUG]", 30)}, fails: 12, without: []uint32{30}},
		{name: "one breaks the connection", server: oddServer{body: breakAt(hangUp, 20)}, fails: 8, without: []uint32{20}},
		{name: "two break the connection", server: oddServer{body: breakAt(hangUp, 10, 20)}, fails: 12 + 8, without: []uint32{10, 20}},
		{name: "no size of one", server: oddServer{bare: 10, body: breakAt("OK")}, fails: 2, without: []uint32{10}},
		{name: "no date", server: oddServer{date: "00-Jan-0000 00:00:00 +0000", body: breakAt("OK")}, fails: 3},
		{name: "two mails for one", server: oddServer{body: func(w io.Writer, uids []uint32) string {
			for _, uid := range uids {
				give(w, uid)
				give(w, uid)
			}
			return "OK"
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mailbox(t, config(c.server.start(t)))
			st, err := m.Select(t.Context())
			if err != nil || st != (inbox.State{UIDValidity: 9, UIDNext: 31, Messages: 3}) {
				t.Fatalf("%+v, %v", st, err)
			}
			from, fails := uint32(1), 0
			var got []fetched
			for {
				part, err := fetch(t.Context(), m, from, 30, 0)
				got = append(got, part...)
				if err == nil {
					break
				}
				if fails++; fails > 30 {
					t.Fatal(err)
				}
				if len(got) > 0 {
					from = got[len(got)-1].UID + 1
				}
			}
			if fails != c.fails {
				t.Errorf("%d Fetches failed, want %d", fails, c.fails)
			}
			if len(got) != 3 {
				t.Fatalf("%d mails: %+v", len(got), got)
			}
			for i, g := range got {
				want := fmt.Sprintf("mail %02d\n", (i+1)*10)
				without := slices.Contains(c.without, g.UID)
				if without {
					want = ""
				}
				if g.UID != uint32(i+1)*10 || g.body != want || (g.Err != nil) != without {
					t.Errorf("mail %d: %+v", i, g)
				}
			}
		})
	}
}
