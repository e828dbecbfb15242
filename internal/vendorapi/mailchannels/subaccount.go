package mailchannels

import (
	"net/http"
	"unicode/utf8"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// The bounds of company_name, in characters.
const (
	shortestName = 3
	longestName  = 128
)

type subaccount struct {
	CompanyName string `json:"company_name"`
	Enabled     bool   `json:"enabled"`
	Handle      string `json:"handle"`
}

func toSubaccount(v keyring.SubaccountView) subaccount {
	return subaccount{CompanyName: v.Name, Enabled: v.Status == api.SubaccountActive, Handle: v.Handle}
}

func (h *Handler) listSubaccounts(r *http.Request, who keyring.Caller) (int, any, error) {
	in, err := windowOf(r, maxPage)
	if err != nil {
		return 0, nil, err
	}
	found, err := pages(in, func(cursor string, limit int) ([]keyring.SubaccountView, string, error) {
		return h.keyring.Subaccounts(r.Context(), who, keyring.SubaccountFilter{Cursor: cursor, Limit: limit})
	})
	out := make([]subaccount, 0, len(found))
	for _, v := range found {
		out = append(out, toSubaccount(v))
	}
	return http.StatusOK, out, err
}

func (h *Handler) createSubaccount(r *http.Request, who keyring.Caller) (int, any, error) {
	var companyName string
	var handle *string
	if err := decode(r, map[string]any{"company_name": &companyName, "handle": &handle}); err != nil {
		return 0, nil, err
	}
	if n := utf8.RuneCountInString(companyName); n < shortestName || n > longestName {
		return 0, nil, refuse(http.StatusBadRequest, "company_name must be %d to %d characters long.", shortestName, longestName)
	}
	want := keyring.NewSubaccount{Name: companyName}
	if handle != nil {
		if want.Handle = *handle; want.Handle == "" {
			return 0, nil, refuse(http.StatusBadRequest, "handle must not be empty; leave it out for one at random.")
		}
	}
	made, err := h.keyring.CreateSubaccount(r.Context(), who, want)
	return http.StatusCreated, toSubaccount(made), err
}

// deleteSubaccount removes the keys, too: MailChannels has no way to keep them.
func (h *Handler) deleteSubaccount(r *http.Request, who keyring.Caller) (int, any, error) {
	return h.deleted(h.keyring.DeleteSubaccount(r.Context(), who, r.PathValue("handle"), true, nil))
}

func (h *Handler) setStatus(status string) action {
	return func(r *http.Request, who keyring.Caller) (int, any, error) {
		_, err := h.keyring.UpdateSubaccount(r.Context(), who, r.PathValue("handle"), keyring.SubaccountChange{Status: &status}, nil)
		return http.StatusNoContent, nil, err
	}
}
