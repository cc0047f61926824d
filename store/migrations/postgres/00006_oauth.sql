-- +goose Up
-- What a person allowed at a mail provider. The refresh token is encrypted with a secret that is not in the database.
CREATE TABLE oauth_grants (
    provider   TEXT NOT NULL,
    account    TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    sealed     BYTEA NOT NULL,
    granted_at BIGINT NOT NULL,
    renewed_at BIGINT NOT NULL,
    refused    TEXT NOT NULL DEFAULT '',
    refused_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (provider, account)
);
