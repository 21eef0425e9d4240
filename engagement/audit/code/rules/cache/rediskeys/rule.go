// Package rediskeys finds reads of Redis whose size nothing bounds.
package rediskeys

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/cache/redis"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is cache.redis-keys.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "cache.redis-keys",
		Title:   "Redis command that reads everything at once",
		Summary: "KEYS walks the whole key space; LRANGE 0 -1, ZRANGE 0 -1 and SMEMBERS return a whole collection that nothing in the code bounds.",
		Why: "Redis runs one command at a time. KEYS visits every key of the database, and a whole-collection read copies every member into one reply: all other clients wait until it is done, " +
			"the reply lies in the output buffer of the connection, and the client holds it once more. It is quick on the day it is written and stops the cache on the day a queue backs up.",
		Cost:     "O(keys) or O(members) of the one Redis thread, about 10^6 a second for KEYS, and members x bytes of memory twice",
		Fix:      "Use SCAN, SSCAN or HSCAN with a COUNT, read lists in ranges of a thousand, or keep an index of what is looked for.",
		Wrong:    "The collection is bounded by what it is (the roles of one user), or trimmed where it is written. A list that the same file trims or takes members from, the list of one entity, hashes that hold one object, and scripts and tests are not reported.",
		Category: "redis-unbounded-read",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "redis.keys(\"product:*\").each { |key| redis.del(key) }",
			After:  "redis.scan_each(match: \"product:*\").each_slice(500) { |keys| redis.unlink(*keys) }"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "A collection that grew blocks every client of the Redis server while it is read.",
		Proof:    "SLOWLOG GET no longer lists the command; the largest reply of the path stays the same when the collection is ten times as large.",
		Refs: []report.Reference{
			{Title: "Redis: KEYS", URL: "https://redis.io/docs/latest/commands/keys/"},
			{Title: "Redis: SCAN", URL: "https://redis.io/docs/latest/commands/scan/"},
			{Title: "Redis: LRANGE", URL: "https://redis.io/docs/latest/commands/lrange/"},
		},
		Langs: []string{"ruby", "python", "typescript", "php", "java", "go"},
	},
	File: check,
}

// whole says of a command how a read of everything looks, and what to do instead.
type whole struct {
	returns, instead string
	confidence       float64
}

var commands = map[string]whole{
	"KEYS":          {"walks every key of the database", "SCAN with MATCH and COUNT", 0.8},
	"LRANGE":        {"returns the whole list", "ranges of a thousand up to LLEN", 0.65},
	"SMEMBERS":      {"returns the whole set", "SSCAN with COUNT", 0.35},
	"ZRANGE":        {"returns the whole sorted set", "ranges, or ZSCAN", 0.5},
	"ZREVRANGE":     {"returns the whole sorted set", "ranges, or ZSCAN", 0.5},
	"ZRANGEBYSCORE": {"returns the whole sorted set", "ranges, or ZSCAN", 0.5},
	"HGETALL":       {"returns the whole hash", "HSCAN with COUNT", 0.35},
	"HKEYS":         {"returns all fields of the hash", "HSCAN with COUNT", 0.35},
	"HVALS":         {"returns all values of the hash", "HSCAN with COUNT", 0.35},
}

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	all := redis.Commands(f)
	trimmed, shrinks := map[string]bool{}, map[string]bool{}
	for _, c := range all {
		switch c.Name {
		case "LTRIM", "ZREMRANGEBYRANK", "ZREMRANGEBYSCORE":
			trimmed[c.Name[:1]] = true
		case "LREM", "ZREM", "SREM": // members have an end of their own; a queue that is popped or dropped has none
			if len(c.Args) > 0 {
				shrinks[redis.Key(c.Args[0])] = true
			}
		}
	}
	for _, c := range all {
		w, ok := commands[c.Name]
		if !ok || !everything(c, trimmed) {
			continue
		}
		key := ""
		if len(c.Args) > 0 {
			key = redis.Key(c.Args[0])
		}
		confidence := w.confidence
		if collection.MatchString(key) {
			confidence += 0.1
			if !strings.Contains(key, "{}") {
				confidence += 0.1 // one for the whole application
			}
		}
		if single(c.Name, key) || c.Name != "KEYS" && strings.Contains(key, "{}") && shrinks[key] {
			continue
		}
		subject := c.Name
		if key != "" {
			subject += " " + key
		}
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("%s reads everything at once", subject),
			Claim:   fmt.Sprintf("`%s` %s, and nothing here bounds how many there are.", subject, w.returns),
			Primary: rule.At(f, c.Call, ""), Subject: subject, Evidence: 1, Confidence: min(confidence, 0.9),
			Cost:  price(p),
			Fix:   report.Fix{Summary: "Use " + w.instead + ".", Behaviour: behaviour(c.Name)},
			Edits: edits(f, c),
		})
	}
}

