package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// The shape of a platform file.
type (
	file struct {
		Platform platformBlock `hcl:"platform,block"`
	}
	platformBlock struct {
		Name        string       `hcl:"name,label"`
		Title       string       `hcl:"title"`
		Secret      secretBlock  `hcl:"secret,block"`
		Keys        keysBlock    `hcl:"keys,block"`
		DefaultPlan string       `hcl:"default_plan,optional"`
		Plans       []planBlock  `hcl:"plan,block"`
		Scopes      []scopeBlock `hcl:"scope,block"`
		Answers     answersBlock `hcl:"answers,block"`
		Range       hcl.Range    `hcl:",def_range"`
	}
	secretBlock struct {
		Prefix   string    `hcl:"prefix"`
		Alphabet string    `hcl:"alphabet"`
		Length   int       `hcl:"length"`
		Checksum bool      `hcl:"checksum,optional"`
		Range    hcl.Range `hcl:",def_range"`
	}
	keysBlock struct {
		UniqueNames bool      `hcl:"unique_names"`
		EditScopes  bool      `hcl:"edit_scopes"`
		Expiry      bool      `hcl:"expiry"`
		Disable     bool      `hcl:"disable"`
		MaxOverlap  string    `hcl:"max_overlap"`
		Range       hcl.Range `hcl:",def_range"`
	}
	planBlock struct {
		Name    string    `hcl:"name,label"`
		APIKeys *int      `hcl:"apikeys,optional"`
		Range   hcl.Range `hcl:",def_range"`
	}
	scopeBlock struct {
		Name        string    `hcl:"name,label"`
		Description string    `hcl:"description"`
		Group       string    `hcl:"group"`
		Class       string    `hcl:"class,optional"`
		Implies     []string  `hcl:"implies,optional"`
		Rights      []string  `hcl:"rights,optional"`
		Range       hcl.Range `hcl:",def_range"`
	}
	answersBlock struct {
		Invalid         string    `hcl:"invalid"`
		Inactive        string    `hcl:"inactive"`
		Expired         string    `hcl:"expired"`
		AccountStanding string    `hcl:"account_standing"`
		MissingScope    string    `hcl:"missing_scope"`
		Range           hcl.Range `hcl:",def_range"`
	}
)

// Parse reads and checks a platform file. The error names the line of every
// fault, one a line.
func Parse(source []byte, filename string) (*Platform, error) {
	parsed, diags := hclsyntax.ParseConfig(source, filename, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, errors.Join(diags.Errs()...)
	}
	var f file
	functions := &hcl.EvalContext{Functions: map[string]function.Function{"jsonencode": stdlib.JSONEncodeFunc}}
	if diags := gohcl.DecodeBody(parsed.Body, functions, &f); diags.HasErrors() {
		return nil, errors.Join(diags.Errs()...)
	}
	return build(&f.Platform)
}

func build(b *platformBlock) (*Platform, error) {
	var diags hcl.Diagnostics
	fault := func(at hcl.Range, summary, format string, args ...any) {
		diags = diags.Append(&hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at})
	}
	p := &Platform{
		Name:        b.Name,
		Title:       b.Title,
		Secret:      secret.Format{Prefix: b.Secret.Prefix, Alphabet: b.Secret.Alphabet, Length: b.Secret.Length, Checksum: b.Secret.Checksum},
		Keys:        KeyRules{UniqueNames: b.Keys.UniqueNames, EditScopes: b.Keys.EditScopes, Expiry: b.Keys.Expiry, Disable: b.Keys.Disable},
		Plans:       map[string]Plan{},
		DefaultPlan: b.DefaultPlan,
		rights:      map[string][]string{},
		answers: map[string]string{
			"invalid": b.Answers.Invalid, "inactive": b.Answers.Inactive, "expired": b.Answers.Expired,
			"account_standing": b.Answers.AccountStanding, "missing_scope": b.Answers.MissingScope,
		},
	}
	if err := p.Secret.Check(); err != nil {
		fault(b.Secret.Range, "Invalid secret format", "The %v.", err)
	}
	overlap, err := time.ParseDuration(b.Keys.MaxOverlap)
	if err != nil || overlap < 0 {
		fault(b.Keys.Range, "Invalid max_overlap", "It must be a duration such as \"720h\" or \"0s\", not %q.", b.Keys.MaxOverlap)
	}
	p.Keys.MaxOverlap = overlap
	for _, plan := range b.Plans {
		if _, twice := p.Plans[plan.Name]; twice {
			fault(plan.Range, "Duplicate plan", "Plan %q is defined twice.", plan.Name)
		}
		if plan.APIKeys != nil && *plan.APIKeys < 1 {
			fault(plan.Range, "Invalid apikeys", "A plan allows at least 1 key; leave apikeys out for no limit.")
		}
		p.Plans[plan.Name] = Plan{APIKeys: plan.APIKeys}
	}
	if err := checkWord(b.Name); err != nil {
		fault(b.Range, "Invalid platform name", "It %v.", err)
	}
	for _, code := range slices.Sorted(maps.Keys(p.answers)) {
		if !json.Valid([]byte(p.answers[code])) {
			fault(b.Answers.Range, "Invalid answer", "The answer %q is not JSON; jsonencode writes it.", code)
		}
	}
	if _, ok := p.Plans[b.DefaultPlan]; !ok && (b.DefaultPlan != "" || len(b.Plans) > 0) {
		fault(b.Range, "Invalid default_plan", "It must name one of the plans (%v), not %q.", slices.Sorted(maps.Keys(p.Plans)), b.DefaultPlan)
	}
	var scopes []scope.Scope
	ranges := map[string]hcl.Range{}
	for _, s := range b.Scopes {
		scopes = append(scopes, scope.Scope{Name: s.Name, Description: s.Description, Group: s.Group, Class: s.Class, Implies: s.Implies})
		ranges[s.Name] = s.Range // a name defined twice is reported where it is defined again
		p.rights[s.Name] = s.Rights
		for _, right := range s.Rights {
			if !slices.Contains(Rights(), right) {
				fault(s.Range, "Unknown right", "Scope %q gives the right %q, which the management API does not have; it has %s.", s.Name, right, strings.Join(Rights(), ", "))
			}
		}
	}
	p.Scopes, err = scope.NewCatalogue(scopes)
	for _, err := range split(err) {
		at := b.Range
		if d, ok := errors.AsType[*scope.DefinitionError](err); ok {
			at = ranges[d.Name]
		}
		fault(at, "Invalid scope", "The %v.", err)
	}
	if diags.HasErrors() {
		return nil, errors.Join(diags.Errs()...)
	}
	return p, nil
}

// checkWord says what is wrong with a platform's name. It stands in commands, in
// the database and in answers, so it needs no quoting anywhere.
func checkWord(name string) error {
	const most = 40
	if name == "" || len(name) > most {
		return fmt.Errorf("must have 1 to %d characters", most)
	}
	for i, r := range name {
		if (r < 'a' || r > 'z') && (i == 0 || (r < '0' || r > '9') && r != '-') {
			return fmt.Errorf("must begin with a lower case letter and hold lower case letters, digits and \"-\" only, not %q", r)
		}
	}
	return nil
}

// split returns the errors that errors.Join put together.
func split(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
