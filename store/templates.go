package store

import (
	"context"
	"database/sql"
	"fmt"

	"handoff/templates"
)

const templateColumns = "id, name, locale, variant, text, author, at, note, base, base_text"

// TemplateState changes whenever a version is added or a setting changes.
func (v view) TemplateState(ctx context.Context) (string, error) {
	var versions, changes int64
	_, err := v.row(ctx, []any{&versions, &changes},
		"SELECT (SELECT coalesce(max(id), 0) FROM template_versions), (SELECT coalesce(sum(changes), 0) FROM template_settings)")
	return fmt.Sprintf("%d/%d", versions, changes), about(err, "state of the mail texts")
}

// TemplateVersions lists versions, the latest first: of one place (the text is not looked at), or of all with a zero Own the
// latest of each place.
func (v view) TemplateVersions(ctx context.Context, of templates.Own) ([]templates.Version, error) {
	query, args := "SELECT "+templateColumns+" FROM template_versions t WHERE", []any(nil)
	if of.Name == "" {
		query += " NOT EXISTS (SELECT 1 FROM template_versions n WHERE n.name = t.name AND n.locale = t.locale AND n.variant = t.variant AND n.id > t.id)"
	} else {
		query += " name = ? AND locale = ? AND variant = ?"
		args = []any{of.Name, of.Locale, of.Variant}
	}
	var found []templates.Version
	err := v.each(ctx, func(rows *sql.Rows) error {
		var t templates.Version
		var at int64
		if err := rows.Scan(&t.ID, &t.Name, &t.Locale, &t.Variant, &t.Text, &t.Author, &at, &t.Note, &t.Base, &t.BaseText); err != nil {
			return err
		}
		t.At = moment(at)
		found = append(found, t)
		return nil
	}, query+" ORDER BY id DESC", args...)
	return found, about(err, "versions of the mail texts")
}

// TemplateSettings are what the team chose, by template.
func (v view) TemplateSettings(ctx context.Context) (map[string]templates.Setting, error) {
	settings := map[string]templates.Setting{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var name string
		var s templates.Setting
		if err := rows.Scan(&name, &s.Off, &s.Variant); err != nil {
			return err
		}
		settings[name] = s
		return nil
	}, "SELECT name, off, variant FROM template_settings")
	return settings, about(err, "settings of the mail texts")
}

// AddTemplateVersion adds v as the latest version of its place.
func (s *Store) AddTemplateVersion(ctx context.Context, v templates.Version) (id int64, err error) {
	err = s.transact(ctx, func(t *tx) error {
		_, err := t.row(ctx, []any{&id}, "INSERT INTO template_versions (name, locale, variant, text, author, at, note, base, base_text) VALUES "+tuples(1, 9)+" RETURNING id",
			v.Name, v.Locale, v.Variant, v.Text, v.Author, millis(v.At), v.Note, v.Base, v.BaseText)
		return err
	})
	return id, about(err, "save %s", v.File())
}

// SetTemplate keeps what the team chose for one template.
func (s *Store) SetTemplate(ctx context.Context, name string, setting templates.Setting) error {
	return s.transact(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO template_settings (name, off, variant, changes) VALUES (?, ?, ?, 1) ON CONFLICT (name) DO UPDATE SET"+
			" off = excluded.off, variant = excluded.variant, changes = template_settings.changes + 1", name, setting.Off, setting.Variant)
		return about(err, "setting of %s", name)
	})
}
