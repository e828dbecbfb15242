package lies

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Scene is what lies about keys are made of: ids as the service's own JSON has them, which
// are texts or numbers.
type Scene struct {
	Mine      string // the id of the key that a run is about; empty before there is one
	Stranger  string // of one that somebody else made in the same place
	Elsewhere string // of one of another account
	Numbers   bool   // whether ids are numbers
	Name      string // the stranger's
	// Colleague makes one more key of the name that the run asks for, at the same moment.
	Colleague func()
}

// Kind is a kind of lie, which may take several lies to tell.
type Kind struct {
	Name string
	Lies []Lie
}

// idFields are what services call the id of a key, and keys is in the paths of all of them.
var idFields = []string{"id", "api_key_id"}

const keys = "key"

// Kinds are all lies of Table, and those about whose key it is. Each round tells them at
// another moment: about all requests, about reads only, about writes only, or about one.
func Kinds(s Scene, round int) []Kind {
	var all []Kind
	for name, rewrite := range Table() {
		all = append(all, Kind{name, []Lie{moment(Lie{Rewrite: rewrite}, round)}})
	}
	for name, rewrite := range s.rewrites() {
		all = append(all, Kind{name, []Lie{moment(Lie{Part: keys, Rewrite: rewrite}, round)}})
	}
	slices.SortFunc(all, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return append(all, s.sequences()...)
}

// Moments is how many rounds of Kinds there are before they repeat themselves.
const Moments = 8

func moment(l Lie, round int) Lie {
	switch round % Moments {
	case 1:
		l.Method = http.MethodGet
	case 2:
		l.Writes = true
	case 3:
		l.Times = 1
	case 4:
		l.Part, l.Times = keys, 1
	case 5:
		l.Part, l.Skip, l.Times = keys, 1, 1
	case 6:
		l.Part, l.Method, l.Skip = keys, http.MethodGet, 1
	case 7:
		l.Part = keys
	}
	return l
}

// rewrites are lies that any answer about keys may hold.
func (s Scene) rewrites() map[string]Rewrite {
	return map[string]Rewrite{
		"the id of a stranger":              s.ids(s.Stranger),
		"the id of another account's key":   s.ids(s.Elsewhere),
		"the answers of two keys swapped":   s.swap(),
		"a list without the key":            s.drop(s.Mine),
		"a list without the stranger's":     s.drop(s.Stranger),
		"answers that stand still":          Stale(),
		"the name of a stranger":            Set("name", s.Name),
		"no name":                           Set("name", ""),
		"times long ago":                    times("1970-01-01T00:00:00Z"),
		"times at the end of all times":     times("9999-12-31T23:59:59Z"),
		"times that are none":               times("yesterday"),
		"the first secret and revision":     Then(Set("secret_version", 1), Set("revision", 1)),
		"a later secret and revision":       Then(Set("secret_version", 900), Set("revision", 900)),
		"a refusal after the work, 429":     Status(http.StatusTooManyRequests),
		"a refusal after the work, 401":     Status(http.StatusUnauthorized),
		"a refusal after the work, 403":     Status(http.StatusForbidden),
		"a failure after the work, 500":     Status(http.StatusInternalServerError),
		"a failure after the work, 503":     Status(http.StatusServiceUnavailable),
		"nothing there after the work, 404": Status(http.StatusNotFound),
		"a conflict after the work, 409":    Status(http.StatusConflict),
		"accepted, 202":                     Status(http.StatusAccepted),
		"done without a word, 204":          Body(http.StatusNoContent, ""),
	}
}

// sequences are lies about one operation from its begin to its end.
func (s Scene) sequences() []Kind {
	lost := Lie{Method: http.MethodPost, Part: keys, Rewrite: Lost}
	colleague := func(_ *http.Request, a *Answer) { s.Colleague(); a.Lost = true }
	refused := func(_ *http.Request, a *Answer) { s.Colleague(); a.Status = http.StatusServiceUnavailable }
	undone := func(name string, rewrite Rewrite) Kind {
		return Kind{name, []Lie{{Writes: true, Part: keys, Withheld: true, Rewrite: rewrite}}}
	}
	lags := func(name string, rewrite Rewrite) Kind {
		return Kind{name, []Lie{{Method: http.MethodGet, Part: keys, Times: 1, Rewrite: rewrite}, lost}}
	}
	empty := Body(http.StatusOK, `{"items":[],"result":[]}`)
	bare := func(_ *http.Request, a *Answer) {
		if s.Numbers {
			a.Body = []byte("[]")
		}
	}
	return []Kind{
		undone("not done, and a page of a proxy", Page),
		undone("not done, and 200", Body(http.StatusOK, "{}")),
		undone("not done, and 202", Body(http.StatusAccepted, "")),
		undone("not done, and 404", Body(http.StatusNotFound, `{"code":"not_found","detail":"gone","errors":[{"message":"gone"}]}`)),
		undone("not done, and lost", Lost),
		undone("not done, and 429", Body(http.StatusTooManyRequests, "")),
		{"done, and lost", []Lie{{Writes: true, Part: keys, Rewrite: Lost}}},
		lags("lost, and the list before was empty", Then(empty, bare)),
		lags("lost, and the list before had not the key", s.drop(s.Mine)),
		lags("lost, and the list before had not the stranger's", s.drop(s.Stranger)),
		lags("lost, and the list before was of another place", s.ids(s.Elsewhere)),
		{"lost, and all lists stand still", []Lie{{Method: http.MethodGet, Part: keys, Rewrite: Stale()}, lost}},
		{"a key of a colleague, and the answer lost", []Lie{{Method: http.MethodPost, Part: keys, Times: 1, Rewrite: colleague}, lost}},
		{"a key of a colleague, and nothing done", []Lie{{Method: http.MethodPost, Part: keys, Withheld: true, Times: 1, Rewrite: colleague}, {Method: http.MethodPost, Part: keys, Withheld: true, Rewrite: Lost}}},
		{"a key of a colleague, and 503 for nothing", []Lie{{Method: http.MethodPost, Part: keys, Withheld: true, Times: 1, Rewrite: refused}}},
		{"a write answers about a stranger", []Lie{{Writes: true, Part: keys, Rewrite: Then(s.ids(s.Stranger), Set("name", s.Name))}}},
		{"a write answers about the key in the state", []Lie{{Writes: true, Part: keys, Rewrite: s.ids(s.Mine)}}},
		{"a write and all reads tell of a stranger", []Lie{{Part: keys, Rewrite: Then(s.ids(s.Stranger), Set("name", s.Name))}}},
	}
}

// id is an id as the service's JSON has it.
func (s Scene) id(id string) any {
	if s.Numbers {
		return json.Number(id)
	}
	return id
}

func (s Scene) ids(id string) Rewrite {
	return Then(Set(idFields[0], s.id(id)), Set(idFields[1], s.id(id)))
}

// drop takes a key out of all lists.
func (s Scene) drop(id string) Rewrite {
	return eachObject(func(o map[string]any) bool { return idOf(o) != id })
}

// swap gives each of two keys the other's id.
func (s Scene) swap() Rewrite {
	return eachObject(func(o map[string]any) bool {
		for _, field := range idFields {
			switch fmt.Sprint(o[field]) {
			case s.Mine:
				o[field] = s.id(s.Stranger)
			case s.Stranger:
				o[field] = s.id(s.Mine)
			}
		}
		return true
	})
}

func idOf(o map[string]any) string {
	for _, field := range idFields {
		if id, ok := o[field]; ok {
			return fmt.Sprint(id)
		}
	}
	return ""
}

// eachObject changes the objects of an answer, and leaves those out of lists for which
// change returns false.
func eachObject(change func(map[string]any) bool) Rewrite {
	var each func(v any) any
	each = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			change(v)
			for name, inner := range v {
				v[name] = each(inner)
			}
		case []any:
			kept := []any{}
			for _, item := range v {
				if o, ok := item.(map[string]any); ok && !change(o) {
					continue
				}
				kept = append(kept, item)
			}
			return kept
		}
		return v
	}
	return JSON(each)
}

func times(at string) Rewrite {
	return Then(Set("created_at", at), Set("updated_at", at), Set("secret_created_at", at), Set("expires_at", at))
}

// Stale answers each read with the first answer that it got, whatever has happened since.
func Stale() Rewrite {
	var mu sync.Mutex
	first := map[string]Answer{}
	return func(r *http.Request, a *Answer) {
		if r.Method != http.MethodGet {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if old, ok := first[r.URL.RequestURI()]; ok {
			a.Status, a.Header, a.Body = old.Status, old.Header.Clone(), slices.Clone(old.Body)
			return
		}
		first[r.URL.RequestURI()] = Answer{Status: a.Status, Header: a.Header.Clone(), Body: slices.Clone(a.Body)}
	}
}
