package redact_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"handoff/internal/redact"
	"handoff/outbox"
)

func TestText(t *testing.T) {
	for said, want := range map[string]string{
		"250 ok": "250 ok",
		"<drafts+aeaqcptgotslkult7lkcc@agency.example> refused":          "<drafts+aeaqcp…@agency.example> refused",
		"DRAFTS+AEAQCPTGOTSLKULT7LKCC@AGENCY.EXAMPLE":                    "DRAFTS+AEAQCP…@AGENCY.EXAMPLE",
		"drafts+aeaqcptgotslkultxlkcc@agency.example":                    "drafts+aeaqcp…@agency.example", // no digit in it
		"<m.aeaqdszewi4h7kjly4zdj2ywi7dvhs4ziu@agency.example>":          "<m.aeaqds…@agency.example>",
		"https://h.example/u/aeaw65tfojshkzj4gocqz2n6dvxm3ny gone":       "https://h.example/u/aeaw65… gone",
		"https://h.example/u?t=aeawxxtfojshkzjxgocqzxnxdvxmxny gone":     "https://h.example/u?t=aeawxx… gone",
		"drafts%2Baeaqcptgotslkult7lkcc%40agency.example":                "drafts%2Baeaqcp…%40agency.example",
		"535 5.7.8 AUTH PLAIN AGRlc2sAc2VjcmV0 is wrong":                 "535 5.7.8 AUTH PLAIN … is wrong",
		"Authorization: Bearer ya29.a0AfB_byC-x":                         "Authorization: Bearer …",
		"Authorization: Basic ZGVzazpodXNo":                              "Authorization: Basic …",
		"token ya29.a0AfB_byC-xyz has expired":                           "token ya29.… has expired",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc-_":                        "eyJ…",
		`{"refresh_token":"1//0gabcdefgh","expires_in":3599}`:            `{"refresh_token":"…","expires_in":3599}`,
		"grant_type=x&client_secret=hush&scope=y":                        "grant_type=x&client_secret=…&scope=y",
		"dial postgres://handoff:hush@db.example/handoff failed":         "dial postgres://handoff:…@db.example/handoff failed",
		"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- x": "-----BEGIN PRIVATE KEY-----… x",
		// What looks like one and is none.
		"check user and password: 535 no":                                             "check user and password: 535 no",
		"smtp password: the environment variable P is not set":                        "smtp password: the environment variable P is not set",
		"Donaudampfschifffahrtsgesellschaft":                                          "Donaudampfschifffahrtsgesellschaft",
		"contributionstotheagencyblog@agency.example":                                 "contributionstotheagencyblog@agency.example",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855":            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=":          "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		"https://host.example:8080/path/of/something and more@berg.example":           "https://host.example:8080/path/of/something and more@berg.example",
		"/srv/handoff/handoff-data/mails/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4": "/srv/handoff/handoff-data/mails/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4",
	} {
		if got := redact.Text(said); got != want {
			t.Errorf("%s\nis  %s\nnot %s", said, got, want)
		}
	}
}

// No token that is signed here survives, of whatever use, key and id.
func TestEveryToken(t *testing.T) {
	for key := 1; key <= 31; key++ {
		id, err := outbox.NewIdentity([]outbox.Key{{ID: key, Secret: bytes.Repeat([]byte{byte(key)}, 32)}}, "drafts+{token}@agency.example", "agency.example")
		if err != nil {
			t.Fatal(err)
		}
		if err := id.BouncesTo("b-{token}@agency.example"); err != nil {
			t.Fatal(err)
		}
		for n := range int64(100) {
			r := outbox.Ref{PieceID: n * n * n, PersonID: n}
			for _, said := range []string{id.ReplyAddress(r), id.MessageID(r, fmt.Sprint(n)), id.ThreadID(r), "https://h.example/u/" + id.MuteToken(n, "overdue")} {
				if got := redact.Text("550 " + strings.ToUpper(said) + " and <" + said + ">"); strings.Contains(strings.ToLower(got), said) {
					t.Errorf("%s stays in %s", said, got)
				}
			}
		}
	}
}

func TestError(t *testing.T) {
	err := fmt.Errorf("login hush refused, %s: %w", base64.StdEncoding.EncodeToString([]byte("hush")), io.EOF)
	clean := redact.Error(err, "hush", "")
	if strings.Contains(clean.Error(), "hush") || strings.Contains(clean.Error(), "aHVzaA") || !errors.Is(clean, io.EOF) {
		t.Errorf("%v", clean)
	}
	if fmt.Errorf("outer: %w", clean).Error() != "outer: login … refused, …: EOF" {
		t.Errorf("%v", clean)
	}
	if got := redact.Error(io.EOF, "hush"); got != io.EOF {
		t.Errorf("%v was changed", got)
	}
	if redact.Error(nil) != nil {
		t.Error("nil became an error")
	}
}

func TestAttr(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: redact.Attr}))
	const token = "aeaqcptgotslkult7lkcc"
	address := "drafts+" + token + "@agency.example"
	log.With("with", address).WithGroup("g").Info("said "+address, "text", address, "err", errors.New(address), "list", []string{address}, "n", 7, "group", slog.GroupValue(slog.String("in", address)))
	if got := b.String(); strings.Contains(got, token) || strings.Count(got, "aeaqcp…") != 6 || !strings.Contains(got, "g.n=7") {
		t.Error(got)
	}
}
