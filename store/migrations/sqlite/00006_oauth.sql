-- +goose Up
-- What a person allowed at a mail provider. The refresh token is encrypted with a secret that is not in the database.
CREATE TABLE oauth_grants (
    provider   TEXT NOT NULL,
    account    TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    granted_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    refused    TEXT NOT NULL DEFAULT '',
    refused_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (provider, account)
) STRICT, WITHOUT ROWID;
