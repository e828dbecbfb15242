package lies

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
)

// Escape is what a hostile service writes to clear a terminal, and to end a line with a
// message that looks like Terraform's own.
const Escape = "\x1b[2J\u009b31m\u202e\r\nApply complete! Resources: 0 added.\n"

// Lost drops the connection after the server has done its work.
func Lost(_ *http.Request, a *Answer) { a.Lost = true }

// Status answers with another status, and the body that there is.
func Status(status int) Rewrite {
	return func(_ *http.Request, a *Answer) { a.Status = status }
}

// Page answers with a page, as the sign-in of a proxy does.
func Page(_ *http.Request, a *Answer) {
	a.Status = http.StatusOK
	a.Header.Set("Content-Type", "text/html")
	a.Body = []byte("<!doctype html><title>Sign in</title>")
}

// Body answers with this text.
func Body(status int, text string) Rewrite {
	return func(_ *http.Request, a *Answer) { a.Status, a.Body = status, []byte(text) }
}

// Bomb answers with 15 MB of empty items, which are a few KB on the wire. list is what comes
// before them, such as `{"items":[`.
func Bomb(list string) Rewrite {
	return func(_ *http.Request, a *Answer) {
		var body bytes.Buffer
		z := gzip.NewWriter(&body)
		_, _ = z.Write([]byte(list + strings.Repeat("{},", 5_000_000)))
		_ = z.Close()
		a.Status, a.Body = http.StatusOK, body.Bytes()
		a.Header.Set("Content-Encoding", "gzip")
	}
}

// Endless gives every page one more cursor, which no page had before.
func Endless() Rewrite {
	var n atomic.Int64
	return JSON(func(v any) any {
		if page, ok := v.(map[string]any); ok && page["items"] != nil {
			page["next_cursor"] = fmt.Sprintf("more-%d", n.Add(1))
		}
		return v
	})
}

// Set puts a value into a field of an answer, wherever the field stands in it.
func Set(field string, value any) Rewrite {
	return JSON(func(v any) any { return walk(v, field, func(any) any { return value }) })
}

// Stain adds Escape to all values of a field that are texts.
func Stain(field string) Rewrite {
	return JSON(func(v any) any {
		return walk(v, field, func(old any) any {
			if text, ok := old.(string); ok {
				return text + Escape
			}
			return old
		})
	})
}

// Inflate makes a list in an answer longer: the items of the field, so many times.
func Inflate(field string, times int) Rewrite {
	return JSON(func(v any) any {
		return walk(v, field, func(old any) any {
			items, _ := old.([]any)
			long := make([]any, 0, times*len(items))
			for range times {
				long = append(long, items...)
			}
			return long
		})
	})
}

// Drop takes items out of the lists of an answer: those with a field of that value.
func Drop(field string, value any) Rewrite {
	return JSON(func(v any) any { return without(v, field, value) })
}

// JSON changes an answer as a JSON value. An answer that is none stays as it is.
func JSON(change func(v any) any) Rewrite {
	return func(_ *http.Request, a *Answer) {
		var v any
		if json.Unmarshal(a.Body, &v) != nil {
			return
		}
		if body, err := json.Marshal(change(v)); err == nil {
			a.Body = body
		}
	}
}

// Then tells one lie after the other about the same answer.
func Then(all ...Rewrite) Rewrite {
	return func(r *http.Request, a *Answer) {
		for _, one := range all {
			one(r, a)
		}
	}
}

func walk(v any, field string, change func(any) any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if name == field {
				v[name] = change(inner)
			} else {
				v[name] = walk(inner, field, change)
			}
		}
	case []any:
		for i := range v {
			v[i] = walk(v[i], field, change)
		}
	}
	return v
}

func without(v any, field string, value any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = without(inner, field, value)
		}
		return v
	case []any:
		kept := []any{}
		for _, item := range v {
			if m, ok := item.(map[string]any); ok && m[field] == value {
				continue
			}
			kept = append(kept, without(item, field, value))
		}
		return kept
	}
	return v
}