// price compares one walk over N entries with a step of a thousand. What Redis needs for a member of a
// collection is about what it needs for a key of the key space.
func price(p *rule.Pass) *report.Cost {
	n := cost.Assume("N", 1e5, "entries", "keys or members; the code does not tell")
	v, k := p.Cost.Rate("v", rate.RedisScanKeys), cost.Count("k", 1000, "entries", "entries of one step after the fix")
	return &report.Cost{Now: n.Value / v.Value * 1000, Fixed: k.Value / v.Value * 1000, Unit: "ms", Event: "call", Formula: "N / v -> k / v", Inputs: []report.Input{n, v, k}}
}

func behaviour(name string) string {
	if name == "KEYS" {
		return "SCAN may return a key twice and may miss keys that come or go meanwhile; it takes several round trips."
	}
	return "Several short commands instead of one: the collection may change between them."
}

// collection says that a key names something that grows with use.
var collection = regexp.MustCompile(`(?i)(jobs?\b|queue|pending|events?\b|logs?\b|history|messages|all[-_:]|tasks|feed|timeline|stream|backlog|dead|failed|notifications)`)

// everything reports a command that reads all there is. trimmed holds the first letters of the kinds of
// collections that the file cuts to a length or an age.
func everything(c redis.Command, trimmed map[string]bool) bool {
	switch c.Name {
	case "KEYS":
		if len(c.Args) != 1 {
			return false
		}
		// A collection's own keys() has no pattern; a key without a wildcard is found at once.
		k := redis.Key(c.Args[0])
		return c.Args[0].Kind() != syntax.String || strings.ContainsAny(k, "*{?[")
	case "LRANGE", "ZRANGE", "ZREVRANGE":
		return !trimmed[c.Name[:1]] && len(c.Args) == 3 && redis.Number(c.Args[1], "0") && redis.Number(c.Args[2], "-1")
	case "ZRANGEBYSCORE":
		return len(c.Args) == 3 && strings.Contains(c.Args[1].Str(), "-inf") && strings.Contains(c.Args[2].Str(), "+inf")
	case "SMEMBERS", "HGETALL", "HKEYS", "HVALS":
		return len(c.Args) == 1
	}
	return false
}

// single reports collections that belong to one thing, or whose size nobody can tell from the key: a
// hash is mostly one object, a set mostly the labels of one.
func single(name, key string) bool {
	switch name {
	case "HGETALL", "HKEYS", "HVALS", "SMEMBERS":
		return !collection.MatchString(key)
	case "LRANGE", "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE":
		return strings.Contains(key, "{}") && !collection.MatchString(key)
	}
	return false
}

// edits replaces KEYS by a scan that gives the same list.
func edits(f *project.File, c redis.Command) []patch.Edit {
	if c.Name != "KEYS" || !strings.EqualFold(c.Call.Str(), "keys") {
		return nil
	}
	receiver, pattern := f.NodeText(c.Call.Receiver()), f.NodeText(c.Args[0])
	if strings.ContainsAny(receiver+pattern, "\n") {
		return nil
	}
	text := ""
	switch f.Lang {
	case "ruby":
		text = fmt.Sprintf("%s.scan_each(match: %s).to_a", receiver, pattern)
	case "python":
		if c.Call.Parent().Kind() == syntax.Await {
			return nil
		}
		text = fmt.Sprintf("list(%s.scan_iter(match=%s, count=1000))", receiver, pattern)
	default:
		return nil
	}
	return []patch.Edit{{Path: f.Path, Start: int(c.Call.Start()), End: int(c.Call.End()), New: text}}
}
