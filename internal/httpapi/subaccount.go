package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const (
	pathSubaccounts = "/v1/subaccounts"
	pathSubaccount  = "/v1/subaccounts/{handle}"
)

type listSubaccountsInput struct {
	HandlePrefix string `query:"handle_prefix" doc:"Only the sub-accounts whose handle starts with this, to the letter."`
	Status       string `query:"status" enum:"active,suspended" doc:"Only the sub-accounts in this state."`
	Limit        int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"The most items on a page."`
	Cursor       string `query:"cursor" doc:"The next_cursor of the page before; absent for the first page."`
}

type createSubaccountInput struct {
	Body body[api.CreateSubaccount]
}

type subaccountInput struct {
	Handle string `path:"handle" doc:"The sub-account's handle."`
}

type updateSubaccountInput struct {
	Handle  string `path:"handle" doc:"The sub-account's handle."`
	IfMatch string `header:"If-Match" doc:"The ETag that the change was decided on, or *."`
	Body    body[api.UpdateSubaccount]
}

type deleteSubaccountInput struct {
	Handle        string `path:"handle" doc:"The sub-account's handle."`
	DeleteAPIKeys bool   `query:"delete_apikeys" doc:"Whether its keys go with it. Default false: one that has keys stays."`
	IfMatch       string `header:"If-Match" doc:"The ETag that the deletion was decided on, or *."`
}

type subaccountPageOutput struct {
	Body api.Page[api.Subaccount]
}

type subaccountOutput struct {
	ETag string `header:"ETag" doc:"The sub-account's revision, for If-Match."`
	Body api.Subaccount
}

type createSubaccountOutput struct {
	Location string `header:"Location" doc:"Where the new sub-account is, relative to the path of this call, so that it holds behind a proxy that serves the API under a prefix."`
	ETag     string `header:"ETag" doc:"The sub-account's revision, for If-Match."`
	Body     api.Subaccount
}

func (a *API) registerSubaccounts() {
	huma.Register(a.huma, operation("list-subaccounts", http.MethodGet, pathSubaccounts, tagSubaccounts,
		"List sub-accounts",
		"The account's sub-accounts, oldest first, a page at a time. Filters narrow the list together. A key of a sub-account sees that one only.",
		http.StatusUnprocessableEntity), a.listSubaccounts)
	create := operation("create-subaccount", http.MethodPost, pathSubaccounts, tagSubaccounts,
		"Create a sub-account",
		"A child of the account, with keys of its own.",
		http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	create.DefaultStatus = http.StatusCreated
	huma.Register(a.huma, create, a.createSubaccount)
	huma.Register(a.huma, operation("get-subaccount", http.MethodGet, pathSubaccount, tagSubaccounts,
		"Get a sub-account",
		"One sub-account.",
		http.StatusNotFound), a.getSubaccount)
	huma.Register(a.huma, operation("update-subaccount", http.MethodPatch, pathSubaccount, tagSubaccounts,
		"Change a sub-account",
		"What is left out stays as it is. A suspension stops all of its keys at once.",
		http.StatusNotFound, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType), a.updateSubaccount)
	huma.Register(a.huma, operation("delete-subaccount", http.MethodDelete, pathSubaccount, tagSubaccounts,
		"Delete a sub-account",
		"Removes it for good. One that has keys goes only with them, when delete_apikeys says so.",
		http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed), a.deleteSubaccount)
}

func (a *API) listSubaccounts(ctx context.Context, in *listSubaccountsInput) (*subaccountPageOutput, error) {
	views, next, err := a.keyring.Subaccounts(ctx, callerOf(ctx), keyring.SubaccountFilter{
		HandlePrefix: in.HandlePrefix, Status: in.Status, Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	page := api.Page[api.Subaccount]{Items: make([]api.Subaccount, 0, len(views)), NextCursor: next}
	for _, v := range views {
		page.Items = append(page.Items, toSubaccount(v))
	}
	return &subaccountPageOutput{Body: page}, nil
}

func (a *API) createSubaccount(ctx context.Context, in *createSubaccountInput) (*createSubaccountOutput, error) {
	want := in.Body.value
	v, err := a.keyring.CreateSubaccount(ctx, callerOf(ctx), keyring.NewSubaccount{
		Handle: want.Handle, Name: want.Name, Status: want.Status, APIKeyLimit: want.APIKeyLimit,
	})
	if err != nil {
		return nil, err
	}
	return &createSubaccountOutput{Location: subaccountPath(v.Handle), ETag: etag(v.Revision), Body: toSubaccount(v)}, nil
}

func (a *API) getSubaccount(ctx context.Context, in *subaccountInput) (*subaccountOutput, error) {
	v, err := a.keyring.Subaccount(ctx, callerOf(ctx), in.Handle)
	if err != nil {
		return nil, err
	}
	return &subaccountOutput{ETag: etag(v.Revision), Body: toSubaccount(v)}, nil
}

func (a *API) updateSubaccount(ctx context.Context, in *updateSubaccountInput) (*subaccountOutput, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	want := in.Body.value
	v, err := a.keyring.UpdateSubaccount(ctx, callerOf(ctx), in.Handle, keyring.SubaccountChange{
		Name: want.Name, Status: want.Status, ChangeLimit: want.APIKeyLimit.Set, APIKeyLimit: want.APIKeyLimit.Int,
	}, revision)
	if err != nil {
		return nil, err
	}
	return &subaccountOutput{ETag: etag(v.Revision), Body: toSubaccount(v)}, nil
}

func (a *API) deleteSubaccount(ctx context.Context, in *deleteSubaccountInput) (*struct{}, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return nil, a.keyring.DeleteSubaccount(ctx, callerOf(ctx), in.Handle, in.DeleteAPIKeys, revision)
}

func subaccountPath(handle string) string { return pathSubaccounts + "/" + url.PathEscape(handle) }

func toSubaccount(v keyring.SubaccountView) api.Subaccount {
	return api.Subaccount{
		ID:          v.ID,
		Handle:      v.Handle,
		Name:        v.Name,
		Status:      v.Status,
		APIKeyLimit: v.APIKeyLimit,
		APIKeys:     api.Usage{Used: v.APIKeys, Limit: v.Limit},
		CreatedAt:   v.CreatedAt,
		UpdatedAt:   v.UpdatedAt,
		Revision:    v.Revision,
	}
}
