// Package mailchannels answers on the paths of the MailChannels Email API that
// concern sub-accounts and their keys, over the same keyring as the management
// API: what its SDKs and this repository's own driver send, they can send here.
//
// Paths, statuses and bodies are those of MailChannels' OpenAPI description,
// 0.21.1 and 1.7.1. Where that is silent, the choice is ours and said at its
// place: the texts of errors, the form of a redacted key, and 401 for a
// credential that is not valid. A POST that takes no body passes over one. The
// usage of a sub-account is 0, as nothing here sends messages. The
// smtp-password calls answer 501: an SMTP password is a second kind of
// credential, which the keyring does not keep.
package mailchannels

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi"
)

// Prefix is where the paths begin.
const Prefix = "/tx/v1/"

// Platform is the platform whose accounts are served; others get 403.
const Platform = "mailchannels"

// Config is what the handler needs. Keyring and Log must be set.
type Config struct {
	Keyring *keyring.Keyring
	Log     *slog.Logger
	Quirks  Quirks
}

// Quirks are the answers that MailChannels' documents leave open, so that a client
// can be tried with each.
type Quirks struct {
	// NotFoundOnDelete answers 404 to the deletion of what is not there. Without it
	// the answer is 204, the only one that is declared beside 400 and 500.
	NotFoundOnDelete bool
}

// Handler answers the requests. It is safe for concurrent use.
type Handler struct {
	keyring *keyring.Keyring
	log     *slog.Logger
	quirks  Quirks
	mux     *http.ServeMux
}

// New returns the handler of everything under Prefix.
func New(c Config) *Handler {
	h := &Handler{keyring: c.Keyring, log: c.Log, quirks: c.Quirks, mux: http.NewServeMux()}
	const (
		all      = Prefix + "sub-account"
		one      = all + "/{handle}"
		keys     = one + "/api-key"
		limit    = one + "/limit"
		password = one + "/smtp-password"
	)
	for pattern, do := range map[string]action{
		"GET " + all:                  h.listSubaccounts,
		"POST " + all:                 h.createSubaccount,
		"DELETE " + one:               h.deleteSubaccount,
		"POST " + one + "/suspend":    h.setStatus(api.SubaccountSuspended),
		"POST " + one + "/activate":   h.setStatus(api.SubaccountActive),
		"GET " + keys:                 h.listKeys,
		"POST " + keys:                h.createKey,
		"DELETE " + keys + "/{id}":    h.deleteKey,
		"GET " + limit:                h.getLimit,
		"PUT " + limit:                h.setLimit,
		"DELETE " + limit:             h.deleteLimit,
		"GET " + one + "/usage":       h.usage,
		"GET " + password:             noPasswords,
		"POST " + password:            noPasswords,
		"DELETE " + password + "/{n}": noPasswords,
	} {
		h.mux.Handle(pattern, h.behindCredential(do))
	}
	h.mux.HandleFunc("/", h.unknown)
	return h
}

// action does what one path is for. A nil body is none.
type action func(r *http.Request, who keyring.Caller) (status int, body any, err error)

// noPasswords is for what there is no place for in the keyring.
func noPasswords(*http.Request, keyring.Caller) (int, any, error) {
	return 0, nil, refuse(http.StatusNotImplemented, "This server keeps no SMTP passwords. Use an API key of the sub-account.")
}

// behindCredential is an action for whoever has sent a working credential of an account
// of the platform.
func (h *Handler) behindCredential(do action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := h.authenticate(w, r)
		if err != nil {
			h.fail(w, r, err)
			return
		}
		if _, err := vendorapi.Query(r); err != nil {
			h.fail(w, r, err)
			return
		}
		status, body, err := do(r, who)
		if err != nil {
			h.fail(w, r, err)
			return
		}
		reply(w, status, body)
	})
}

func (h *Handler) authenticate(w http.ResponseWriter, r *http.Request) (keyring.Caller, error) {
	sent, err := credential(r.Header)
	if err != nil {
		return keyring.Caller{}, err
	}
	who, err := vendorapi.Authenticate(h.keyring, w, r, sent)
	if err == nil && who.Account.Platform != Platform {
		err = refuse(http.StatusForbidden, "The credential belongs to an account of another platform. Use its own API.")
	}
	return who, err
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// Handler returns the handler and the pattern of the request's route, as http.ServeMux
// has it.
func (h *Handler) Handler(r *http.Request) (http.Handler, string) { return h.mux.Handler(r) }

// unknown takes what no path takes: another method of a known one is 405.
func (h *Handler) unknown(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if _, pattern := h.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		h.fail(w, r, refuse(http.StatusNotFound, "There is no such path here. Of MailChannels' API this server has the sub-accounts and their keys."))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	h.fail(w, r, refuse(http.StatusMethodNotAllowed, "This path takes %s only.", strings.Join(allowed, ", ")))
}
