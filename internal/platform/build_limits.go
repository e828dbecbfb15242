package platform

import (
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
)

func (b *builder) plans(block *platformBlock) {
	for _, plan := range block.Plans {
		if _, twice := b.p.Plans[plan.Name]; twice {
			b.fault(plan.Range, "Duplicate plan", "Plan %q is defined twice.", plan.Name)
		}
		b.p.Plans[plan.Name] = Plan{
			APIKeys:         b.limit(plan.Range, "apikeys", plan.APIKeys),
			MonthlyRequests: b.limit(plan.Range, "monthly_requests", plan.MonthlyRequests),
		}
	}
	if _, ok := b.p.Plans[block.DefaultPlan]; !ok && (block.DefaultPlan != "" || len(block.Plans) > 0) {
		b.fault(block.Range, "Invalid default_plan", "It must name one of the plans (%v), not %q.", slices.Sorted(maps.Keys(b.p.Plans)), block.DefaultPlan)
	}
}

func (b *builder) requests(r *requestsBlock) {
	if r != nil {
		b.p.Requests.PerHour = b.limit(r.Range, "per_hour", &r.PerHour)
	}
}

func (b *builder) attempts(a *attemptsBlock) {
	if a == nil {
		return
	}
	if a.Failures < 1 {
		b.fault(a.Range, "Invalid failures", "It must be at least 1, not %d; leave the attempts block out to block nobody.", a.Failures)
	}
	b.p.Attempts = &AttemptRules{
		Failures: a.Failures,
		Within:   b.seconds(a.Range, "within", a.Within),
		Block:    b.seconds(a.Range, "block", a.Block),
	}
}

// seconds reads a duration of whole seconds, at least one: callers are told how
// long to wait in seconds.
func (b *builder) seconds(at hcl.Range, name, text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d%time.Second != 0 {
		b.fault(at, "Invalid "+name, "It must be a duration of whole seconds such as \"15m\", not %q.", text)
	}
	return d
}
