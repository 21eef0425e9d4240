//go:build cgo

package treesitter

/*
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#include <stdint.h>
#include <stdlib.h>
#include <stdbool.h>

// The part of tree-sitter's C interface that the walk needs. The definitions come from the
// go-tree-sitter module at link time; its headers are not on any include path, so they are declared
// here. TestLayout guards the assumption.
typedef struct { uint32_t context[4]; const void *id; const void *tree; } TSNode;
typedef struct { const void *tree; const void *id; uint32_t context[3]; } TSTreeCursor;
extern TSTreeCursor ts_tree_cursor_new(TSNode);
extern void ts_tree_cursor_delete(TSTreeCursor *);
extern TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *);
extern bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
extern bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern uint16_t ts_node_symbol(TSNode);
extern uint32_t ts_node_start_byte(TSNode);
extern uint32_t ts_node_end_byte(TSNode);
extern bool ts_node_is_named(TSNode);
extern bool ts_node_is_missing(TSNode);
extern uint32_t ts_node_descendant_count(TSNode);

typedef struct { uint16_t sym, field; uint32_t start, end; int32_t parent, first, next; uint32_t flags; } Flat;

// napkin_flatten writes the tree below root in pre-order and returns the number of nodes, or -1 when
// memory ran out. The caller frees *out.
static int64_t napkin_flatten(TSNode root, Flat **out) {
	int64_t cap = 1024, n = 0;
	Flat *a = malloc(cap * sizeof(Flat));
	if (!a) return -1;
	TSTreeCursor c = ts_tree_cursor_new(root);
	int32_t parent = -1, prev = -1;
	for (;;) {
		TSNode node = ts_tree_cursor_current_node(&c);
		if (n == cap) {
			cap *= 2;
			Flat *b = realloc(a, cap * sizeof(Flat));
			if (!b) { free(a); ts_tree_cursor_delete(&c); return -1; }
			a = b;
		}
		Flat *f = &a[n];
		f->sym = ts_node_symbol(node);
		f->field = ts_tree_cursor_current_field_id(&c);
		f->start = ts_node_start_byte(node);
		f->end = ts_node_end_byte(node);
		f->parent = parent; f->first = -1; f->next = -1;
		f->flags = (ts_node_is_named(node) ? 1 : 0) | (ts_node_is_missing(node) ? 2 : 0);
		if (prev >= 0) a[prev].next = (int32_t)n;
		else if (parent >= 0) a[parent].first = (int32_t)n;
		int32_t me = (int32_t)n++;
		if (ts_tree_cursor_goto_first_child(&c)) { parent = me; prev = -1; continue; }
		prev = me;
		while (!ts_tree_cursor_goto_next_sibling(&c)) {
			if (!ts_tree_cursor_goto_parent(&c) || parent < 0) goto done;
			prev = parent;
			parent = a[parent].parent;
		}
	}
done:
	ts_tree_cursor_delete(&c);
	*out = a;
	return n;
}
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	sitter "github.com/smacker/go-tree-sitter"
)

// maxParse bounds the parse of one file; a file of the largest size that is read takes under a second.
const maxParse = 20 * time.Second

// Language is one grammar with its symbol names resolved once.
type Language struct {
	name   string
	lang   *sitter.Language
	kinds  []string // by symbol
	fields []string // by field id
	pool   sync.Pool
}

// NewLanguage wraps a grammar.
func NewLanguage(name string, lang *sitter.Language) *Language {
	l := &Language{name: name, lang: lang}
	for i := uint32(0); i < lang.SymbolCount(); i++ {
		l.kinds = append(l.kinds, lang.SymbolName(sitter.Symbol(i)))
	}
	l.fields = []string{""}
	for i := 1; ; i++ {
		f := lang.FieldName(i)
		if f == "" {
			break
		}
		l.fields = append(l.fields, f)
	}
	l.pool.New = func() any {
		p := sitter.NewParser()
		p.SetLanguage(lang)
		return p
	}
	return l
}

// Parse parses src and copies the whole tree into Go memory with one call into C. It is safe for
// concurrent use. It returns an error only when the context ends or memory runs out: broken source
// gives a tree with error nodes (see [Tree.Errors]).
func (l *Language) Parse(ctx context.Context, src []byte) (*Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := l.pool.Get().(*sitter.Parser)
	defer l.pool.Put(p)
	// The binding's own cancellation leaves its flag set when a context ends just behind a parse, and
	// the next parse of a pooled parser then fails. The parser's time limit has no such state.
	limit := maxParse
	if d, ok := ctx.Deadline(); ok {
		limit = min(limit, max(time.Until(d), time.Millisecond))
	}
	p.SetOperationLimit(int(limit.Microseconds()))
	st, err := p.ParseCtx(context.Background(), nil, src)
	if err != nil {
		p.Reset()
		return nil, fmt.Errorf("parse %s: not finished after %s", l.name, limit.Round(time.Millisecond))
	}
	defer st.Close()
	root := st.RootNode()
	var arr *C.Flat
	n := C.napkin_flatten(*(*C.TSNode)(unsafe.Pointer(root)), &arr)
	if n < 0 {
		return nil, errors.New("parse: out of memory")
	}
	defer C.free(unsafe.Pointer(arr))
	t := &Tree{lang: l, src: src, nodes: make([]flat, int(n))}
	copy(t.nodes, unsafe.Slice((*flat)(unsafe.Pointer(arr)), int(n)))
	return t, nil
}

func (l *Language) kind(sym uint16) string {
	if sym == 0xFFFF {
		return "ERROR"
	}
	if int(sym) < len(l.kinds) {
		return l.kinds[sym]
	}
	return ""
}

func (l *Language) field(id uint16) string {
	if int(id) < len(l.fields) {
		return l.fields[id]
	}
	return ""
}
