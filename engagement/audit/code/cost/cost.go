// Package cost turns a finding's counts into time, memory and money, and keeps the origin of every
// input. No formula holds a constant rate: rates come from a profile (measured here or published),
// cardinalities from flags, live statistics or a stated assumption.
package cost

// Model prices findings. It is safe for concurrent use.
type Model struct{}
