package mailchannels

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ backend.Marker = (*Backend)(nil)

// markedSubaccounts bounds how many sub-accounts are asked for the marks of an account: a
// call each.
const markedSubaccounts = 10

// Marks implements backend.Marker. Ids of keys count up from 1 and handles are chosen, so
// that two accounts can have the same: what differs is the key itself, of which a list
// shows a part. A mark holds the handle, the id and a digest of what is shown.
func (b *Backend) Marks(ctx context.Context, subaccount string, anew bool) ([]string, error) {
	listed, err := b.subs.get(ctx, anew)
	if err != nil {
		return nil, b.explained(err)
	}
	var handles []string
	for _, one := range listed {
		if b.check(one.Handle) == nil {
			handles = append(handles, one.Handle)
		}
	}
	slices.Sort(handles)
	asked := handles[:min(len(handles), markedSubaccounts)]
	if slices.Contains(handles, subaccount) && !slices.Contains(asked, subaccount) {
		asked = append(slices.Clone(asked), subaccount)
	}
	var marks []string
	for _, handle := range asked {
		found, err := b.place(handle).read(ctx, anew)
		if errors.Is(err, backend.ErrNotFound) {
			continue // since it was listed
		}
		if err != nil {
			return nil, err
		}
		for _, w := range found {
			// A part of a digest: a simulator lists whole keys, of which nothing may be kept.
			const digits = 12
			sum := sha256.Sum256([]byte(w.Key))
			marks = append(marks, handle+"/"+w.id()+":"+hex.EncodeToString(sum[:])[:digits])
		}
	}
	slices.Sort(marks)
	return marks, nil
}

// MarkOf implements backend.Marker.
func (*Backend) MarkOf(marks []string, subaccount, id string) string {
	for _, mark := range marks {
		if strings.HasPrefix(mark, subaccount+"/"+id+":") {
			return mark
		}
	}
	return ""
}
