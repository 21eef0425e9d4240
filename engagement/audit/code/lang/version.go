package lang

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// sources are the lowerings' own sources. They travel in the binary because a tree in the cache is of
// use only to the lowering that made it, and a version number kept by hand would be forgotten.
//
//go:embed *.go */*.go
var sources embed.FS

// Version identifies the lowerings of this build: it changes whenever a lowering, the tree's
// vocabulary, the parsers' library or the set of languages does.
var Version = sync.OnceValue(func() string {
	h := sha256.New()
	_ = fs.WalkDir(sources, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		b, _ := sources.ReadFile(p)
		fmt.Fprintf(h, "%s %d\n%s", p, len(b), b)
		return nil
	})
	for k := syntax.Invalid; k <= syntax.Other; k++ {
		fmt.Fprintln(h, k)
	}
	for r := syntax.RoleNone; r <= syntax.Post; r++ {
		fmt.Fprintln(h, r)
	}
	for _, l := range lowered {
		fmt.Fprintln(h, l, Parsed(l))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintln(h, info.GoVersion)
		for _, m := range info.Deps {
			if strings.Contains(m.Path, "tree-sitter") {
				fmt.Fprintln(h, m.Path, m.Version, m.Sum)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
})
