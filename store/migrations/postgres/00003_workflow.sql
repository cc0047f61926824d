-- What is known beside the columns is JSON; wake_at is when the clock next makes something due, 0: look at once.
-- +goose Up
ALTER TABLE people ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN wake_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX people_wake ON people (wake_at, id) WHERE wake_at < 9223372036854775807;

ALTER TABLE pieces ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE pieces ADD COLUMN wake_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX pieces_wake ON pieces (wake_at, id) WHERE unfinished;
CREATE INDEX pieces_published ON pieces (id) WHERE unfinished AND stage = 'distributed';

ALTER TABLE steps ADD COLUMN details TEXT NOT NULL DEFAULT '';
DROP INDEX steps_deadline;
DROP INDEX pieces_deadline;

ALTER TABLE notices ADD COLUMN invite TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN unsubscribe TEXT NOT NULL DEFAULT '';

CREATE INDEX messages_bypass ON messages (person_id, recorded_at) WHERE action IN ('ignore', 'redirect');

CREATE TABLE counters (
    name  TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Who worked with the team before the checklist was kept is known.
UPDATE people SET details = '{"onboarding":[{"item":"waived","at":"' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"}]}' WHERE class = 'outside';
