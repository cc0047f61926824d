-- Times are UTC milliseconds since 1970, 0 is none. A reference that points to nothing is NULL.
-- +goose Up
CREATE TABLE people (
    id        INTEGER PRIMARY KEY AUTOINCREMENT, -- signed addresses name it: never used again
    name      TEXT NOT NULL,
    class     TEXT NOT NULL,
    roles     TEXT NOT NULL, -- JSON
    locale    TEXT NOT NULL,
    time_zone TEXT NOT NULL
) STRICT;

CREATE TABLE addresses (
    address   TEXT NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (id),
    position  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_person ON addresses (person_id, position);

CREATE TABLE pieces (
    id               INTEGER PRIMARY KEY AUTOINCREMENT, -- as people's
    code             TEXT NOT NULL UNIQUE,
    title            TEXT NOT NULL,
    author_id        INTEGER REFERENCES people (id),
    editor_id        INTEGER REFERENCES people (id),
    lead_id          INTEGER REFERENCES people (id),
    stage            TEXT NOT NULL,
    unfinished       INTEGER NOT NULL, -- a step of it is not done
    deadline         INTEGER NOT NULL,
    deadline_version INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX pieces_author ON pieces (author_id, id) WHERE unfinished;

CREATE TABLE steps (
    id               INTEGER PRIMARY KEY, -- 64 to a piece, so that its steps lie together
    piece_id         INTEGER NOT NULL REFERENCES pieces (id),
    position         INTEGER NOT NULL,
    stage            TEXT NOT NULL,
    owner_id         INTEGER REFERENCES people (id),
    state            TEXT NOT NULL,
    deadline         INTEGER NOT NULL,
    deadline_version INTEGER NOT NULL,
    opened_at        INTEGER NOT NULL,
    done_at          INTEGER NOT NULL,
    CHECK (id / 64 = piece_id)
) STRICT;
CREATE UNIQUE INDEX steps_open ON steps (piece_id) WHERE state = 'open';
CREATE INDEX steps_owner ON steps (owner_id, piece_id) WHERE state = 'open';
CREATE INDEX steps_deadline ON steps (deadline, piece_id) WHERE state = 'open' AND deadline > 0;

CREATE TABLE messages (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox        TEXT NOT NULL,
    uid_validity   INTEGER NOT NULL,
    uid            INTEGER NOT NULL,
    message_id     TEXT NOT NULL,
    content_hash   TEXT NOT NULL,
    blob           TEXT NOT NULL,
    size           INTEGER NOT NULL,
    received_at    INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    backfill       INTEGER NOT NULL,
    oversize       INTEGER NOT NULL,
    from_address   TEXT NOT NULL,
    from_name      TEXT NOT NULL,
    subject        TEXT NOT NULL,
    kind           TEXT NOT NULL,
    automatic      INTEGER NOT NULL,
    suppress_reply INTEGER NOT NULL,
    action         TEXT NOT NULL,
    reason         TEXT NOT NULL,
    piece_id       INTEGER REFERENCES pieces (id),
    person_id      INTEGER REFERENCES people (id),
    duplicate_of   INTEGER REFERENCES messages (id),
    candidates     TEXT NOT NULL, -- JSON
    trace          TEXT NOT NULL, -- JSON
    error          TEXT NOT NULL,
    UNIQUE (mailbox, uid_validity, uid)
) STRICT;
CREATE UNIQUE INDEX messages_content ON messages (content_hash, message_id) WHERE action <> 'duplicate' AND content_hash <> '';
CREATE INDEX messages_message_id ON messages (message_id) WHERE message_id <> '';
CREATE INDEX messages_action ON messages (action, id);

CREATE TABLE entries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    piece_id   INTEGER NOT NULL REFERENCES pieces (id),
    step_id    INTEGER REFERENCES steps (id),
    person_id  INTEGER REFERENCES people (id),
    actor_id   INTEGER REFERENCES people (id),
    message_id INTEGER REFERENCES messages (id),
    kind       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    text       TEXT NOT NULL,
    files      TEXT NOT NULL, -- JSON
    links      TEXT NOT NULL, -- JSON
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_piece ON entries (piece_id, id);
CREATE UNIQUE INDEX entries_version ON entries (piece_id, version) WHERE version > 0;

CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    piece_id   INTEGER REFERENCES pieces (id),
    step_id    INTEGER REFERENCES steps (id),
    person_id  INTEGER REFERENCES people (id),
    actor_id   INTEGER REFERENCES people (id),
    message_id INTEGER REFERENCES messages (id),
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX events_piece ON events (piece_id, id);

CREATE TABLE notices (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT NOT NULL UNIQUE,
    template    TEXT NOT NULL,
    data        TEXT NOT NULL, -- JSON
    auto_reply  INTEGER NOT NULL,
    to_name     TEXT NOT NULL,
    to_address  TEXT NOT NULL,
    locale      TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    person_id   INTEGER REFERENCES people (id),
    piece_id    INTEGER REFERENCES pieces (id),
    step_id     INTEGER REFERENCES steps (id),
    cause_id    INTEGER REFERENCES messages (id),
    message_id  TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,
    refs        TEXT NOT NULL, -- JSON
    reply_to    TEXT NOT NULL,
    state       TEXT NOT NULL,
    due_at      INTEGER NOT NULL,
    next_at     INTEGER, -- when it may be taken: of a leased one when the lease ends, NULL of one that is done with
    lease_until INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    error       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    sent_at     INTEGER NOT NULL,
    CHECK ((next_at IS NOT NULL) = (state IN ('queued', 'sending')))
) STRICT;
CREATE INDEX notices_next ON notices (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX notices_state ON notices (state, sent_at);
CREATE INDEX notices_message_id ON notices (message_id);
CREATE INDEX notices_piece ON notices (piece_id, id) WHERE piece_id IS NOT NULL;
CREATE INDEX notices_replies ON notices (created_at, template) WHERE auto_reply;
CREATE INDEX notices_replies_to ON notices (to_address, created_at) WHERE auto_reply;

CREATE TABLE attempts (
    notice_id   INTEGER NOT NULL REFERENCES notices (id),
    attempt     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    state       TEXT NOT NULL, -- what became of the notice
    code        INTEGER NOT NULL, -- SMTP, 0: none came
    error       TEXT NOT NULL,
    duration    INTEGER NOT NULL, -- milliseconds
    PRIMARY KEY (notice_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE bounces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    address    TEXT NOT NULL,
    status     TEXT NOT NULL,
    permanent  INTEGER NOT NULL,
    notice_id  INTEGER REFERENCES notices (id),
    message_id INTEGER REFERENCES messages (id)
) STRICT;
CREATE INDEX bounces_address ON bounces (address, id);

CREATE TABLE bouncing (
    address TEXT NOT NULL PRIMARY KEY,
    since   INTEGER NOT NULL,
    status  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    mailbox      TEXT NOT NULL PRIMARY KEY,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL,
    backfill_uid INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mailboxes (
    mailbox    TEXT NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    ok_at      INTEGER NOT NULL,
    error      TEXT NOT NULL,
    failures   INTEGER NOT NULL,
    uid_next   INTEGER NOT NULL,
    cursor_uid INTEGER NOT NULL,
    waiting    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
    id         INTEGER PRIMARY KEY,
    secret     BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
