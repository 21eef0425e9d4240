//go:build cgo

package java

import (
	"context"
	"sync"

	sitter "github.com/smacker/go-tree-sitter/java"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/lowering"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var grammar = sync.OnceValue(func() *treesitter.Language {
	return treesitter.NewLanguage("java", sitter.GetLanguage())
})

// Lower lowers a Java file. It returns an error only when the context ends or memory runs out.
func Lower(ctx context.Context, src []byte) (*syntax.Tree, error) {
	t, err := grammar().Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	l := &lowerer{lowering.New("java", t, src)}
	l.file(t.Root())
	return l.Finish(), nil
}
