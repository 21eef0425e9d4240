package metrics

import "github.com/prometheus/client_golang/prometheus"

var orders = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orders"}, []string{"plan", "user_id"}) // want: obs.cardinality
