-- The outbox: what goes first, what is paused or suppressed, what came back, and the breaker of automatic answers.
-- +goose Up
ALTER TABLE notices ADD COLUMN priority INTEGER NOT NULL DEFAULT 0; -- 0 answers and handoffs, 1 reminders, 2 lists
ALTER TABLE notices ADD COLUMN parked INTEGER NOT NULL DEFAULT 0; -- its kind is paused: nobody takes it
UPDATE notices SET priority = 1 WHERE key LIKE 'reminder:%' OR key LIKE 'onboard:%';
UPDATE notices SET priority = 2 WHERE template IN ('weekly', 'digest', 'held_digest');
DROP INDEX notices_next;
CREATE INDEX notices_turn ON notices (priority, next_at, id) WHERE next_at IS NOT NULL AND NOT parked;
CREATE INDEX notices_parked ON notices (template, id) WHERE parked;
CREATE INDEX notices_reminded ON notices (person_id, sent_at) WHERE priority = 1 AND sent_at > 0;

CREATE TABLE pauses (
    kind  TEXT NOT NULL PRIMARY KEY, -- a template, '' everything
    since INTEGER NOT NULL,
    until INTEGER NOT NULL, -- 0: until it is resumed
    note  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressed (
    name   TEXT NOT NULL PRIMARY KEY, -- an address or a domain
    since  INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE soft_bounces (
    address TEXT NOT NULL PRIMARY KEY,
    score   REAL NOT NULL, -- at that moment; it fades
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE breakers (
    name   TEXT NOT NULL PRIMARY KEY,
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL, -- when it closes, unless the storm goes on
    begun  INTEGER NOT NULL, -- of the stretch that is counted
    wanted INTEGER NOT NULL, -- answers in it
    lost   INTEGER NOT NULL -- answers left out since it opened
) STRICT, WITHOUT ROWID;
