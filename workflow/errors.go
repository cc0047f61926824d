package workflow

import (
	"errors"
	"fmt"
)

// Code is a stable name of an error for machines; each edge maps it once.
type Code string

const (
	NotFound  Code = "not_found"
	Invalid   Code = "invalid"   // the input is wrong; the text says what to do
	Conflict  Code = "conflict"  // it exists already, or changed meanwhile
	Forbidden Code = "forbidden" // not theirs
	Failed    Code = "failed"    // anything else
)

// Error is an error with a code for machines and a sentence for people.
type Error struct {
	Code Code
	Err  error // its text is the sentence for people
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with that code; a %w in format is kept for errors.Is and errors.As.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// CodeOf is the code of the first Error in err's chain, Failed for any other error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Failed
}
