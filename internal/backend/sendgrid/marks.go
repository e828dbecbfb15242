package sendgrid

import (
	"context"
	"net/http"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ backend.Marker = (*Backend)(nil)

// Marks implements backend.Marker: the ids of API keys are random, so that no two accounts
// have the same one. That of the calling key is among those of the account. The keys of a
// subuser, which take one more call, are asked for only where the account shows none.
func (b *Backend) Marks(ctx context.Context, subaccount string, anew bool) ([]string, error) {
	marks, err := b.idsIn(ctx, "", anew)
	if err == nil && len(marks) == 0 && subaccount != "" {
		marks, err = b.idsIn(ctx, subaccount, anew)
	}
	return marks, err
}

func (b *Backend) idsIn(ctx context.Context, subuser string, anew bool) ([]string, error) {
	at := b.place(subuser)
	if anew {
		at.marks.Forget()
	}
	return at.marks.Get(func() ([]string, error) {
		keys, err := b.list(ctx, subuser)
		if denied(err) || subuser != "" && status(err) == http.StatusNotFound {
			return nil, nil
		}
		ids := make([]string, 0, len(keys))
		for _, key := range keys {
			ids = append(ids, key.ID)
		}
		slices.Sort(ids)
		return ids, explained(err)
	})
}

// MarkOf implements backend.Marker.
func (*Backend) MarkOf([]string, string, string) string { return "" }
