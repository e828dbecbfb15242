package main

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
)

// mappers read the values of flags whose errors kong would tell in words for programmers.
func mappers() []kong.Option {
	return []kong.Option{
		kong.TypeMapper(reflect.TypeFor[time.Duration](), valueMapper("a duration, such as 10s, 5m or 24h", time.ParseDuration)),
		kong.TypeMapper(reflect.TypeFor[int](), valueMapper("a whole number", strconv.Atoi)),
	}
}

// valueMapper reads one value of a flag.
func valueMapper[T any](what string, parse func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		var text string
		if err := ctx.Scan.PopValueInto("value", &text); err != nil {
			return err //nolint:wrapcheck // it names the flag
		}
		value, err := parse(text)
		if err != nil {
			return fmt.Errorf("%q is not %s", text, what)
		}
		target.Set(reflect.ValueOf(value))
		return nil
	}
}

// withHelp adds to a mistake on the command line where to look.
func withHelp(err error) string {
	var usage *kong.ParseError
	if !errors.As(err, &usage) || usage.Context == nil {
		return err.Error()
	}
	command := "postern"
	if node := usage.Context.Selected(); node != nil {
		command = node.FullPath()
	} else if path := usage.Context.Path; len(path) > 0 && path[len(path)-1].Node() != nil {
		command = path[len(path)-1].Node().FullPath()
	}
	return fmt.Sprintf("%s; see: %s --help", err, command)
}
