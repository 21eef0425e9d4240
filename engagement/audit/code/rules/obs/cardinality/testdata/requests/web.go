package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

var hits = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hits"}, []string{"code", "url"}) // want: obs.cardinality

var tenants = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tenants"}, []string{"user_id"})

const us = "our-own"

func serve(w http.ResponseWriter, r *http.Request) {
	hits.WithLabelValues("200", r.URL.Path).Inc()
	tenants.WithLabelValues(us).Inc()
}
