package decision

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/napkin-infra/napkin/foundation/database/dbrate"
	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
)

// probes are all that can be measured here, by group: CPU, memory, loopback, disk, SQLite within the
// process, and private servers of what is installed.
func probes() ([]measure.Group, error) {
	databases, err := dbrate.Groups(dbrate.Options{})
	if err != nil {
		return nil, err
	}
	return append(measure.Groups(), databases...), nil
}

// Runnable says whether a rate can be measured by an experiment here. A database is tried only when the
// experiment runs: whether it is installed is found out then.
func Runnable(name string) bool {
	groups, err := probes()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(groups, func(g measure.Group) bool {
		return slices.ContainsFunc(g.Probes, func(p measure.Probe) bool { return p.Name == name })
	})
}

// Rates are the base rates that the model of a record uses, in the order of first use.
func Rates(rec *Record, profile *rate.Profile) ([]string, error) {
	m, err := estimate.Parse(rec.Source, profile)
	if err != nil {
		return nil, err
	}
	return m.File.Rates, nil
}

// Experiment measures rates by name on this machine, those that it can. Files go below dir, and private
// servers are started and stopped; nothing is kept. A rate whose measurement was invalid, and one that could
// not be measured, is among the refused, by its own name. done is called after each rate that was tried; it may be nil.
func Experiment(ctx context.Context, names []string, dir string, today time.Time, done func()) ([]rate.Rate, []measure.Refusal, error) {
	groups, err := probes()
	if err != nil {
		return nil, nil, fmt.Errorf("run the experiments: %w", err)
	}
	var chosen []measure.Group
	for _, g := range groups {
		g.Probes = slices.DeleteFunc(slices.Clone(g.Probes), func(p measure.Probe) bool { return !slices.Contains(names, p.Name) })
		if len(g.Probes) > 0 {
			chosen = append(chosen, g)
		}
	}
	if len(chosen) == 0 {
		return nil, nil, nil
	}
	result, err := measure.Run(ctx, measure.Options{Groups: chosen, Dir: dir, Today: today, Done: done})
	if err != nil {
		return nil, nil, fmt.Errorf("run the experiments: %w", err)
	}
	var good []rate.Rate
	for _, r := range result.Rates {
		if r.Verdict == rate.Invalid {
			result.Refused = append(result.Refused, measure.Refusal{Name: r.Name, Reason: fmt.Errorf("the measurement was disturbed too much to be used (%s)", r)})
			continue
		}
		good = append(good, r)
	}
	return good, byRate(&result, chosen), nil
}

// byRate gives the rates of a group that could not be opened a refusal each.
func byRate(result *measure.Result, groups []measure.Group) []measure.Refusal {
	var list []measure.Refusal
	for _, refused := range result.Refused {
		i := slices.IndexFunc(groups, func(g measure.Group) bool { return g.Name == refused.Name })
		if i < 0 {
			list = append(list, refused)
			continue
		}
		for _, p := range groups[i].Probes {
			if !slices.ContainsFunc(result.Rates, func(r rate.Rate) bool { return r.Name == p.Name }) {
				list = append(list, measure.Refusal{Name: p.Name, Reason: refused.Reason})
			}
		}
	}
	return list
}
