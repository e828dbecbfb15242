package provider

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// heard is what hangs on the context of a call, as loggers do.
type heard struct{ _ [1 << 10]byte }

// The framework keeps the context of each call until the provider is stopped.
func TestServer_ForgetsWhatHungOnACall(t *testing.T) {
	t.Parallel()
	few := []string{ // calls in a run, or answers that come after the call
		"GetMetadata", "GetProviderSchema", "GetResourceIdentitySchemas", "GetFunctions", "ValidateProviderConfig", "StopProvider",
		"ListResource", "InvokeAction",
	}
	for method := range reflect.TypeFor[Server]().Methods() {
		if slices.Contains(few, method.Name) {
			continue
		}
		t.Run(method.Name, func(t *testing.T) {
			t.Parallel()
			server := reflect.ValueOf(NewServer("test")())
			gone := make(chan bool)
			func() {
				defer func() { _ = recover() }() // a request that asks for nothing may be one too little
				on := &heard{}
				runtime.AddCleanup(on, func(gone chan bool) { close(gone) }, gone)
				ctx := context.WithValue(t.Context(), heard{}, on)
				server.MethodByName(method.Name).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.New(method.Type.In(1).Elem())})
			}()
			for range 100 {
				runtime.GC()
				runtime.Gosched()
				select {
				case <-gone:
					runtime.KeepAlive(server)
					return
				default:
				}
			}
			t.Error("what hung on the context of the call is still there")
			runtime.KeepAlive(server)
		})
	}
}
