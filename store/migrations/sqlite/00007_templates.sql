-- The team's own mail texts: every save of one is a row; text is '' where it goes back to the built-in one.
-- +goose Up
CREATE TABLE template_versions (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL,
    locale  TEXT NOT NULL,
    variant TEXT NOT NULL,
    text    TEXT NOT NULL,
    author  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    note    TEXT NOT NULL,
    base    TEXT NOT NULL -- of which built-in text it is a version
) STRICT;
CREATE INDEX template_versions_place ON template_versions (name, locale, variant, id);

CREATE TABLE template_settings (
    name    TEXT NOT NULL PRIMARY KEY,
    off     INTEGER NOT NULL,
    variant TEXT NOT NULL,
    changes INTEGER NOT NULL -- how often it was set
) STRICT, WITHOUT ROWID;
