// Package estimate computes napkin math: quantities with dimensions and uncertainty, written in a
// small language.
//
//	m, err := estimate.Parse(lang.Source{Text: "rps = 1k to 10k req/s\nrps * 2 kB/req"}, profile)
//	r, err := m.Evaluate(ctx, estimate.Options{})
//	r.Outcomes[1].String() // "6.32 MB/s, 90 % between 2 MB/s and 20 MB/s"
//
// [Parse] reads a text and checks its dimensions ([lang]); [Model.Evaluate] computes it ([dist]): in
// closed form where there is one, else at the points of a scrambled Sobol sequence. Base rates of a
// [rate.Profile] are names of the language; each that is used is returned with where it comes from.
// The same text, profile, seed and number of samples give the same result.
//
// # For a review of a decision
//
// The block of a decision record is a text like any other: [lang.Source] takes the line on which it
// begins, so that errors point into the record. Options are in [Result.Options], each with the outcomes
// that its block defines ("cost", "p99"); [Result.Constraints] and [Result.Claims] hold every demand
// with both sides and the probability that it holds, a constraint that names outcomes of options once
// for each option. [Model.Influences] ranks the inputs of an outcome and says what knowing each would
// buy, [Model.ProbabilityLess] compares two outcomes over common draws and [Model.BreakEven] finds
// where they cross.
//
// The package recommends nothing, prints nothing and keeps nothing.
package estimate
