package probe

import "github.com/prometheus/client_golang/prometheus"

type Conf struct {
	URL string `yaml:"url"`
}

// The vectors reach the probe through a map: uses with as many values decide.
func (c Conf) Instrument() map[string]prometheus.Collector {
	return map[string]prometheus.Collector{
		"up": prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "up"}, []string{"url"}),
	}
}
