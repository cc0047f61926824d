-- +goose Up
CREATE INDEX pieces_deadline ON pieces (deadline, id) WHERE unfinished AND deadline > 0;
