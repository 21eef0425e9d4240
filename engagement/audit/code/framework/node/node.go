// Package node tells the flow engine what the data layers of Node.js mean: Prisma, TypeORM, Sequelize,
// Knex and Drizzle, and where work starts in Next.js, Remix, Express, Fastify, NestJS, tRPC and
// GraphQL servers.
//
// Each data layer is a [flow.Framework] of its own, so that a model says which one it belongs to; all
// of them read TypeScript and JavaScript, and share the reading of option objects here. The schemas
// that migrations, entities and table builders state are folded by their Schemas methods; Prisma's
// own schema files are read by the preparation of the project.
//
// Nothing of the application is executed. A query whose options are built elsewhere is marked
// [flow.Root.Dynamic]: what it does not show proves nothing.
package node

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Frameworks returns new instances of all of the package's frameworks, in the order in which they must
// be asked.
func Frameworks() []flow.Framework {
	return []flow.Framework{NewPrisma(), NewTypeORM(), NewSequelize(), NewDrizzle(), NewKnex(), NewPlatform()}
}

// script reports whether a file is TypeScript or JavaScript.
func script(f *project.File) bool {
	switch f.Lang {
	case "typescript", "tsx", "javascript":
		return true
	}
	return false
}

// readable reports whether a file may state what the application is made of.
func readable(f *project.File) bool {
	if f.Tree == nil || !script(f) {
		return false
	}
	switch f.Role {
	case project.Test, project.Vendored, project.Generated, project.Docs:
		return false
	}
	return true
}

// options is an object literal, read through variables that hold one.
type options struct {
	node syntax.Ref
	val  flow.Value
}

// optionsOf returns the i-th argument of a call as options; the zero options when it is no object.
func optionsOf(c *flow.Call, i int) options {
	if i >= len(c.Args) || i >= len(c.ArgRefs) {
		return options{}
	}
	return objectOf(c.ArgRefs[i], c.Args[i])
}

func objectOf(n syntax.Ref, v flow.Value) options {
	if n.Kind() != syntax.Map && v.Kind == flow.Container && v.Node.Kind() == syntax.Map {
		n = v.Node
	}
	if n.Kind() != syntax.Map {
		return options{}
	}
	return options{node: n, val: v}
}

func (o options) ok() bool { return o.node.Ok() }

// has reports whether a key is written.
func (o options) has(key string) bool { return o.pair(key).Ok() }

func (o options) pair(key string) syntax.Ref {
	for c := range o.node.Children() {
		if c.Kind() == syntax.Pair && c.Str() == key {
			return c
		}
	}
	return syntax.Ref{}
}

// value returns the expression behind a key; a variable that holds an object or a list literal is
// replaced by that literal.
func (o options) value(key string) syntax.Ref {
	n := o.pair(key).Child(syntax.Value)
	if v := o.val.Fields[key]; n.Is(syntax.Name, syntax.Member) && v.Kind == flow.Container && v.Node.Is(syntax.Map, syntax.List) {
		return v.Node
	}
	return n
}

// object returns the options behind a key.
func (o options) object(key string) options { return objectOf(o.value(key), o.val.Fields[key]) }

// number returns a literal number behind a key, 0 when it is none.
func (o options) number(key string) int { return number(o.value(key)) }

func number(n syntax.Ref) int {
	if n.Kind() != syntax.Number {
		return 0
	}
	v, _ := strconv.Atoi(strings.ReplaceAll(n.Str(), "_", ""))
	return v
}

// spread reports whether the object takes in keys that can not be read.
func (o options) spread() bool {
	for c := range o.node.Children() {
		if c.Kind() == syntax.Splat || (c.Kind() == syntax.Pair && c.Str() == "") {
			return true
		}
	}
	return false
}

// elements are the parts of a list, or the thing itself.
func elements(n syntax.Ref) []syntax.Ref {
	if n.Kind() != syntax.List {
		if !n.Ok() {
			return nil
		}
		return []syntax.Ref{n}
	}
	var out []syntax.Ref
	for c := range n.Children() {
		out = append(out, c)
	}
	return out
}

func isTrue(n syntax.Ref) bool  { return n.Kind() == syntax.Bool && n.Str() == "true" }
func isFalse(n syntax.Ref) bool { return n.Kind() == syntax.Bool && n.Str() == "false" }

// lowerFirst turns a model's name into the name of its delegate.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// rows is the value of a query that returned a list, row that of one that returned one row.
func rows(m *flow.Model, r *flow.Root) flow.Value {
	return flow.Value{Kind: flow.Many, Model: m, Root: r, Loaded: true}
}

func row(m *flow.Model, r *flow.Root) flow.Value {
	return flow.Value{Kind: flow.Record, Model: m, Root: r}
}

var scalar = flow.Value{Kind: flow.Scalar}

// loadedRelation reads a relation that is part of the row in memory: reading it asks no query.
func loadedRelation(ix *flow.Index, rec flow.Value, rel *flow.Relation) flow.Value {
	v := flow.Value{Kind: flow.Record, Model: ix.Model(rel.Target, rel.File), PerRow: rec.PerRow, Loop: rec.Loop}
	if rel.Kind.Many() {
		v.Kind, v.Loaded = flow.Many, true
	}
	return v
}
