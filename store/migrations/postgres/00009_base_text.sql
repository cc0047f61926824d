-- The built-in text that a version was written beside, so that what changed in it can be shown.
-- +goose Up
ALTER TABLE template_versions ADD COLUMN base_text TEXT NOT NULL DEFAULT ''; -- '': not known
