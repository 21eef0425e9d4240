package dist

import "math"

// BinomialPoint is the probability of k successes in n trials of probability p.
func BinomialPoint(k, n, p float64) float64 {
	if !(k >= 0 && k <= n && p >= 0 && p <= 1) {
		return math.NaN()
	}
	return binomial(k, n-k, p, 1-p)
}

// Binomial returns the probability of at most k successes in n trials, and that of more.
func Binomial(k, n, p float64) (lower, upper float64) {
	switch {
	case !(k >= 0 && k <= n && p >= 0 && p <= 1):
		return math.NaN(), math.NaN()
	case k == n:
		return 1, 0
	}
	return Beta(1-p, p, n-k, k+1)
}

// BinomialRange returns the probability of from to to successes, both included.
func BinomialRange(from, to, n, p float64) float64 {
	if !(from >= 0 && from <= to && to <= n && n <= 1<<52 && p >= 0 && p <= 1) {
		return math.NaN()
	}
	if p == 0 || p == 1 {
		if at := p * n; from <= at && at <= to {
			return 1
		}
		return 0
	}
	mode := min(max(math.Floor((n+1)*p), from), to)
	odds := p / (1 - p)
	sum := sumFrom(mode, from, to, BinomialPoint(mode, n, p), func(k float64) float64 { return (n - k) / (k + 1) * odds })
	return min(sum, 1)
}

// BinomialInverse returns the least k with at least probability p for at most k successes.
func BinomialInverse(p, n, success float64) float64 {
	if !(p >= 0 && p <= 1 && n >= 0 && n <= 1<<52 && success >= 0 && success <= 1) {
		return math.NaN()
	}
	if p == 1 && success > 0 {
		return n
	}
	lo, hi := 0.0, n
	for lo < hi {
		k := math.Floor((lo + hi) / 2)
		lower, upper := Binomial(k, n, success)
		// The last digits of a tail are not known: what is equal to p but for them is taken as equal.
		enough := lower*(1+64*0x1p-52) >= p
		if p > 0.5 {
			enough = upper <= 1-p+0x1p-52
		}
		if enough {
			hi = k
		} else {
			lo = k + 1
		}
	}
	return lo
}

// NegativeBinomialPoint is the probability of f failures before success number s, for real s above 0.
func NegativeBinomialPoint(f, s, p float64) float64 {
	if !(f >= 0 && s > 0 && p >= 0 && p <= 1) {
		return math.NaN()
	}
	return s / (s + f) * binomial(s, f, p, 1-p)
}

// NegativeBinomial is the probability of at most f failures before success number s.
func NegativeBinomial(f, s, p float64) float64 {
	if !(f >= 0 && s > 0 && p >= 0 && p <= 1) {
		return math.NaN()
	}
	lower, _ := Beta(p, 1-p, s, f+1)
	return lower
}

// PoissonPoint is the probability of k events where m are expected.
func PoissonPoint(k, m float64) float64 {
	if !(k >= 0 && m >= 0) {
		return math.NaN()
	}
	return poisson(k, m)
}

// Poisson is the probability of at most k events where m are expected.
func Poisson(k, m float64) float64 {
	if !(k >= 0 && m >= 0) {
		return math.NaN()
	}
	_, upper := Gamma(m, k+1)
	return upper
}

// HypergeometricPoint is the probability of k marked things in a sample of n out of total, of which marked are marked.
func HypergeometricPoint(k, n, marked, total float64) float64 {
	if !(n >= 0 && marked >= 0 && n <= total && marked <= total && total <= 1<<52 && k >= max(0, n+marked-total) && k <= min(n, marked)) {
		return math.NaN()
	}
	if n == 0 || n == total {
		return 1
	}
	p, q := n/total, (total-n)/total
	return binomial(k, marked-k, p, q) * (binomial(n-k, total-marked-n+k, p, q) / binomial(n, total-n, p, q))
}

// Hypergeometric is the probability of at most k marked things in a sample.
func Hypergeometric(k, n, marked, total float64) float64 {
	least := max(0, n+marked-total)
	if !(n >= 0 && marked >= 0 && n <= total && marked <= total && total <= 1<<52 && k >= least && k <= min(n, marked)) {
		return math.NaN()
	}
	if k == min(n, marked) {
		return 1
	}
	mode := min(max(math.Floor((n+1)*(marked+1)/(total+2)), least), k)
	sum := sumFrom(mode, least, k, HypergeometricPoint(mode, n, marked, total), func(k float64) float64 {
		return (marked - k) / (k + 1) * ((n - k) / (total - marked - n + k + 1))
	})
	return min(sum, 1)
}

// sumFrom adds the probabilities from..to, given that of one near the greatest of them and the ratio of k+1 to k,
// outwards until nothing more is added.
func sumFrom(at, from, to, point float64, ratio func(k float64) float64) float64 {
	sum := point
	term := point
	for k := at; k < to; k++ {
		if k-at > maxTerms {
			return math.NaN()
		}
		term *= ratio(k)
		if term < sum*0x1p-60 {
			break
		}
		sum += term
	}
	term = point
	for k := at - 1; k >= from; k-- {
		if at-k > maxTerms {
			return math.NaN()
		}
		term /= ratio(k)
		if term < sum*0x1p-60 {
			break
		}
		sum += term
	}
	return sum
}
