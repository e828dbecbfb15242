package vendor

import (
	"encoding/json"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// Item is a thing that a service lists.
type Item interface {
	// CheckItem returns what tells the thing from the others of its list, or what is wrong
	// with it, such as "has an API key without an id".
	CheckItem() (name, lack string)
}

// List is a list in an answer. It is read item by item, up to outside.MostItems, and one
// item that lacks something or comes twice makes the whole list none.
type List[T Item] []T

// UnmarshalJSON reads the list; null is nil.
func (l *List[T]) UnmarshalJSON(text []byte) error {
	items, err := outside.Items(json.RawMessage(text), outside.MostItems, func(item *T) (string, string) { return (*item).CheckItem() })
	*l = items
	return err
}

// Bounds keeps a list of several pages from growing without an end. Its zero value is for
// the first page.
type Bounds struct{ items, bytes int }

// Add counts the items of a page. It fails for more than outside.MostListed in all.
func (b *Bounds) Add(items int) error {
	if b.items += items; b.items > outside.MostListed {
		return fmt.Errorf("the list does not end: it has more than %d items", outside.MostListed)
	}
	return nil
}

// fits counts the bytes of an answer, and reports whether the list still may have them.
func (b *Bounds) fits(bytes int) bool {
	b.bytes += bytes
	return b.bytes <= outside.MostListedBytes
}
