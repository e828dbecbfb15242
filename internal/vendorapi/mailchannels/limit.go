package mailchannels

import (
	"net/http"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// inherited is the limit of a sub-account that has none of its own.
const inherited = -1

type limit struct {
	Sends int64 `json:"sends"`
}

func toLimit(v keyring.SubaccountView) limit {
	if v.SendLimit == nil {
		return limit{inherited}
	}
	return limit{*v.SendLimit}
}

func (h *Handler) getLimit(r *http.Request, who keyring.Caller) (int, any, error) {
	v, err := h.keyring.Subaccount(r.Context(), who, r.PathValue("handle"))
	return http.StatusOK, toLimit(v), err
}

func (h *Handler) setLimit(r *http.Request, who keyring.Caller) (int, any, error) {
	var sends *int64
	if err := decode(r, map[string]any{"sends": &sends}); err != nil {
		return 0, nil, err
	}
	if sends == nil || *sends < 0 {
		return 0, nil, refuse(http.StatusBadRequest, "sends must be a whole number and not negative.")
	}
	v, err := h.keyring.UpdateSubaccount(r.Context(), who, r.PathValue("handle"), keyring.SubaccountChange{ChangeSendLimit: true, SendLimit: sends}, nil)
	return http.StatusOK, map[string]limit{"limit": toLimit(v)}, err
}

func (h *Handler) deleteLimit(r *http.Request, who keyring.Caller) (int, any, error) {
	_, err := h.keyring.UpdateSubaccount(r.Context(), who, r.PathValue("handle"), keyring.SubaccountChange{ChangeSendLimit: true}, nil)
	return h.deleted(err)
}

type usage struct {
	TotalUsage      int64  `json:"total_usage"`
	PeriodStartDate string `json:"period_start_date"`
	PeriodEndDate   string `json:"period_end_date"`
	MonthlyLimit    *int64 `json:"monthly_limit,omitempty"`
}

// usage is none, as nothing here sends messages. The period is the calendar month of
// the server's clock. monthly_limit is left out where the sub-account has no limit of
// its own, as 0.21.1 does: there is no parent's capacity here that could stand there.
func (h *Handler) usage(r *http.Request, who keyring.Caller) (int, any, error) {
	v, err := h.keyring.Subaccount(r.Context(), who, r.PathValue("handle"))
	now := h.keyring.Now()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return http.StatusOK, usage{
		PeriodStartDate: first.Format(time.DateOnly), PeriodEndDate: first.AddDate(0, 1, -1).Format(time.DateOnly), MonthlyLimit: v.SendLimit,
	}, err
}
