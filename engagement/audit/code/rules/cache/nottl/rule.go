// Package nottl finds cache entries in Redis that never expire.
package nottl

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/cache/redis"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is cache.no-ttl.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "cache.no-ttl",
		Title:    "Redis entry without an expiry",
		Summary:  "SET writes a key that is built from an id, without an expiry, in code that never expires or deletes keys.",
		Why:      "One key for each id that was ever seen stays until the server is full. Then the eviction policy decides: with `noeviction`, the default, every write fails; with an LRU the sessions and jobs of others go. A stale entry is served for ever as well.",
		Cost:     "entries per day x bytes, for ever",
		Fix:      "Give each entry the longest age that you would still serve.",
		Wrong:    "The ids are few and fixed, or another part of the project deletes the keys. Constant keys, files that expire or delete, and clients with a default expiry are not reported.",
		Category: "cache-no-ttl",
		Examples: []rule.Example{{Lang: "ruby", Before: "redis.set(\"product:#{id}\", json)", After: "redis.set(\"product:#{id}\", json, ex: 3600)"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "Redis is full one day and refuses writes.",
		Proof:    "`INFO keyspace`: expires follows keys; used_memory levels off.",
		Refs: []report.Reference{
			{Title: "Redis: SET", URL: "https://redis.io/docs/latest/commands/set/"},
			{Title: "Redis: key eviction", URL: "https://redis.io/docs/latest/develop/reference/eviction/"},
		},
		Langs: []string{"ruby", "python", "typescript", "php", "go"},
	},
	File: check,
}

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App || f.Lang == "java" {
		return
	}
	all := redis.Commands(f)
	for _, c := range all {
		switch c.Name {
		case "EXPIRE", "PEXPIRE", "EXPIREAT", "DEL", "UNLINK", "PERSIST":
			if c.Name != "DEL" || !swept(all, c) {
				return
			}
		}
	}
	for _, c := range all {
		if c.Name != "SET" || !c.Named || bounded(f, c) || len(c.Args) < 2 {
			continue
		}
		key := redis.Key(c.Args[0])
		if !strings.Contains(key, "{}") || !ids.MatchString(key) {
			continue
		}
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("`%s` never expires", key),
			Claim:   fmt.Sprintf("`SET %s` writes an entry for each id without an expiry, and nothing in this file expires or deletes it.", key),
			Primary: rule.At(f, c.Call, ""), Subject: key, Evidence: 1, Confidence: 0.6,
			Fix:   report.Fix{Summary: "Set an expiry.", Behaviour: "An entry is gone after the stated time (an hour in the patch) and is computed again."},
			Edits: edits(f, c),
		})
	}
}

// swept reports a DEL inside a loop over KEYS: cleaning up by hand is no expiry.
func swept(all []redis.Command, del redis.Command) bool {
	for _, c := range all {
		if c.Name == "KEYS" && (c.Call.Inside(del.Call.Enclosing(syntax.For)) || del.Call.Enclosing(syntax.Lambda).Parent().Receiver() == c.Call) {
			return true
		}
	}
	return false
}

var ids = regexp.MustCompile(`[a-zA-Z_]{2,}.*\{\}`)

// bounded reports a SET with an expiry, or with options that can not be read.
func bounded(f *project.File, c redis.Command) bool {
	switch f.Lang {
	case "go":
		return len(c.Args) != 3 || !redis.Number(c.Args[2], "0") || strings.EqualFold(c.Call.Str(), "do")
	case "ruby", "python":
		for _, a := range c.Call.Args() {
			if a.Kind() == syntax.Pair || a.Kind() == syntax.Splat || a.Kind() == syntax.Map {
				return true
			}
		}
	}
	return len(c.Args) != 2
}

func edits(f *project.File, c redis.Command) []patch.Edit {
	option := map[string]string{"ruby": ", ex: 3600", "python": ", ex=3600", "php": ", 'EX', 3600"}[f.Lang]
	if option == "" {
		return nil
	}
	last := c.Args[len(c.Args)-1]
	return []patch.Edit{{Path: f.Path, Start: int(last.End()), End: int(last.End()), New: option}}
}
