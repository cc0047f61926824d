-- Tokens of the HTTP API: of the secret only its SHA-256.
-- +goose Up
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    person_id  INTEGER NOT NULL REFERENCES people (id),
    sum        BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
