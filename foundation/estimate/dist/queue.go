package dist

import "math"

// queueMM1 is the mean time in an M/M/1 system: Kleinrock, Queueing Systems, vol. 1, equation 3.26.
// It is infinite where arrivals come faster than they are served.
func queueMM1(arrivals, service float64) float64 {
	load := arrivals * service
	switch {
	case !(arrivals >= 0 && service >= 0):
		return math.NaN()
	case load >= 1:
		return math.Inf(1)
	}
	return service / (1 - load)
}

// maxServers bounds the recursion of Erlang B. More servers are computed where the load is far below them: there
// nobody waits, and the recursion ends early.
const maxServers = 1e5

// queueMMC is the mean time in an M/M/c system: Kleinrock, equation 3.40 for the probability of waiting
// (Erlang C), from Erlang B by its recursion B(k) = aB(k-1) / (k + aB(k-1)). A number of servers that is
// not whole is rounded down.
func queueMMC(arrivals, service, servers float64) float64 {
	c := math.Floor(nearWhole(servers))
	offered := arrivals * service
	switch {
	case !(arrivals >= 0 && service >= 0 && c >= 1):
		return math.NaN()
	case offered >= c:
		return math.Inf(1)
	case offered == 0:
		return service
	}
	b := 1.0
	for k := 1.0; k <= c; k++ {
		b = offered * b / (k + offered*b)
		switch {
		case b < 1e-300:
			return service
		case k > maxServers:
			return math.NaN()
		}
	}
	wait := b / (1 - offered/c*(1-b))
	return service + wait*service/(c-offered)
}

// usl is the universal scalability law: Gunther, Guerrilla Capacity Planning, equation 4.31. It has no value for a
// negative number of workers, and for negative coefficients.
func usl(n, rate, contention, coherency float64) float64 {
	if !(n >= 0 && contention >= 0 && coherency >= 0) {
		return math.NaN()
	}
	return rate * n / (1 + contention*(n-1) + coherency*n*(n-1))
}

// p99Fanout is the 99th percentile of the slowest of n independent lognormal latencies: the quantile of
// one at 0.99^(1/n).
func p99Fanout(median, p99, n float64) float64 {
	if !(median > 0 && p99 >= median && n > 0) {
		return math.NaN()
	}
	sigma := math.Log(p99/median) / InverseNormal(0.99)
	return median * math.Exp(sigma*InverseNormal(math.Pow(0.99, 1/n)))
}
