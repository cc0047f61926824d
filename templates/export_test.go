package templates

// Sparse is sparse, for tests.
func Sparse(d Data) Data { return sparse(d) }

// Clean is clean, for tests.
func Clean(s string) string { return clean(s) }

// Check is what Load does with one file, for tests.
func Check(name, content string) error {
	_, err := compile(name, []byte(content), nil)
	return err
}
