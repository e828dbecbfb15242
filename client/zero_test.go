package client

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Whatever a program forgot to set gives an error that says so, and no panic: a nil client
// or service, one that New did not make, a context or an option that is nil.
func TestZero_values_fail_and_do_not_panic(t *testing.T) {
	t.Parallel()
	if _, err := New("http://127.0.0.1:1", testCredential, nil); err == nil || !strings.Contains(err.Error(), "an option is nil") {
		t.Errorf("New with a nil option: %v", err)
	}
	for name, c := range map[string]*Client{"nil": nil, "zero": {}, "from New": scripted(t)} {
		if name != "from New" && !strings.Contains(c.String()+c.GoString(), "no server") {
			t.Errorf("%s: %v", name, c)
		}
		c.CloseIdleConnections()
	}
	services := map[string][]any{
		"nil":  {(*APIKeyService)(nil), (*SubaccountService)(nil), (*ScopeService)(nil), (*AccountService)(nil), (*VerifyService)(nil), (*AuditEventService)(nil), (*SubaccountService)(nil).APIKeys("acme")},
		"zero": {&APIKeyService{}, &SubaccountService{}, &ScopeService{}, &AccountService{}, &VerifyService{}, &AuditEventService{}, (&SubaccountService{}).APIKeys("acme")},
	}
	c := scripted(t)
	services["a nil context"] = []any{c.APIKeys, c.Subaccounts, c.Scopes, c.Account, c.Verify, c.AuditEvents, c.Subaccounts.APIKeys("acme")}
	calls := 0
	for how, all := range services {
		ctx := t.Context()
		if how == "a nil context" {
			ctx = nil
		}
		for _, service := range all {
			calls += callAll(t, ctx, how, service)
		}
	}
	if calls < 3*25 {
		t.Errorf("only %d methods were called", calls)
	}
}

// callAll calls every method of a service that makes calls, and wants an error of each.
func callAll(t *testing.T, ctx context.Context, how string, service any) int { //nolint:revive // t comes first in helpers
	t.Helper()
	calls := 0
	v := reflect.ValueOf(service)
	for i := range v.NumMethod() {
		method, kind := v.Method(i), v.Method(i).Type()
		if kind.NumIn() == 0 || kind.In(0) != reflect.TypeFor[context.Context]() {
			continue
		}
		calls++
		args := []reflect.Value{reflect.Zero(kind.In(0))}
		if ctx != nil {
			args[0] = reflect.ValueOf(ctx)
		}
		for n := 1; n < kind.NumIn(); n++ {
			arg := reflect.Zero(kind.In(n))
			if kind.In(n).Kind() == reflect.String {
				arg = reflect.ValueOf("acme")
			}
			if kind.IsVariadic() && n == kind.NumIn()-1 {
				continue
			}
			args = append(args, arg)
		}
		out := method.Call(args)
		err := errorOf(out[len(out)-1])
		if err == nil || !strings.Contains(err.Error(), "nothing was sent") || !errors.Is(err, errNotMade) && !strings.Contains(err.Error(), "the context is nil") {
			t.Errorf("%s %T.%s: %v", how, service, v.Type().Method(i).Name, err)
		}
	}
	return calls
}

// errorOf is the error, or the first one of a list.
func errorOf(v reflect.Value) error {
	var found error
	take := func(err error) bool { found = err; return false }
	switch got := v.Interface().(type) {
	case error:
		return got
	case iter.Seq2[*api.APIKey, error]:
		got(func(_ *api.APIKey, err error) bool { return take(err) })
	case iter.Seq2[*api.Subaccount, error]:
		got(func(_ *api.Subaccount, err error) bool { return take(err) })
	case iter.Seq2[*api.Scope, error]:
		got(func(_ *api.Scope, err error) bool { return take(err) })
	case iter.Seq2[*api.AuditEvent, error]:
		got(func(_ *api.AuditEvent, err error) bool { return take(err) })
	}
	return found
}

// A nil option could be the condition that guards a write: the write is not sent.
func TestNil_options_of_a_call_fail_it(t *testing.T) {
	t.Parallel()
	c := scripted(t)
	for name, err := range map[string]error{
		"delete": c.APIKeys.Delete(t.Context(), "key_1", nil),
		"remove": c.Subaccounts.Delete(t.Context(), "acme", nil),
		"scope":  c.Scopes.Delete(t.Context(), "a", IfMatch(1), nil),
	} {
		if !errors.Is(err, ErrValidation) || !strings.Contains(err.Error(), "an option is nil") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{}, nil); !errors.Is(err, ErrValidation) {
		t.Error(err)
	}
	if _, err := c.APIKeys.Rotate(t.Context(), "key_1", api.RotateAPIKey{}, nil); !errors.Is(err, ErrValidation) {
		t.Error(err)
	}
}
