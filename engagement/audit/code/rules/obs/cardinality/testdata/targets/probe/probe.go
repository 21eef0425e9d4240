package probe

import "github.com/prometheus/client_golang/prometheus"

type Probe struct {
	url string
	up  *prometheus.GaugeVec
}

func (p Probe) Look() {
	p.up.WithLabelValues(p.url).Set(1)
}
