package sendgrid

import "net/http"

// user is whom a credential belongs to.
type user struct {
	Username string `json:"username"`
	ID       int64  `json:"user_id"`
}

// readUsername is the scope that getUsername takes.
const readUsername = "user.username.read"

// getUsername answers whose credential this is: the account, or the subuser that it acts for
// or is bound to. The number of an account is made as that of a subuser is.
func getUsername(c *call) error {
	if err := c.config.Keyring.MayKnowAccount(c.r.Context(), c.who, readUsername); err != nil {
		return err
	}
	handle := c.subuser
	if own := c.who.Subaccount; own != nil && handle == "" {
		return c.reply(http.StatusOK, user{Username: own.Handle, ID: number(own.ID)})
	}
	if handle == "" {
		return c.reply(http.StatusOK, user{Username: c.who.Account.Name, ID: number(c.who.Account.ID)})
	}
	v, err := c.config.Keyring.Subaccount(c.r.Context(), c.who, handle)
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, user{Username: v.Handle, ID: number(v.ID)})
}
