package proxy

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
)

// TestEntryFileJSON: what is stored opens the same bytes, and files stored before containers were known still do.
func TestEntryFileJSON(t *testing.T) {
	a := inbox.Attachment{
		Name: "notes.txt", Type: "text/plain", Size: 5, Offset: 3, Length: 5,
		Within: &inbox.Container{Format: "tnef", Offset: 6, Length: 16, Encoding: "base64"},
	}
	raw := "Head\n\n" + base64.StdEncoding.EncodeToString([]byte("...Hello...")) + "\n"
	b, err := json.Marshal(fileOf(a))
	if err != nil {
		t.Fatal(err)
	}
	var f EntryFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fileOf(a), f); diff != "" {
		t.Error(diff)
	}
	if got, err := io.ReadAll(f.Open(strings.NewReader(raw))); string(got) != "Hello" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	f = EntryFile{}
	if err := json.Unmarshal([]byte(`{"name":"a.txt","type":"text/plain","size":4,"offset":0,"length":4,"encoding":""}`), &f); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f.Open(strings.NewReader(raw))); string(got) != "Head" || err != nil || f.Within != nil {
		t.Errorf("%q, %v", got, err)
	}
	if b, _ := json.Marshal(f); strings.Contains(string(b), "within") {
		t.Errorf("%s", b)
	}
}
