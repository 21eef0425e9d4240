package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Case is one bug that a project fixed: the place in the parent commit, and the commit that fixed it.
type Case struct {
	ID        string `json:"id"`
	Repo      string `json:"repo"` // owner/name
	Framework string `json:"framework"`
	Parent    string `json:"parent"`
	Fix       string `json:"fix"`
	File      string `json:"file"`
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Category  string `json:"category"`
	Needs     string `json:"needs"` // the stratum: local, config, schema, schema+query, cross-file
	Why       string `json:"why"`
	Subject   string `json:"subject"`
}

func readCases(name string) ([]Case, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	defer f.Close()
	var out []Case
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for line := 1; sc.Scan(); line++ {
		if strings.TrimSpace(sc.Text()) == "" {
			continue
		}
		var c Case
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if c.ID == "" || c.Repo == "" || c.Parent == "" || c.Fix == "" || c.File == "" || c.Start < 1 || c.End < c.Start || c.Category == "" {
			return nil, fmt.Errorf("%s:%d: a case needs id, repo, parent, fix, file, start, end and category", name, line)
		}
		out = append(out, c)
	}
	return out, sc.Err()
}

func selectCase(cases []Case, id string) []Case {
	for _, c := range cases {
		if c.ID == id {
			return []Case{c}
		}
	}
	return nil
}

// families are the categories that count as one: a case of a category is matched by findings of any
// category beside it. A category that is not listed is a family of its own.
var families = [][]string{
	{"n-plus-1", "n1", "n-plus-1-nested", "aggregate-per-row", "query-in-loop", "n-plus-1-aggregate", "n-plus-1-resolver", "n-plus-1-recursive"},
	{"missing-index", "uniqueness-no-index", "missing-unique-index", "missing-expression-index", "missing-gin-index"},
	{"client-no-timeout", "no-timeout", "http-no-timeout"},
	{"docker-no-healthcheck", "compose-no-healthcheck", "no-healthcheck"},
	{"k8s-no-readiness", "k8s-no-liveness", "k8s-no-probes", "k8s-probes"},
	{"unbounded-load", "unbatched-scan", "unbounded-query", "load-for-ids"},
	{"race-read-modify-write", "race-check-then-act", "lost-update"},
	{"over-fetch", "select-star-wide", "over-join", "overeager"},
	{"row-write-loop", "save-in-loop", "write-in-loop", "unbatched-write"},
	{"uncached-expensive-query", "uncached-count"},
	{"offset-pagination", "chunk-mutating", "count-pagination"},
	{"unbounded-in-list", "in-unbounded", "or-chain"},
	{"resource-leak", "connection-leak", "rows-leak", "body-leak", "fd-leak"},
	{"no-cache-control", "no-http-cache"},
	{"redis-unbounded-read", "redis-keys"},
	{"unbounded-map", "memory-leak", "unbounded-cache"},
	{"enqueue-in-transaction", "enqueue-in-txn", "io-in-transaction", "io-in-txn"},
	{"count-for-existence", "first-for-existence"},
	{"unbatched-mutation", "unbatched-delete", "unbatched-update"},
	{"goroutine-leak", "ctx-leak"},
	{"job-no-timeout", "job-unbounded"},
	{"missing-transaction", "missing-txn"},
	{"retry-no-backoff", "retry-no-jitter"},
	{"sequential-await", "sequential-io"},
	{"unbounded-parallel", "unbounded-concurrency"},
}

var familyOf = func() map[string]string {
	m := map[string]string{}
	for _, f := range families {
		for _, c := range f {
			m[c] = f[0]
		}
	}
	return m
}()

// family returns the family of a category.
func family(category string) string {
	if f := familyOf[category]; f != "" {
		return f
	}
	return category
}
