package workflow

import (
	"slices"
	"strings"
)

// Index is the stage's place in Stages, -1 for what is no stage.
func (s Stage) Index() int { return slices.Index(Stages(), s) }

// Label is the stage as people read it: "copy edit".
func (s Stage) Label() string { return strings.ReplaceAll(string(s), "_", " ") }

// ParseStage reads a stage as people write it: "copy edit", "Copy-Edit", "copy_edit".
func ParseStage(s string) (Stage, error) {
	stage := Stage(key(s))
	if stage.Index() < 0 {
		return "", Errorf(Invalid, "%q is not a stage, the stages are %s", s, listOf(Stages()))
	}
	return stage, nil
}
