package platform

import "github.com/hashicorp/hcl/v2"

// The shape of a platform file. A pointer is a block or an attribute that may be
// left out.
type (
	file struct {
		Platform platformBlock `hcl:"platform,block"`
	}
	platformBlock struct {
		Name        string            `hcl:"name,label"`
		Title       string            `hcl:"title"`
		IDs         *string           `hcl:"ids,optional"`
		OpenScopes  bool              `hcl:"open_scopes,optional"`
		DefaultPlan string            `hcl:"default_plan,optional"`
		Secret      *secretBlock      `hcl:"secret,block"`
		Password    *passwordBlock    `hcl:"password,block"`
		Keys        keysBlock         `hcl:"keys,block"`
		Subaccounts *subaccountsBlock `hcl:"subaccounts,block"`
		Plans       []planBlock       `hcl:"plan,block"`
		Requests    *requestsBlock    `hcl:"requests,block"`
		Attempts    *attemptsBlock    `hcl:"attempts,block"`
		Groups      []groupBlock      `hcl:"group,block"`
		Scopes      []scopeBlock      `hcl:"scope,block"`
		Automatic   *automaticBlock   `hcl:"automatic_scopes,block"`
		Presets     []presetBlock     `hcl:"preset,block"`
		Answers     answersBlock      `hcl:"answers,block"`
		Range       hcl.Range         `hcl:",def_range"`
	}
	secretBlock struct {
		Prefix   string    `hcl:"prefix"`
		Alphabet string    `hcl:"alphabet"`
		IDLength int       `hcl:"id_length,optional"`
		Length   int       `hcl:"length"`
		Checksum bool      `hcl:"checksum,optional"`
		Range    hcl.Range `hcl:",def_range"`
	}
	passwordBlock struct {
		UsernamePrefix string    `hcl:"username_prefix"`
		UsernameSuffix string    `hcl:"username_suffix"`
		MinLength      int       `hcl:"min_length"`
		NotOnlyLetters *bool     `hcl:"not_only_letters,optional"`
		Forbidden      []string  `hcl:"forbidden,optional"`
		LockAfter      int       `hcl:"lock_after"`
		Range          hcl.Range `hcl:",def_range"`
	}
	keysBlock struct {
		NameRequired *bool     `hcl:"name_required,optional"`
		UniqueNames  bool      `hcl:"unique_names"`
		EditScopes   bool      `hcl:"edit_scopes"`
		Expiry       bool      `hcl:"expiry"`
		Disable      bool      `hcl:"disable"`
		Rotate       bool      `hcl:"rotate"`
		MaxOverlap   string    `hcl:"max_overlap"`
		OwnerOnly    bool      `hcl:"owner_only,optional"`
		FixedScopes  *[]string `hcl:"fixed_scopes,optional"`
		Limit        *int      `hcl:"limit,optional"`
		Range        hcl.Range `hcl:",def_range"`
	}
	subaccountsBlock struct {
		Handle      string    `hcl:"handle"`
		HandleWords string    `hcl:"handle_words"`
		Generate    bool      `hcl:"generate,optional"`
		Limit       *int      `hcl:"limit,optional"`
		KeyLimit    *int      `hcl:"key_limit,optional"`
		FixedScopes *[]string `hcl:"fixed_scopes,optional"`
		SendLimits  bool      `hcl:"send_limits,optional"`
		Range       hcl.Range `hcl:",def_range"`
	}
	planBlock struct {
		Name            string    `hcl:"name,label"`
		APIKeys         *int      `hcl:"apikeys,optional"`
		MonthlyRequests *int      `hcl:"monthly_requests,optional"`
		Range           hcl.Range `hcl:",def_range"`
	}
	requestsBlock struct {
		PerHour int       `hcl:"per_hour"`
		Range   hcl.Range `hcl:",def_range"`
	}
	attemptsBlock struct {
		Failures int       `hcl:"failures"`
		Within   string    `hcl:"within"`
		Block    string    `hcl:"block"`
		Range    hcl.Range `hcl:",def_range"`
	}
	groupBlock struct {
		Name      string              `hcl:"name,label"`
		Title     string              `hcl:"title"`
		Class     string              `hcl:"class,optional"`
		Read      []string            `hcl:"read,optional"`
		Full      []string            `hcl:"full,optional"`
		Rights    map[string][]string `hcl:"rights,optional"`
		Range     hcl.Range           `hcl:",def_range"`
		ReadLine  hcl.Range           `hcl:"read,attr_range"`
		FullLine  hcl.Range           `hcl:"full,attr_range"`
		RightLine hcl.Range           `hcl:"rights,attr_range"`
	}
	scopeBlock struct {
		Name        string    `hcl:"name,label"`
		Description string    `hcl:"description"`
		Group       string    `hcl:"group"`
		Level       string    `hcl:"level,optional"`
		Class       string    `hcl:"class,optional"`
		Implies     []string  `hcl:"implies,optional"`
		Rights      []string  `hcl:"rights,optional"`
		Range       hcl.Range `hcl:",def_range"`
	}
	automaticBlock struct {
		Names []string  `hcl:"names"`
		Added []string  `hcl:"added,optional"`
		Range hcl.Range `hcl:",def_range"`
	}
	presetBlock struct {
		Name        string            `hcl:"name,label"`
		Description string            `hcl:"description"`
		Scopes      []string          `hcl:"scopes,optional"`
		Access      map[string]string `hcl:"access,optional"`
		Range       hcl.Range         `hcl:",def_range"`
	}
	answersBlock struct {
		Invalid             string    `hcl:"invalid"`
		Inactive            string    `hcl:"inactive"`
		Expired             string    `hcl:"expired"`
		AccountStanding     string    `hcl:"account_standing"`
		MissingScope        *string   `hcl:"missing_scope,optional"`
		Locked              *string   `hcl:"locked,optional"`
		SubaccountSuspended *string   `hcl:"subaccount_suspended,optional"`
		RateLimited         *string   `hcl:"rate_limited,optional"`
		QuotaExceeded       *string   `hcl:"quota_exceeded,optional"`
		Blocked             *string   `hcl:"blocked,optional"`
		Range               hcl.Range `hcl:",def_range"`
	}
)
