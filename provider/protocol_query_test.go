package provider_test

import "github.com/hashicorp/terraform-plugin-go/tfprotov6"

// listed is one thing that a list found.
type listed struct {
	called   string
	identity map[string]string
	resource object
}

// query is a list block of `terraform query`.
type query struct {
	resourceType string
	config       object
	limit        int64
	whole        bool // the resources too
}

// list runs a query and takes at most so many results as are asked for with limit, as
// Terraform does, to the end of the stream.
func (p inProcess) list(q query) (found []listed, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	config := p.value(p.schemas.ListResourceSchemas[q.resourceType].ValueType(), q.config)
	checked, err := p.server.ValidateListResourceConfig(p.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: q.resourceType, Config: config})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(checked.Diagnostics) > 0 {
		return nil, checked.Diagnostics
	}
	stream, err := p.server.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{TypeName: q.resourceType, Config: config, Limit: q.limit, IncludeResource: q.whole})
	if err != nil {
		p.t.Fatal(err)
	}
	for result := range stream.Results {
		diags = append(diags, result.Diagnostics...)
		if result.Identity != nil {
			found = append(found, listed{result.DisplayName, p.identity(q.resourceType, result.Identity), p.attributes(p.kind(q.resourceType), result.Resource)})
		}
	}
	return found, diags
}

// mustList is list where nothing goes wrong.
func (p inProcess) mustList(q query) []listed {
	p.t.Helper()
	found, diags := p.list(q)
	for _, d := range diags {
		p.t.Errorf("%s: %s: %s", q.resourceType, d.Summary, d.Detail)
	}
	return found
}

// act validates, plans and invokes an action, and stops at the first error. It returns
// all that is told on the way.
func (p inProcess) act(actionType string, config object) (told []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	sent := p.actionConfig(actionType, config)
	checked, err := p.server.ValidateActionConfig(p.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: sent})
	if err != nil {
		p.t.Fatal(err)
	}
	if diags = checked.Diagnostics; failed(diags) {
		return nil, diags
	}
	if diags = append(diags, p.planned(actionType, config)...); failed(diags) {
		return nil, diags
	}
	told, last := p.invoke(actionType, config)
	return told, append(diags, last...)
}

func (p inProcess) actionConfig(actionType string, config object) *tfprotov6.DynamicValue {
	p.t.Helper()
	return p.value(p.schemas.ActionSchemas[actionType].Schema.ValueType(), config)
}

// planned plans an action and does not run it.
func (p inProcess) planned(actionType string, config object) []*tfprotov6.Diagnostic {
	p.t.Helper()
	got, err := p.server.PlanAction(p.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: p.actionConfig(actionType, config)})
	if err != nil {
		p.t.Fatal(err)
	}
	return got.Diagnostics
}

// invoke runs an action without a plan.
func (p inProcess) invoke(actionType string, config object) (told []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	stream, err := p.server.InvokeAction(p.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: p.actionConfig(actionType, config)})
	if err != nil {
		p.t.Fatal(err)
	}
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			told = append(told, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = e.Diagnostics
		}
	}
	return told, diags
}
