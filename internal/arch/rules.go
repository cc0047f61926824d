package arch

// The paths that several rules name.
const (
	gorm    = "gorm.io"
	goIMAP  = "github.com/emersion/go-imap"
	goSMTP  = "github.com/emersion/go-smtp"
	goMail  = "github.com/wneessen/go-mail"
	netSMTP = "net/smtp"
	sql     = "database/sql"
)

// Handoff are this module's rules: what the domain may not know, and who alone knows databases and test servers.
func Handoff() Rules {
	return Rules{
		Module: "handoff",
		Rules: []Rule{
			{Package: "workflow", Never: []string{"./...", gorm, sql, "net/http", "os"}},
			{Package: "inbox", Never: []string{"./proxy", "./store", "./workflow", goIMAP}},
			{Package: "inbox/draft", Never: []string{"./..."}, But: []string{"./inbox/draft"}},
			{Package: "inbox/imap", Never: []string{"./workflow", "./proxy", "./store"}},
			{Package: "proxy", Never: []string{gorm, goIMAP, netSMTP, goMail, goSMTP, "./store"}},
			{Package: "outbox", Never: []string{"./inbox", "./proxy", gorm, goMail, goSMTP, netSMTP}},
			{Package: "outbox/smtp", Never: []string{"./workflow", "./store"}},
			{Package: "templates", Never: []string{"./workflow", "./store"}},
			{Package: "board", Never: []string{gorm, "./web"}},
			{Package: "blob", Never: []string{"./..."}},
			{Package: "store", Never: []string{"./web", "./inbox/imap", "./outbox/smtp", goIMAP, goSMTP, goMail, netSMTP}},
			{Package: "web", Never: []string{gorm, "./store", "./inbox/imap"}},
			{Package: "internal/clock", Never: []string{"./..."}},
			{Package: "internal/oauth", Never: []string{"./..."}, But: []string{"./internal/clock", "./internal/redact"}},
			{Package: "internal/webcheck", Never: []string{"./..."}},
			{Package: "internal/worddiff", Never: []string{"./..."}},
		},
		Fences: []Fence{
			{Path: "./internal/mailtest", Open: []string{"internal/bench/", "cmd/handoff/demo*.go", "cmd/handoff/demo/"}},
			{Path: "./cmd", Open: []string{"cmd/"}},
			{Path: "./internal/bench"},
			{Path: gorm, Open: []string{"store/"}},
			{Path: sql, Open: []string{"store/"}},
			{Path: "modernc.org/sqlite", Open: []string{"store/"}},
			{Path: "github.com/jackc/pgx", Open: []string{"store/"}},
			{Path: "github.com/pressly/goose", Open: []string{"store/"}},
			{Path: goIMAP, Open: []string{"inbox/imap/", "internal/mailtest/", "internal/bench/"}},
			{Path: goMail, Open: []string{"outbox/smtp/"}},
		},
		Reaches: []Reach{
			{Package: "inbox", Path: "./workflow"},
			{Package: "inbox", Path: "./store"},
			{Package: "proxy", Path: gorm},
			{Package: "proxy", Path: goIMAP},
			{Package: "outbox", Path: "./inbox"},
			{Package: "outbox", Path: gorm},
			{Package: "templates", Path: "./workflow"},
			{Package: "board", Path: gorm},
			{Package: "store", Path: "./web"},
			{Package: "store", Path: goIMAP},
			{Package: "web", Path: gorm},
			{Package: "web", Path: "./inbox/imap"},
		},
	}
}
