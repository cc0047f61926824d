package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// millis is how times are kept: UTC milliseconds since 1970, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// ref is a reference to another row; 0 is kept as NULL.
type ref int64

// Scan reads it.
func (r *ref) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*r = 0
	case int64:
		*r = ref(v)
	default:
		return fmt.Errorf("reference of type %T", v)
	}
	return nil
}

// Value writes it.
func (r ref) Value() (driver.Value, error) {
	if r == 0 {
		return nil, nil
	}
	return int64(r), nil
}

// list is a JSON column; none is kept as [].
func list[T any](values []T) (string, error) {
	if len(values) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(values)
	return string(text), err
}

// unlist is never nil.
func unlist[T any](text string) ([]T, error) {
	values := []T{}
	if text == "[]" || text == "" {
		return values, nil
	}
	err := json.Unmarshal([]byte(text), &values)
	return values, err
}

// detail is a JSON column of what is seldom there; nothing is kept as "".
func detail(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil || string(text) == "{}" || string(text) == "null" {
		return "", err
	}
	return string(text), nil
}

func undetail(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}
