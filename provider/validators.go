package provider

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"golang.org/x/text/unicode/norm"
)

// printable accepts text without control or invisible characters, so that two
// names which look alike to a reviewer are alike.
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
	fault := func(format string, args ...any) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid text", fmt.Sprintf("The "+req.Path.String()+" "+format+".", args...))
	}
	if n := utf8.RuneCountInString(text); n > v.most {
		fault("must be at most %d characters long, it has %d", v.most, n)
	}
	if v.trimmed && strings.TrimSpace(text) != text {
		fault("must not begin or end with a space")
	}
	if v.trimmed && !norm.NFC.IsNormalString(text) {
		fault("must be in Unicode's form NFC, in which an accented letter is one character; write it as %s", strconv.QuoteToASCII(norm.NFC.String(text)))
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		fault("must not hold control or invisible characters, it has %U", r)
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
