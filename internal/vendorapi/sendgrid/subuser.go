package sendgrid

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// subuser is one in the list. Email is the sub-account's name where that is an address, as
// createSubuser makes it: a sub-account of ours has no other place for it, and SendGrid's
// subusers have no name. It is empty for one that was made by other means.
type subuser struct {
	Disabled bool   `json:"disabled"`
	Email    string `json:"email"`
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Region   string `json:"region,omitempty"` // only when the request asks for it
}

// Regions. This server has one, which is SendGrid's default.
const (
	regionAll    = "all"
	regionGlobal = "global"
	regionEU     = "eu"
)

// number is the id of a subuser, which SendGrid has as a number: the first 53 bits of
// the SHA-256 of the sub-account's own id. So it never changes, needs no place in the
// database, differs from that of an earlier subuser of the same name, and JavaScript
// reads it exactly.
func number(id string) int64 {
	const unused = 64 - 53
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> unused)
}

// listSubusers answers the subusers, oldest first, which is our choice. The filter by
// username matches its beginning: SendGrid does not document whether it must be the
// whole name, so a client must look itself, and here it notices when it does not.
func listSubusers(c *call) error {
	query, err := c.query()
	if err != nil {
		return err
	}
	limit, bad := query.number("limit", 1, api.MaxPageSize)
	if bad != nil {
		return bad
	}
	offset, bad := query.number("offset", 0, 0)
	if bad != nil {
		return bad
	}
	shown := ""
	if include, _ := strconv.ParseBool(query.Get("include_region")); include {
		shown = regionGlobal
	}
	none := false
	switch query.Get("region") {
	case "", regionAll, regionGlobal:
	case regionEU:
		none = true
	default:
		return invalid("region", "must be all, global or eu")
	}
	views, err := c.subusers(query.Get("username"), offset, min(limit, api.MaxPageSize))
	if err != nil {
		return err
	}
	all := []subuser{}
	for _, v := range views {
		if !none {
			one := subuser{Disabled: v.Status == api.SubaccountSuspended, ID: number(v.ID), Username: v.Handle, Region: shown}
			if isEmail(v.Name) {
				one.Email = v.Name
			}
			all = append(all, one)
		}
	}
	return c.reply(http.StatusOK, all)
}

// subusers reads from an offset, which the keyring does not have: it walks there page
// by page. It stops where the list ends, so no offset makes it longer than that.
func (c *call) subusers(prefix string, offset, limit int) ([]keyring.SubaccountView, error) {
	var found []keyring.SubaccountView
	cursor := ""
	for {
		views, next, err := c.config.Keyring.Subaccounts(c.r.Context(), c.who, keyring.SubaccountFilter{
			HandlePrefix: prefix, Cursor: cursor, Limit: api.MaxPageSize,
		})
		if err != nil {
			return nil, err
		}
		skipped := min(offset, len(views))
		offset -= skipped
		found = append(found, views[skipped:]...)
		if next == "" || len(found) >= limit {
			return found[:min(limit, len(found))], nil
		}
		cursor = next
	}
}

// changeSubuser turns a subuser off or on. That an unknown one is 400 is the
// OpenAPI's.
func changeSubuser(c *call) error {
	in, err := c.object()
	if err != nil {
		return err
	}
	if !in.has("disabled") {
		return bare(http.StatusBadRequest, "no fields provided")
	}
	disabled, bad := in.boolean("disabled")
	if bad != nil {
		return bad
	}
	status := api.SubaccountActive
	if disabled {
		status = api.SubaccountSuspended
	}
	if err := c.change(keyring.SubaccountChange{Status: &status}); err != nil {
		return err
	}
	return c.done()
}

// change changes the subuser of the path.
func (c *call) change(in keyring.SubaccountChange) error {
	_, err := c.config.Keyring.UpdateSubaccount(c.r.Context(), c.who, c.r.PathValue("name"), in, nil)
	if isNotFound(err) {
		return bare(http.StatusBadRequest, "invalid username")
	}
	return err
}

// deleteSubuser removes a subuser with its keys. Whether SendGrid removes them too is
// not documented; a key that outlived its subuser would be worse.
func deleteSubuser(c *call) error {
	if err := c.config.Keyring.DeleteSubaccount(c.r.Context(), c.who, c.r.PathValue("name"), true, nil); err != nil {
		return err
	}
	return c.done()
}
