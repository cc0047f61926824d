package templates

import (
	"errors"
	"fmt"
	"io/fs"
)

// Default is the built-in source of a text, to begin an own one with. Of an alternate it is that of the usual text, of a
// language without the text the English one.
func Default(o Own) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Variant = ""
	text, err := embedded.ReadFile("default/" + o.File())
	if errors.Is(err, fs.ErrNotExist) {
		o.Locale = english.tag
		text, err = embedded.ReadFile("default/" + o.File())
	}
	if err != nil {
		return nil, fmt.Errorf("built-in text: %w", err)
	}
	return text, nil
}
