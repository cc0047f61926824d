// Package migrations holds the schema's steps, one directory a dialect. A released file never changes: a later one amends.
package migrations

import "embed"

// SQLite and Postgres hold the same steps under the same numbers.
var (
	//go:embed sqlite/*.sql
	SQLite embed.FS
	//go:embed postgres/*.sql
	Postgres embed.FS
)
