package templates

// Sparse is sparse, for tests.
func Sparse(d Data) Data { return sparse(d) }
