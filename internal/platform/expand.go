package platform

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// ShapeError says what is wrong with one way of asking for many scopes. It never
// repeats what was sent unless that is a plain word: it could be a secret in the
// wrong place.
type ShapeError struct {
	Field  string // "preset", "access", or "access." and a group
	Reason string
}

func (e *ShapeError) Error() string { return e.Field + " " + e.Reason }

// Expand returns the scopes that are asked for by the levels of groups and by a
// preset, sorted. An empty preset is none. The error joins every fault, each a
// *ShapeError: those of the groups by name, then that of the preset.
func (p *Platform) Expand(access map[string]string, preset string) ([]string, error) {
	var names []string
	var faults []error
	told := map[ShapeError]bool{} // names that must not be repeated all have the same fault
	for _, group := range slices.Sorted(maps.Keys(access)) {
		given, err := p.level(group, access[group])
		if err != nil && !told[*err] {
			faults = append(faults, err)
			told[*err] = true
		}
		names = append(names, given...)
	}
	if preset != "" {
		i := slices.IndexFunc(p.Presets, func(known Preset) bool { return known.Name == preset })
		if i < 0 {
			var known []string
			for _, other := range p.Presets {
				known = append(known, other.Name)
			}
			faults = append(faults, &ShapeError{"preset", unknownWord("preset", preset, known)})
		} else {
			names = append(names, p.Presets[i].Scopes...)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return scope.Normal(names), nil
}

// level returns what the level of the group gives.
func (p *Platform) level(group, level string) ([]string, *ShapeError) {
	i := slices.IndexFunc(p.Groups, func(known Group) bool { return known.Name == group })
	if i < 0 {
		var known []string
		for _, other := range p.Groups {
			known = append(known, other.Name)
		}
		reason := unknownWord("group of scopes", group, known)
		if slug.MatchString(group) {
			return nil, &ShapeError{"access." + group, reason}
		}
		return nil, &ShapeError{"access", "holds a name that " + reason}
	}
	field := "access." + group
	switch level {
	case LevelNone:
		return nil, nil
	case LevelRead:
		if len(p.Groups[i].Read) == 0 {
			return nil, &ShapeError{field, "has no level read; it is none or full"}
		}
		return p.Groups[i].Read, nil
	case LevelFull:
		return p.Groups[i].Full, nil
	}
	return nil, &ShapeError{field, fmt.Sprintf("must be %s, %s or %s", LevelNone, LevelRead, LevelFull)}
}

// unknownWord says that there is nothing of that name, and what was probably
// meant.
func unknownWord(kind, name string, known []string) string {
	switch nearest := nearestWord(name, known); {
	case len(known) == 0:
		return fmt.Sprintf("is no %s: the platform has none", kind)
	case nearest != "":
		return fmt.Sprintf("is no %s; the nearest is %q", kind, nearest)
	}
	return fmt.Sprintf("is no %s; use one of %s", kind, strings.Join(known, ", "))
}

func nearestWord(name string, known []string) string {
	if len(name) > 40 {
		return "" // no name is as long, and a long text costs time to compare
	}
	return scope.Nearest(name, known)
}
