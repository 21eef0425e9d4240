package postgres

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

const (
	// rangesPerQuery bounds the text of a statement, and armsPerQuery the work of the planner before the
	// first range is hashed: it plans each arm of UNION ALL, for a quarter of a millisecond.
	rangesPerQuery = 1024
	armsPerQuery   = 128
	// fewRanges are not worth a plan that does not know the bounds.
	fewRanges = 8
)

// Fingerprints implements [dialect.Session].
//
// Ranges of a key of one column with both bounds are rows of VALUES, for each of which the server looks
// into the index: planned once. All others are arms of UNION ALL with their bounds as literals: of a row
// of parameters the planner thinks that it leaves a ninth of the table, and reads all of it.
func (s *session) Fingerprints(ctx context.Context, r *dialect.Relation, h dialect.Hash, ranges []dialect.Range, emit func(i int, f dialect.Fingerprint) error) error {
	f, err := s.d.fingerprinter(r, h)
	if err == nil {
		err = s.fingerprints(ctx, f, ranges, emit)
	}
	return err
}

func (s *session) fingerprints(ctx context.Context, f *fingerprinter, ranges []dialect.Range, emit func(i int, f dialect.Fingerprint) error) error {
	var bounded, others []int
	for i, in := range ranges {
		if len(f.r.Key) == 1 && in.Lo != nil && in.Hi != nil && !in.Null {
			bounded = append(bounded, i)
		} else {
			others = append(others, i)
		}
	}
	if len(bounded) < fewRanges {
		others, bounded = append(others, bounded...), nil
	}
	for _, part := range []struct {
		ranges []int
		most   int
		sql    func([]dialect.Range, []int) (string, error)
	}{{bounded, rangesPerQuery, f.lateral}, {others, armsPerQuery, f.union}} {
		for rest := part.ranges; len(rest) > 0; {
			n := min(len(rest), part.most)
			sql, err := part.sql(ranges, rest[:n])
			if err != nil {
				return err
			}
			if err := s.emit(ctx, quoteTable(f.r.Table.Name), sql, emit); err != nil {
				return err
			}
			rest = rest[n:]
		}
	}
	return nil
}

func (f *fingerprinter) lateral(ranges []dialect.Range, which []int) (string, error) {
	values := make([]string, len(which))
	for at, i := range which {
		lo, err := f.d.keyLiterals(f.r, ranges[i].Lo)
		if err != nil {
			return "", err
		}
		hi, err := f.d.keyLiterals(f.r, ranges[i].Hi)
		if err != nil {
			return "", err
		}
		values[at] = "(" + strconv.Itoa(i) + ", " + lo[0] + ", " + hi[0] + ")"
	}
	key := quotedKey(f.r)[0]
	conditions := append(append(restriction(f.r), keyIsNotNull(f.r)...), key+" >= napkin_ranges.napkin_lo", key+" < napkin_ranges.napkin_hi")
	return "SELECT napkin_ranges.napkin_i, parts.* FROM (VALUES " + strings.Join(values, ", ") + ") napkin_ranges(napkin_i, napkin_lo, napkin_hi) CROSS JOIN LATERAL (SELECT count(*), " +
		f.aggregate + " FROM " + f.source(quoteTable(f.r.Table.Name)+where(conditions)) + ") parts", nil
}

func (f *fingerprinter) union(ranges []dialect.Range, which []int) (string, error) {
	arms := make([]string, len(which))
	for at, i := range which {
		condition, err := f.d.condition(f.r, ranges[i])
		if err != nil {
			return "", err
		}
		arms[at] = "SELECT " + strconv.Itoa(i) + ", count(*), " + f.aggregate + " FROM " + f.source(quoteTable(f.r.Table.Name)+condition)
	}
	return strings.Join(arms, " UNION ALL "), nil
}

func (s *session) emit(ctx context.Context, table, sql string, emit func(i int, f dialect.Fingerprint) error) error {
	var failed error
	err := query(ctx, s.conn, sql, func(v [][]byte) error {
		i, f, err := fingerprint(v)
		if err == nil {
			err = emit(i, f)
		}
		failed = err
		return err
	})
	if failed != nil {
		return failed
	}
	return explain(err, table)
}

// fingerprint reads the number of a range, its rows, and the sum of their hashes.
func fingerprint(v [][]byte) (i int, f dialect.Fingerprint, err error) {
	if i, err = strconv.Atoi(string(v[0])); err != nil {
		return 0, f, err
	}
	if f.Rows, err = strconv.ParseInt(string(v[1]), 10, 64); err != nil || v[2] == nil {
		return i, f, err // no row has no sum
	}
	sum, ok := new(big.Int).SetString(string(v[2]), 10)
	if !ok {
		return 0, f, fmt.Errorf("the sum of hashes %q is no integer", v[2])
	}
	low := new(big.Int).SetUint64(1<<64 - 1)
	f.Lo = new(big.Int).And(sum, low).Uint64() // And is that of two's complement
	f.Hi = new(big.Int).And(sum.Rsh(sum, 64), low).Uint64()
	return i, f, nil
}
