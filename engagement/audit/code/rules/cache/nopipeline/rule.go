// Package nopipeline finds loops that ask Redis once per element.
package nopipeline

import (
	"fmt"
	"regexp"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/cache/redis"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is cache.no-pipeline.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "cache.no-pipeline",
		Title:    "Redis command once per element of a loop",
		Summary:  "A loop sends one Redis command for each element and waits for each answer.",
		Why:      "Redis answers in microseconds; the round trip takes a hundred times as long. Twelve elements are twelve round trips, a thousand are a thousand, and the client thread waits through all of them.",
		Cost:     "R x T -> T",
		Fix:      "Ask for all keys at once (MGET, HMGET, SMISMEMBER) or send the commands in a pipeline.",
		Wrong:    "The loop has few turns or ends early. Pipelines, transactions, commands that do not depend on the element and retry loops are not reported.",
		Category: "cache-no-pipeline",
		Examples: []rule.Example{{Lang: "ruby", Before: "ids.map { |id| redis.get(\"product:#{id}\") }", After: "redis.mget(ids.map { |id| \"product:#{id}\" })"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Proof:    "INFO commandstats counts one MGET instead of R GETs for a call.",
		Refs:     []report.Reference{{Title: "Redis: pipelining", URL: "https://redis.io/docs/latest/develop/use/pipelining/"}},
		Langs:    []string{"ruby", "python", "typescript", "php", "java", "go"},
	},
	File: check,
}

// single are commands that a pipeline or a plural form replaces.
var single = map[string]string{"GET": "MGET", "SET": "a pipeline", "SETEX": "a pipeline", "DEL": "one DEL of all keys", "UNLINK": "one UNLINK of all keys", "EXISTS": "a pipeline",
	"HGET": "HMGET or a pipeline", "HGETALL": "a pipeline", "HSET": "a pipeline", "SISMEMBER": "SMISMEMBER", "ZSCORE": "ZMSCORE", "SADD": "one SADD of all members", "ZADD": "one ZADD of all members",
	"LPUSH": "one LPUSH of all values", "RPUSH": "one RPUSH of all values", "INCR": "a pipeline", "EXPIRE": "a pipeline", "LLEN": "a pipeline", "SCARD": "a pipeline", "HDEL": "one HDEL of all fields", "SREM": "one SREM of all members"}

var piped = regexp.MustCompile(`(?i)(pipe|multi|batch|^tx$|^t$|transaction|_p$)`)

func check(p *rule.Pass, f *project.File) {
	if f.Role != project.App {
		return
	}
	seen := map[syntax.Ref]bool{}
	for _, c := range redis.Commands(f) {
		instead, ok := single[c.Name]
		if !ok || !c.Named || pipeline(c.Call) {
			continue
		}
		loop, over := loopOf(c)
		if !loop.Ok() || seen[loop] || loop.Receiver().Str() == "keys" {
			continue // a sweep over KEYS has a rule of its own
		}
		seen[loop] = true
		cost := p.Cost.Calls(rate.RedisRoundTrip, p.Cost.Page(0, ""), 1, "call")
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("%s once per element", c.Name),
			Claim:   fmt.Sprintf("`%s` is sent once for each `%s`, and each waits for its answer: use %s.", c.Name, over, instead),
			Primary: rule.At(f, c.Call, ""), Secondary: []rule.Place{rule.LineAt(f, loop.Line(), loop.Line(), loop.Symbol(), "the loop")}, Subject: c.Name, Evidence: 1, Confidence: 0.65, Cost: cost,
			Fix: report.Fix{Summary: "Use " + instead + ".", Behaviour: "All answers arrive together; the commands of a pipeline are not atomic."},
		})
	}
}

// pipeline reports a command that only joins a pipeline or a transaction.
func pipeline(call syntax.Ref) bool {
	for _, n := range call.Receiver().Chain() {
		if piped.MatchString(n.Str()) {
			return true
		}
	}
	for l := call.Enclosing(syntax.Lambda); l.Ok(); l = l.Enclosing(syntax.Lambda) {
		if piped.MatchString(l.Parent().Str()) {
			return true
		}
	}
	for w := call.Enclosing(syntax.With); w.Ok(); w = w.Enclosing(syntax.With) {
		for n := range w.Children() {
			if n.Role() == syntax.Value && n.Kind() != syntax.Block {
				for x := range n.Descendants(syntax.Call) {
					if piped.MatchString(x.Str()) {
						return true
					}
				}
			}
		}
	}
	return false
}

var each = map[string]bool{"each": true, "map": true, "forEach": true, "flat_map": true, "flatMap": true, "filter_map": true, "select": true, "reject": true, "each_with_index": true,
	"filter": true, "each_with_object": true, "mapWithKeys": true, "to_h": true, "sum": true, "index_with": true}

// loopOf finds the loop whose variable the command's arguments name.
func loopOf(c redis.Command) (loop syntax.Ref, variable string) {
	names := map[string]bool{}
	for _, a := range c.Args {
		for n := range a.Descendants(syntax.Name, syntax.Call) {
			if n.Kind() == syntax.Name || n.Has(syntax.FlagNoArgs) {
				names[n.Str()] = true
			}
		}
	}
	for n := c.Call.Parent(); n.Ok(); n = n.Parent() {
		switch n.Kind() {
		case syntax.Func:
			return syntax.Ref{}, ""
		case syntax.For:
			if n.Has(syntax.FlagCounted) {
				continue
			}
			for t := range n.All(syntax.Target) {
				for x := range t.Descendants(syntax.Name) {
					if names[x.Str()] && !inside(c.Call, n.Child(syntax.Iter)) {
						return n, x.Str()
					}
				}
			}
		case syntax.Lambda:
			call := n.Parent()
			if call.Kind() != syntax.Call || !each[call.Str()] {
				continue
			}
			if call.Parent().Is(syntax.Call) && call.Parent().Receiver().Str() == "Promise" {
				return syntax.Ref{}, "" // sent together: the client pipelines them
			}
			for prm := range n.All(syntax.ParamRole) {
				if names[prm.Str()] {
					return call, prm.Str()
				}
			}
		}
	}
	return syntax.Ref{}, ""
}

func inside(n, ancestor syntax.Ref) bool { return ancestor.Ok() && n.Inside(ancestor) }
