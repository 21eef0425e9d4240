//go:build cgo

package typescript

import (
	"context"
	"sync"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/javascript"
	"github.com/smacker/go-tree-sitter/typescript/tsx"
	ts "github.com/smacker/go-tree-sitter/typescript/typescript"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/lowering"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func grammar(name string, get func() *sitter.Language) func() *treesitter.Language {
	return sync.OnceValue(func() *treesitter.Language { return treesitter.NewLanguage(name, get()) })
}

var (
	typescriptGrammar = grammar("typescript", ts.GetLanguage)
	tsxGrammar        = grammar("tsx", tsx.GetLanguage)
	javascriptGrammar = grammar("javascript", javascript.GetLanguage)
)

// Lower lowers a TypeScript file. It returns an error only when the context ends or memory runs out.
func Lower(ctx context.Context, src []byte) (*syntax.Tree, error) {
	return run(ctx, typescriptGrammar(), "typescript", src)
}

// LowerTSX lowers a TypeScript file with JSX, like Lower.
func LowerTSX(ctx context.Context, src []byte) (*syntax.Tree, error) {
	return run(ctx, tsxGrammar(), "tsx", src)
}

// LowerJavaScript lowers a JavaScript file, with or without JSX, like Lower.
func LowerJavaScript(ctx context.Context, src []byte) (*syntax.Tree, error) {
	return run(ctx, javascriptGrammar(), "javascript", src)
}

func run(ctx context.Context, g *treesitter.Language, language string, src []byte) (*syntax.Tree, error) {
	t, err := g.Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	l := &lowerer{lowering.New(language, t, src)}
	l.file(t.Root())
	return l.Finish(), nil
}
