package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// metrics count requests. Labels hold route templates, never paths: a path has
// ids in it.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	refusals *prometheus.CounterVec
	// addressFaults count headers that should have told an address.
	addressFaults *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_http_requests_total",
			Help: "Requests answered, by method, route template and status.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "postern_http_request_duration_seconds",
			Help:    "Time from a request's arrival to the end of its answer, by method and route template.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_refusals_total",
			Help: "Requests and gateways' callers that were refused, by route template and reason. A reason is no more than the refused may know.",
		}, []string{"route", "reason"}),
		addressFaults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_client_address_faults_total",
			Help: "Requests whose --client-address-header was missing or could not be read, where it should have told an address.",
		}, []string{"fault"}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.refusals, m.addressFaults, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observeSpace registers how much room the storage has.
func (m *metrics) observeSpace(k *keyring.Keyring) {
	gauge := func(name, help string, from keyring.Space) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if space, err := k.Space(); err != nil || space >= from {
				return 1
			}
			return 0
		})
	}
	m.registry.MustRegister(
		gauge("postern_storage_nearly_full", "1 when the storage is nearly full, or full.", keyring.SpaceNearlyFull),
		gauge("postern_storage_full", "1 when only writes that take power away go through, such as revocations.", keyring.SpaceFull))
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
