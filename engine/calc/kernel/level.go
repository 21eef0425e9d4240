package kernel

// What the processor has, in the order of preference.
const (
	plain  = iota // plain Go
	avx2          // vectors of four
	avx512        // vectors of eight
)

// Implementation names the loops that this process runs: "generic", "avx2" or "avx512".
func Implementation() string { return [...]string{"generic", "avx2", "avx512"}[level] }
