package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// usageDays is enough for a walk that begins before midnight.
const usageDays = 2

// readUsage compares what the server has counted with what the gateway was told.
func (t *tour) readUsage(ctx context.Context) error {
	first, _, err := t.usage(ctx, t.key.ID)
	if err != nil {
		return err
	}
	second, unused, err := t.usage(ctx, t.second.id)
	if err != nil {
		return err
	}
	t.narrator.say("let in, as the gateway counted too: Terraform's %s %s, %s %s", t.platform.noun(), times(first), secondName, times(second))
	key, err := t.client.APIKeys.Get(ctx, t.second.id)
	if err != nil {
		return fmt.Errorf("reading the second key: %w", err)
	}
	used := t.platform.secondUse()
	want := slices.DeleteFunc(key.EffectiveScopes, func(name string) bool { return name == used })
	if !slices.Equal(unused, want) {
		return fmt.Errorf("nobody asked for %v, and the server says %v", want, unused)
	}
	if len(unused) > 0 {
		t.narrator.say("nobody asked %s for %s, which could be taken from it", secondName, strings.Join(unused, " or "))
	}
	return nil
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// usage returns how often the key was let in, and which of its scopes nobody used.
func (t *tour) usage(ctx context.Context, id string) (total int64, unused []string, err error) {
	u, err := t.client.APIKeys.Usage(ctx, id, usageDays)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the usage: %w", err)
	}
	for _, s := range u.Scopes {
		total += s.Uses
	}
	if total != t.gateway.let[id] {
		return 0, nil, fmt.Errorf("the server has let the key in %d times, the gateway %d times", total, t.gateway.let[id])
	}
	return total, u.UnusedScopes, nil
}
