package flow

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// batchers are the words that cut a list into pieces: a loop over the pieces turns once per batch,
// which is the cure of a query per row and not the illness.
var batchers = map[string]bool{
	"chunk": true, "chunked": true, "chunks": true, "chunkArray": true, "chunk_list": true, "chunkBy": true, "inChunks": true,
	"batch": true, "batched": true, "batches": true, "batchArray": true, "batchify": true, "in_batches": true, "toBatches": true, "splitIntoBatches": true, "createBatches": true,
	"each_slice": true, "in_groups_of": true, "array_chunk": true, "splitEvery": true, "splitIntoChunks": true, "grouper": true, "partitionList": true,
	"chunkIt": true, "batch_iterator": true, "chunk_queryset": true, "arrayChunk": true, "chunkedArray": true, "getChunks": true, "makeBatches": true,
	"getBatches": true, "split_every": true, "batch_qs": true, "queryset_in_batches": true,
}

// batches reports whether a collection, or the expression that makes it, is a list of pieces.
func batches(v Value, iter syntax.Ref) bool {
	if v.Batches {
		return true
	}
	for iter.Is(syntax.Await) {
		iter = iter.Child(syntax.Value)
	}
	switch iter.Kind() {
	case syntax.Call:
		return batchers[iter.Str()]
	case syntax.Name, syntax.Member:
		name := strings.ToLower(iter.Str())
		return strings.HasSuffix(name, "chunks") || strings.HasSuffix(name, "batches")
	}
	return false
}

// strided reports whether a three-clause loop advances by more than one: for (i = 0; i < n; i += size).
func strided(n syntax.Ref) bool {
	post := n.Child(syntax.Post)
	if post.Kind() != syntax.Assign || post.Str() != "+=" {
		return false
	}
	v := post.Child(syntax.Value)
	return v.Kind() != syntax.Number || v.Str() != "1"
}

// pauses are calls that let time pass.
var pauses = map[string]bool{"sleep": true, "Sleep": true, "usleep": true, "After": true, "NewTimer": true, "wait": true, "Wait": true, "delay": true, "setTimeout": true}

// waits reports a loop without an end that pauses or takes what a channel brings: a daemon's or a
// retry's. Its turns are events in time, not rows.
func waits(n syntax.Ref) bool {
	if c := n.Child(syntax.Cond); c.Ok() && (c.Kind() != syntax.Bool || c.Str() != "true") {
		return false
	}
	for c := range n.Child(syntax.Body).Descendants(syntax.Call, syntax.Unary, syntax.Switch) {
		switch c.Kind() {
		case syntax.Call:
			if pauses[c.Str()] {
				return true
			}
		case syntax.Unary:
			if c.Str() == "<-" {
				return true
			}
		case syntax.Switch:
			if c.Str() == "select" {
				return true
			}
		}
	}
	return false
}

// cut marks the result of a call that cuts a list into pieces.
func cut(c *Call, v Value) Value {
	if !batchers[c.Name] || (v.Kind != Unknown && v.Kind != Container) {
		return v
	}
	v.Kind, v.Batches = Container, true
	if v.Elem == nil {
		list := c.Recv
		if len(c.Args) > 0 && (c.Args[0].Kind == Many || c.Args[0].Kind == Container) {
			list = c.Args[0]
		}
		list.Loaded = list.Loaded || list.Kind == Many
		v.Elem = &list
	}
	return v
}
