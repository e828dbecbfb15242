package platform

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// slug is what the names of groups and presets look like: they are keys of a map
// in configurations.
var slug = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// catalogue reads the scopes of the groups and those with a block of their own. It
// reports whether they make a good catalogue.
func (b *builder) catalogue(block *platformBlock) bool {
	var scopes []scope.Scope
	ranges := map[string]hcl.Range{} // a name defined twice is reported where it is defined again
	add := func(s scope.Scope, level string, rights []string, at, rightsAt hcl.Range) {
		scopes = append(scopes, s)
		ranges[s.Name] = at
		if level != "" {
			b.p.levels[s.Name] = level
		}
		b.p.rights[s.Name] = rights
		for _, right := range rights {
			if !slices.Contains(Rights(), right) {
				b.fault(rightsAt, "Unknown right", "Scope %q gives the right %q, which the management API does not have; it has %s.", s.Name, right, strings.Join(Rights(), ", "))
			}
		}
	}
	for _, g := range block.Groups {
		member := func(name, level string, at hcl.Range) {
			add(scope.Scope{Name: name, Description: describe(g.Title, name), Group: g.Name, Class: g.Class}, level, g.Rights[name], at, g.RightLine)
		}
		for _, name := range g.Read {
			member(name, LevelRead, g.ReadLine)
		}
		for _, name := range g.Full {
			member(name, LevelFull, g.FullLine)
		}
	}
	for _, s := range block.Scopes {
		add(scope.Scope{Name: s.Name, Description: s.Description, Group: s.Group, Class: s.Class, Implies: s.Implies}, s.Level, s.Rights, s.Range, s.Range)
	}
	var err error
	b.p.Scopes, err = scope.NewCatalogue(scopes)
	for _, err := range split(err) {
		at := block.Range
		if d, ok := errors.AsType[*scope.DefinitionError](err); ok {
			at = ranges[d.Name]
		}
		b.fault(at, "Invalid scope", "The %v.", err)
	}
	return err == nil
}

// describe makes the description of a scope that its group defines: from
// mail.batch.create in the group Mail, "Mail: create mail batch." without quotes.
func describe(title, name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == ':' })
	if len(words) == 0 {
		return title + "."
	}
	last := len(words) - 1
	words = append(words[last:], words[:last]...)
	return title + ": " + strings.ReplaceAll(strings.Join(words, " "), "_", " ") + "."
}

// groups makes the levels of each group, from its block and from the scopes that
// have a level.
func (b *builder) groups(block *platformBlock) {
	all := map[string]*Group{}
	ranges := map[string]hcl.Range{}
	for _, g := range block.Groups {
		if _, twice := all[g.Name]; twice {
			b.fault(g.Range, "Duplicate group", "Group %q is defined twice.", g.Name)
		}
		if len(g.Read)+len(g.Full) == 0 {
			b.fault(g.Range, "Invalid group", "It has no scopes; list them in read and full.")
		}
		for _, name := range slices.Sorted(maps.Keys(g.Rights)) {
			if !slices.Contains(g.Read, name) && !slices.Contains(g.Full, name) {
				b.fault(g.RightLine, "Invalid rights", "Scope %q is not in this group.", name)
			}
		}
		all[g.Name] = &Group{Title: g.Title, Read: g.Read, Full: slices.Concat(g.Read, g.Full)}
		ranges[g.Name] = g.Range
	}
	for _, s := range block.Scopes {
		b.levelled(all, ranges, s)
	}
	for _, s := range block.Scopes {
		if _, levels := all[s.Group]; levels && s.Level == "" {
			b.fault(s.Range, "Missing level", "Other scopes of the group %q have a level; give this one the level %q or %q, or another group.", s.Group, LevelRead, LevelFull)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		g := all[name]
		g.Name, g.Read, g.Full = name, scope.Normal(g.Read), scope.Normal(g.Full)
		b.checkGroup(g, ranges[name])
		b.p.Groups = append(b.p.Groups, *g)
	}
}

// levelled puts a scope with a level into its group.
func (b *builder) levelled(all map[string]*Group, ranges map[string]hcl.Range, s scopeBlock) {
	switch s.Level {
	case "":
		return
	case LevelRead, LevelFull:
	default:
		b.fault(s.Range, "Invalid level", "It must be %q or %q, not %q; leave it out where the platform has no levels.", LevelRead, LevelFull, s.Level)
		return
	}
	g := all[s.Group]
	if g == nil {
		g = &Group{Title: s.Group}
		all[s.Group], ranges[s.Group] = g, s.Range
	}
	g.Full = append(slices.Clip(g.Full), s.Name)
	if s.Level == LevelRead {
		g.Read = append(slices.Clip(g.Read), s.Name)
	}
}

func (b *builder) checkGroup(g *Group, at hcl.Range) {
	if !slug.MatchString(g.Name) {
		b.fault(at, "Invalid group name", "It must have 1 to 40 lower case letters, digits and \"_\".")
	}
	b.together(at, "Invalid group", g.Full)
	for _, name := range b.p.Scopes.Effective(g.Read) {
		if b.p.levels[name] != LevelRead {
			b.fault(at, "Invalid group", "Its level read gives %q by implication, which is not of the level read.", name)
		}
	}
}

func (b *builder) automatic(a *automaticBlock) {
	if a == nil {
		return
	}
	b.p.Automatic = AutomaticScopes{Names: scope.Normal(a.Names), Added: scope.Normal(a.Added)}
	for _, name := range b.p.Automatic.Names {
		if err := scope.CheckName(name); err != nil {
			b.fault(a.Range, "Invalid automatic scope", "The name %q %v.", name, err)
		}
		if _, known := b.p.Scopes.Get(name); known {
			b.fault(a.Range, "Invalid automatic scope", "Scope %q is one that people ask for; remove it here or there.", name)
		}
	}
	for _, name := range scope.Added(b.p.Automatic.Names, b.p.Automatic.Added) {
		b.fault(a.Range, "Invalid added", "Scope %q is not one of names.", name)
	}
}

func (b *builder) presets(blocks []presetBlock) {
	for _, block := range blocks {
		if !slug.MatchString(block.Name) {
			b.fault(block.Range, "Invalid preset name", "It must have 1 to 40 lower case letters, digits and \"_\".")
		}
		if slices.ContainsFunc(b.p.Presets, func(p Preset) bool { return p.Name == block.Name }) {
			b.fault(block.Range, "Duplicate preset", "Preset %q is defined twice.", block.Name)
		}
		byLevel, err := b.p.Expand(block.Access, "")
		for _, err := range split(err) {
			b.fault(block.Range, "Invalid preset", "The attribute %v.", err)
		}
		names := scope.Normal(slices.Concat(block.Scopes, byLevel))
		b.together(block.Range, "Invalid preset", names)
		if len(names) == 0 && err == nil {
			b.fault(block.Range, "Invalid preset", "It gives no scope; list some in scopes, or groups in access.")
		}
		b.p.Presets = append(b.p.Presets, Preset{Name: block.Name, Description: block.Description, Scopes: names})
	}
	slices.SortFunc(b.p.Presets, func(x, y Preset) int { return strings.Compare(x.Name, y.Name) })
}
