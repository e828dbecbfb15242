package provider

import (
	"context"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// talkative is a server that says what a hostile service would have it say.
type talkative struct{ Server }

func hostile() []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{Summary: "s" + lies.Escape, Detail: "d" + lies.Escape + "\n\nmore" + strings.Repeat("x", 1<<20)}}
}

func (talkative) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: hostile()}, nil
}

func (talkative) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{Diagnostics: hostile()}, nil
}

func (talkative) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{Diagnostics: hostile()}, nil
}

func (talkative) ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{Diagnostics: hostile()}, nil
}

func (talkative) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return &tfprotov6.ReadDataSourceResponse{Diagnostics: hostile()}, nil
}

func (talkative) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(yield func(tfprotov6.InvokeActionEvent) bool) {
		_ = yield(tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: lies.Escape}}) &&
			yield(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: hostile()}})
	}}, nil
}

func (talkative) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: func(yield func(tfprotov6.ListResourceResult) bool) {
		_ = yield(tfprotov6.ListResourceResult{DisplayName: lies.Escape, Diagnostics: hostile()})
	}}, nil
}

// Whatever quotes a text of a service, nothing of it reaches a terminal but letters.
func TestServer_SaysNothingThatATerminalObeys(t *testing.T) {
	t.Parallel()
	s := cleanServer{talkative{}}
	ctx := t.Context()
	var said []string
	note := func(all []*tfprotov6.Diagnostic) {
		for _, d := range all {
			if strings.Contains(d.Summary, "\n") {
				t.Errorf("a summary of several lines: %q", d.Summary)
			}
			said = append(said, d.Summary, d.Detail)
		}
	}
	configured, _ := s.ConfigureProvider(ctx, nil)
	note(configured.Diagnostics)
	read, _ := s.ReadResource(ctx, nil)
	note(read.Diagnostics)
	planned, _ := s.PlanResourceChange(ctx, nil)
	note(planned.Diagnostics)
	applied, _ := s.ApplyResourceChange(ctx, nil)
	note(applied.Diagnostics)
	data, _ := s.ReadDataSource(ctx, nil)
	note(data.Diagnostics)
	invoked, _ := s.InvokeAction(ctx, nil)
	for event := range invoked.Events {
		switch kind := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			said = append(said, kind.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			note(kind.Diagnostics)
		}
	}
	listed, _ := s.ListResource(ctx, nil)
	for result := range listed.Results {
		said = append(said, result.DisplayName)
		note(result.Diagnostics)
	}
	if len(said) != 16 {
		t.Errorf("%d texts", len(said))
	}
	for _, text := range said {
		if len(text) > 21_000 || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("%d bytes: %.200q", len(text), text)
		}
	}
}
