// Package decision reviews a decision record: Markdown with the headings of MADR and, in a fenced napkin
// block, a model of the options in the language of foundation/estimate.
//
// [Read] reads the record, [Review] evaluates its model, and [Result.Report] states what was found:
//
//   - each option's outcomes as intervals, and each constraint with the probability that it holds;
//   - which inputs move an outcome, and what knowing them would buy;
//   - where the order of two options flips, and the probability of each order over common draws;
//   - claims against base rates: measured on this machine, or published and said so. [Experiment] measures
//     those that it can, and only when it is called;
//   - what the record says of taking the decision back, and what it leaves out.
//
// The package recommends nothing. Where two options are within noise it says so, and a review ends with the
// questions that are open, each with the line, the rate or the run that it comes from. Facts that the model
// does not hold are read from the front matter, and what is not declared there is missing, never guessed.
//
// docs/decisions.md tells how a record is written and what each verdict means.
package decision
