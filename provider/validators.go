package provider

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// printable accepts text without control or invisible characters. It is for what only a
// configuration makes. Names of keys and sub-accounts exist at services as they are, and are
// checked when one is made or renamed: see backend.KeyRules.CheckName.
type printable struct {
	most    int  // characters
	trimmed bool // a name: no spaces at the ends, and one way only to write a letter
}

func (v printable) Description(context.Context) string {
	return fmt.Sprintf("must be at most %d printable characters", v.most)
}

func (v printable) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v printable) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	check := backend.CheckText
	if v.trimmed {
		check = backend.CheckName
	}
	if err := check(text, v.most); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid text", fmt.Sprintf("The %s %v.", req.Path, err))
	}
}

// duration accepts a Go duration in whole seconds that is not negative.
type duration struct{ positive bool } // positive: zero is refused too

func (v duration) Description(context.Context) string {
	return "must be a duration in whole seconds such as 24h, 90m or 0s"
}

func (v duration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v duration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if err != nil {
		return // the type says so
	}
	if d < 0 || d%time.Second != 0 || v.positive && d == 0 {
		more := ""
		if v.positive {
			more = " and longer than 0s"
		}
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("The %s %s%s, not %q.", req.Path, v.Description(ctx), more, req.ConfigValue.ValueString()))
	}
}

// ipAddress accepts an IP address, without a port or a prefix length.
type ipAddress struct{}

func (v ipAddress) Description(context.Context) string {
	return "must be an IP address such as 192.0.2.10"
}

func (v ipAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v ipAddress) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := netip.ParseAddr(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid IP address", fmt.Sprintf("It %s, not %q.", v.Description(ctx), req.ConfigValue.ValueString()))
	}
}

// wholeSeconds accepts a time without a fraction of a second.
type wholeSeconds struct{}

func (v wholeSeconds) Description(context.Context) string { return "must be in whole seconds" }

func (v wholeSeconds) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v wholeSeconds) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	at, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString())
	if err == nil && at.Nanosecond() != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf("The %s must be in whole seconds, such as %s.", req.Path, at.Truncate(time.Second).Format(time.RFC3339)))
	}
}
