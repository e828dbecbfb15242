package backend_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// ofAccount is a backend that tells its account, and panics on everything else.
type ofAccount struct {
	backend.Backend
	backend.Marker
	id string
}

func (b ofAccount) Account(context.Context) (backend.Account, error) {
	return backend.Account{ID: b.id}, nil
}
func (ofAccount) Keys(string) backend.Keys         { return struct{ backend.Keys }{} }
func (ofAccount) Subaccounts() backend.Subaccounts { return struct{ backend.Subaccounts }{} }
func (ofAccount) Scopes() backend.Scopes           { return struct{ backend.Scopes }{} }

// Each method of each interface is called, so that one which is added later is held, too.
func TestBound_AsksAnotherAccountNothing(t *testing.T) {
	t.Parallel()
	quiet := map[string]bool{"Keys": true, "Subaccounts": true, "Scopes": true, "Planned": true, "MarkOf": true} // those call no service
	for id, says := range map[string]string{"acct_two": "another account, acct_two", "": "does not tell"} {
		b := backend.Bound(ofAccount{id: id}, "acct_one")
		if _, ok := b.(backend.Marker); !ok {
			t.Error("the marks are lost")
		}
		called := 0
		for _, part := range []any{b, b.Keys("shop"), b.Subaccounts(), b.Scopes()} {
			value := reflect.ValueOf(part)
			for i := range value.NumMethod() {
				name := value.Type().Method(i).Name
				if quiet[name] {
					continue
				}
				err := lastError(t, value.Method(i), name)
				if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "acct_one") {
					t.Errorf("account %q, %T.%s: %v", id, part, name, err)
				}
				called++
			}
		}
		if called < 25 {
			t.Errorf("only %d methods were called", called)
		}
	}
}

// lastError calls a method with nothing in its arguments and returns its error.
func lastError(t *testing.T, method reflect.Value, name string) (err error) {
	t.Helper()
	defer func() {
		if cause := recover(); cause != nil {
			t.Errorf("%s asks the service", name)
		}
	}()
	var in []reflect.Value
	for i := range method.Type().NumIn() {
		in = append(in, reflect.Zero(method.Type().In(i)))
	}
	in[0] = reflect.ValueOf(t.Context())
	out := method.Call(in)
	err, _ = out[len(out)-1].Interface().(error)
	return err
}

func TestBound_PassesItsOwnAccount(t *testing.T) {
	t.Parallel()
	a, err := backend.Bound(ofAccount{id: "acct_one"}, "acct_one").Account(t.Context())
	if err != nil || a.ID != "acct_one" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, ok := backend.Bound(struct{ backend.Backend }{}, "acct_one").(backend.Marker); ok {
		t.Error("a backend without marks has some")
	}
}
