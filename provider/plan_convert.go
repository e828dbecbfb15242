package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Values of the framework and those of package plan, both ways.

// presentValue is what the framework says of every value.
type presentValue interface {
	IsNull() bool
	IsUnknown() bool
}

// toValue is the value for a plan; of is that of a known one.
func toValue[T any](v presentValue, of func() T) plan.Value[T] {
	switch {
	case v.IsNull():
		return plan.Null[T]()
	case v.IsUnknown():
		return plan.Unknown[T]()
	}
	return plan.Known(of())
}

func toText(v types.String) plan.Text { return toValue(v, v.ValueString) }

func toSecret(v types.String) plan.Secret {
	return toValue(v, func() secret.Secret { return secret.From(v.ValueString()) })
}

func toInstant(v timetypes.RFC3339) plan.Value[plan.Instant] {
	return toValue(v, func() plan.Instant { return plan.Instant(v.ValueString()) })
}

func toDuration(v timetypes.GoDuration) plan.Value[time.Duration] {
	return toValue(v, func() time.Duration { return durationOf(v) })
}

func toSet(v types.Set) plan.Set {
	if v.IsNull() {
		return plan.NullSet()
	}
	if v.IsUnknown() {
		return plan.UnknownSet()
	}
	names, open := []string{}, 0
	for _, e := range v.Elements() {
		if s, ok := e.(types.String); ok && !s.IsUnknown() {
			names = append(names, s.ValueString())
		} else {
			open++
		}
	}
	return plan.PartOf(open, names...)
}

func toMap(v types.Map) plan.Map {
	if v.IsNull() {
		return plan.Map{}
	}
	if v.IsUnknown() {
		return plan.UnknownMap()
	}
	values := map[string]plan.Text{}
	for name, e := range v.Elements() {
		s, _ := e.(types.String)
		values[name] = toText(s)
	}
	return plan.MapOf(values)
}

// toRotation reads the rotation attribute.
func toRotation(v types.Object) plan.Value[plan.Rotation] {
	part := func(name string) plan.Value[time.Duration] {
		d, _ := v.Attributes()[name].(timetypes.GoDuration)
		return toDuration(d)
	}
	return toValue(v, func() plan.Rotation {
		return plan.Rotation{Period: part("period"), Overlap: part("overlap"), Early: part("early")}
	})
}

func fromText(v plan.Text) types.String {
	if text, ok := v.Get(); ok {
		return types.StringValue(text)
	}
	if v.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringNull()
}

func fromSecret(v plan.Secret) types.String {
	if s, ok := v.Get(); ok {
		return types.StringValue(s.Reveal())
	}
	if v.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringNull()
}

func fromBool(v plan.Value[bool]) types.Bool {
	if b, ok := v.Get(); ok {
		return types.BoolValue(b)
	}
	if v.IsUnknown() {
		return types.BoolUnknown()
	}
	return types.BoolNull()
}

func fromInt(v plan.Value[int64]) types.Int64 {
	if n, ok := v.Get(); ok {
		return types.Int64Value(n)
	}
	if v.IsUnknown() {
		return types.Int64Unknown()
	}
	return types.Int64Null()
}

func fromInstant(v plan.Value[plan.Instant]) timetypes.RFC3339 {
	if at, ok := v.Get(); ok {
		return timetypes.RFC3339{StringValue: types.StringValue(string(at))}
	}
	if v.IsUnknown() {
		return timetypes.NewRFC3339Unknown()
	}
	return timetypes.NewRFC3339Null()
}

// fromSet is the set; one that is known in part is never planned anew, and stays what it was.
func fromSet(v plan.Set, was types.Set) types.Set {
	names, open := v.Members()
	switch {
	case v.IsNull():
		return types.SetNull(types.StringType)
	case v.IsUnknown():
		return types.SetUnknown(types.StringType)
	case open > 0:
		return was
	}
	return stringSet(names)
}

func toPath(at plan.Path) path.Path {
	out := path.Empty()
	for i, name := range at.Names {
		if i == 0 {
			out = path.Root(name)
		} else {
			out = out.AtName(name)
		}
	}
	if at.Member != nil {
		out = out.AtSetValue(types.StringValue(*at.Member))
	}
	return out
}
