package api

import (
	"encoding/json"
	"reflect"
)

// MarshalWire encodes a request or an answer of this package as it goes over the wire, with
// its secret in plain. Client and server use it; a program that sends requests by itself
// does so, too. What it returns belongs in no log.
func MarshalWire(v any) ([]byte, error) {
	holder, ok := v.(secretHolder)
	if at := reflect.ValueOf(v); ok && (at.Kind() != reflect.Pointer || !at.IsNil()) {
		v = holder.onWire()
	}
	return json.Marshal(v)
}

// secretHolder is a type that has a Secret. Its onWire has the same fields with the text of
// that: of two fields of one name, encoding/json takes the outer one.
type secretHolder interface{ onWire() any }

func (k IssuedAPIKey) onWire() any {
	type redacted IssuedAPIKey
	return struct {
		redacted
		Secret string `json:"secret,omitempty"`
	}{redacted(k), k.Secret.Reveal()}
}

func (k CreateAPIKey) onWire() any {
	type redacted CreateAPIKey
	return struct {
		redacted
		Secret string `json:"secret,omitempty"`
	}{redacted(k), k.Secret.Reveal()}
}

func (k RotateAPIKey) onWire() any {
	type redacted RotateAPIKey
	return struct {
		redacted
		Secret string `json:"secret,omitempty"`
	}{redacted(k), k.Secret.Reveal()}
}

func (r VerifyRequest) onWire() any {
	type redacted VerifyRequest
	return struct {
		redacted
		Secret string `json:"secret"`
	}{redacted(r), r.Secret.Reveal()}
}
