package sendgrid

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// subuser is one in the list, or alone. Email is the sub-account's name where that is an address, as
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

// reservedNames are what SendGrid's own paths have where a subuser's name stands, in
// whatever case: a subuser of such a name could not be asked for.
var reservedNames = []string{"reputations", "stats"}

func isReserved(name string) bool {
	return slices.ContainsFunc(reservedNames, func(one string) bool { return strings.EqualFold(one, name) })
}

// toSubuser is how a sub-account is shown. The region is empty where it is not asked for.
func toSubuser(v keyring.SubaccountView, region string) subuser {
	out := subuser{Disabled: v.Status == api.SubaccountSuspended, ID: number(v.ID), Username: v.Handle, Region: region}
	if isEmail(v.Name) {
		out.Email = v.Name
	}
	return out
}

// regionShown is the region as an answer shows it: not at all unless it is asked for.
func (q query) regionShown() (string, *fault) {
	include, bad := q.boolean("include_region")
	if include {
		return regionGlobal, nil
	}
	return "", bad
}

// getSubuser answers one subuser as the list has it. The OpenAPI has no such call; clients
// that work against the service make it, and take 404 for one that is not there.
func getSubuser(c *call) error {
	query, err := c.query("include_region")
	if err != nil {
		return err
	}
	region, bad := query.regionShown()
	if bad != nil {
		return bad
	}
	name := c.r.PathValue("name")
	if isReserved(name) {
		return refusal(http.StatusNotFound, "not found")
	}
	v, err := c.config.Keyring.Subaccount(c.r.Context(), c.who, name)
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, toSubuser(v, region))
}

// listSubusers answers the subusers, oldest first, which is our choice. The filter by
// username matches its beginning in any case, as was reported of the service. That 500 is
// the most of a page, and that more is refused, is our choice: no page is ever shorter
// than was asked for but the last one.
func listSubusers(c *call) error {
	query, err := c.query("username", "limit", "offset", "region", "include_region")
	if err != nil {
		return err
	}
	limit, bad := query.number("limit", 1, api.MaxPageSize, api.MaxPageSize)
	if bad != nil {
		return bad
	}
	offset, bad := query.number("offset", 0, noMost, 0)
	if bad != nil {
		return bad
	}
	shown, bad := query.regionShown()
	if bad != nil {
		return bad
	}
	none := query.Get("region") == regionEU
	if region := query.Get("region"); query.Has("region") && region != regionAll && region != regionGlobal && !none {
		return invalid("region", "must be all, global or eu")
	}
	filter := keyring.SubaccountFilter{HandlePrefixAnyCase: query.Get("username"), Limit: api.MaxPageSize}
	if c.config.Quirks.ListOmitsDisabled {
		filter.Status = api.SubaccountActive
	}
	views, err := c.subusers(filter, offset, limit)
	if err != nil {
		return err
	}
	if none {
		views = nil
	}
	all := make([]subuser, 0, len(views))
	for _, v := range views {
		all = append(all, toSubuser(v, shown))
	}
	return c.reply(http.StatusOK, all)
}

// subusers reads from an offset, which the keyring does not have: it walks there page
// by page. It stops where the list ends, so no offset makes it longer than that.
func (c *call) subusers(filter keyring.SubaccountFilter, offset, limit int) ([]keyring.SubaccountView, error) {
	var found []keyring.SubaccountView
	for {
		views, next, err := c.config.Keyring.Subaccounts(c.r.Context(), c.who, filter)
		if err != nil {
			return nil, err
		}
		skipped := min(offset, len(views))
		offset -= skipped
		found = append(found, views[skipped:]...)
		if next == "" || len(found) >= limit {
			return found[:min(limit, len(found))], nil
		}
		filter.Cursor = next
	}
}

// changeSubuser turns a subuser off or on. That an unknown one is 400 is the
// OpenAPI's.
func changeSubuser(c *call) error {
	in, err := c.object("disabled")
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
