package templates

import "fmt"

// Default is the built-in Markdown source of a template, to begin an override with.
func Default(name string) ([]byte, error) {
	if types[name] == nil {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	return embedded.ReadFile("default/" + name + ".md")
}
