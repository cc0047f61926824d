-- What somebody has a part in, without looking at every piece.
-- +goose Up
CREATE INDEX pieces_editor ON pieces (editor_id, id) WHERE unfinished;
CREATE INDEX pieces_lead ON pieces (lead_id, id) WHERE unfinished AND lead_id IS NOT NULL;
CREATE INDEX steps_part ON steps (owner_id, piece_id) WHERE state <> 'done';
CREATE INDEX steps_reviewed ON steps (piece_id) WHERE state = 'open' AND stage = 'review' AND details LIKE '%"reviewers":%';
