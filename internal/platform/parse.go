package platform

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Parse reads and checks a platform file. The error names the line of every
// fault, one a line.
func Parse(source []byte, filename string) (*Platform, error) {
	source = bytes.TrimPrefix(source, []byte("\ufeff")) // a byte order mark, as editors on Windows write it
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

// builder fills a platform from its file and collects the faults.
type builder struct {
	p     *Platform
	diags hcl.Diagnostics
}

func (b *builder) fault(at hcl.Range, summary, format string, args ...any) {
	b.diags = b.diags.Append(&hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at})
}

func build(block *platformBlock) (*Platform, error) {
	b := &builder{p: &Platform{
		Name:        block.Name,
		Title:       block.Title,
		Plans:       map[string]Plan{},
		DefaultPlan: block.DefaultPlan,
		OpenScopes:  block.OpenScopes,
		levels:      map[string]string{},
		rights:      map[string][]string{},
		answers:     map[string]string{},
	}}
	if err := checkWord(block.Name); err != nil {
		b.fault(block.Range, "Invalid platform name", "It %v.", err)
	}
	b.credential(block)
	b.keys(&block.Keys)
	b.subaccounts(block.Subaccounts)
	b.plans(block)
	b.requests(block.Requests)
	b.attempts(block.Attempts)
	b.answers(block)
	// What names scopes is checked only against good ones: else one misspelt
	// scope would be told many times.
	if b.catalogue(block) {
		b.groups(block)
		b.fixedScopes(block)
		b.automatic(block.Automatic)
		b.presets(block.Presets)
	}
	if !b.diags.HasErrors() {
		return b.p, nil
	}
	slices.SortStableFunc(b.diags, func(x, y *hcl.Diagnostic) int { return cmp.Compare(x.Subject.Start.Line, y.Subject.Start.Line) })
	return nil, errors.Join(b.diags.Errs()...)
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
