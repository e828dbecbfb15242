package lies

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Aliases makes a service show other names than its server has, and take them in requests: so
// a real server stands for a vendor that has names which the server would refuse. A key is what
// the server has, and its value what the client sees.
func (p *Proxy) Aliases(byReal map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown, p.real = byReal, map[string]string{}
	for own, shown := range byReal {
		p.real[shown] = own
	}
}

// toServer turns what a client sends into what the server knows.
func (p *Proxy) toServer(r *http.Request) error {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil && p.real[plain] != "" {
			segments[i] = url.PathEscape(p.real[plain])
		}
	}
	path := strings.Join(segments, "/")
	plain, err := url.PathUnescape(path)
	if err != nil {
		return err
	}
	r.URL.Path, r.URL.RawPath = plain, path
	query := r.URL.Query()
	for _, values := range query {
		rename(values, p.real)
	}
	r.URL.RawQuery = query.Encode()
	for _, values := range r.Header {
		rename(values, p.real)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(renameIn(body, p.real)))
	return nil
}

func rename(values []string, names map[string]string) {
	for i, value := range values {
		if other, ok := names[value]; ok {
			values[i] = other
		}
	}
}

// renameIn renames all texts of a JSON value that are one of the names.
func renameIn(body []byte, names map[string]string) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return body
	}
	var change func(v any) any
	change = func(v any) any {
		switch v := v.(type) {
		case string:
			if other, ok := names[v]; ok {
				return other
			}
		case map[string]any:
			for name := range v {
				v[name] = change(v[name])
			}
		case []any:
			for i := range v {
				v[i] = change(v[i])
			}
		}
		return v
	}
	if changed, err := json.Marshal(change(v)); err == nil {
		return changed
	}
	return body
}
