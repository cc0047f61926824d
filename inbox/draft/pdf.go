package draft

import "context"

func readPDF(ctx context.Context, b *builder, src *source, size int64, opt Options) error {
	return &Refusal{Reason: "PDFs"}
}
