package config

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Terraform is the blocks of one .tf file, or the assignments of one .tfvars file.
type Terraform struct {
	Path      string
	Blocks    []*Block
	Variables []Attribute // top-level assignments of a .tfvars file
}

// Block is one block: a resource, data source, module, variable, provider, or a block nested in one.
type Block struct {
	Type       string   // "resource", "data", "module", "variable", "provider", or the nested block's name
	Labels     []string // of a resource: type and name
	Attributes []Attribute
	Blocks     []*Block
	Span       Span
}

// Attribute is one "name = expression" of a block.
type Attribute struct {
	Name string
	// Known says that the value is constant: written so, or through variables with a default and
	// locals that are. Text, Items and Map are only set then.
	Known bool
	Null  bool
	Text  string            // of a string, number or bool
	Items []string          // of a list of those
	Map   map[string]string // of a map of those
	// Refs are the things the expression names, dotted: aws_db_subnet_group.main.name, var.size.
	Refs []string
	Raw  string // the expression as written, at most 500 bytes
	Span Span

	expr hclsyntax.Expression
}

// Bool returns a known boolean.
func (a *Attribute) Bool() (v, ok bool) {
	if a == nil || !a.Known {
		return false, false
	}
	return a.Text == "true", a.Text == "true" || a.Text == "false"
}

// Int returns a known whole number.
func (a *Attribute) Int() (int, bool) {
	if a == nil || !a.Known {
		return 0, false
	}
	return Setting{Value: a.Text}.Int()
}

// Attr returns an attribute of the block, nil where it is not set.
func (b *Block) Attr(name string) *Attribute {
	if b == nil {
		return nil
	}
	for i := range b.Attributes {
		if b.Attributes[i].Name == name {
			return &b.Attributes[i]
		}
	}
	return nil
}

// Nested returns the blocks of a type directly inside; a "dynamic" block counts as its content.
func (b *Block) Nested(blockType string) []*Block {
	var out []*Block
	for _, n := range b.Blocks {
		switch {
		case n.Type == blockType:
			out = append(out, n)
		case n.Type == "dynamic" && len(n.Labels) == 1 && n.Labels[0] == blockType:
			out = append(out, n.Nested("content")...)
		}
	}
	return out
}

// Address is how Terraform names the block: aws_db_instance.main, data.aws_ami.base, module.vpc.
func (b *Block) Address() string {
	switch b.Type {
	case "resource":
		return strings.Join(b.Labels, ".")
	case "variable":
		return "var." + strings.Join(b.Labels, ".")
	}
	return strings.Join(append([]string{b.Type}, b.Labels...), ".")
}

// Resources returns the resources of a type ("aws_db_instance"); "" means all.
func (t *Terraform) Resources(resourceType string) []*Block {
	var out []*Block
	for _, b := range t.Blocks {
		if b.Type == "resource" && len(b.Labels) == 2 && (resourceType == "" || b.Labels[0] == resourceType) {
			out = append(out, b)
		}
	}
	return out
}

func (d *Document) parseTerraform(src string) error {
	if err := hclWithinBounds(src); err != nil {
		return err
	}
	file, diags, err := parseHCL(src, d.Path)
	if err != nil {
		return err
	}
	for _, dg := range diags {
		if dg.Severity == hcl.DiagError && dg.Subject != nil {
			d.problem(dg.Subject.Start.Line, dg.Subject.End.Line, "%s", dg.Summary)
		}
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok || (len(body.Attributes) == 0 && len(body.Blocks) == 0 && diags.HasErrors()) {
		return errors.New("no block of it could be read")
	}
	t := &Terraform{Path: d.Path}
	t.Variables = hclAttributes(body, src)
	for _, b := range body.Blocks {
		t.Blocks = append(t.Blocks, hclBlock(b, src, 0))
	}
	d.terraform = LinkTerraform(t)[0]
	return nil
}

func parseHCL(src, name string) (file *hcl.File, diags hcl.Diagnostics, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("not valid HCL")
		}
	}()
	file, diags = hclsyntax.ParseConfig([]byte(src), name, hcl.Pos{Line: 1, Column: 1})
	if file == nil {
		return nil, diags, fmt.Errorf("not valid HCL: %w", diags)
	}
	return file, diags, nil
}

// hclWithinBounds refuses what would drive the HCL parser, which recurses without a bound of its own,
// too deep: open brackets, and chains of unary operators or conditionals.
func hclWithinBounds(src string) error {
	depth, unary, cond := 0, 0, 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '(', '[', '{':
			depth++
			unary = 0
		case ')', ']', '}':
			depth--
			unary = 0
		case '!', '-':
			unary++
		case '?':
			cond++
			unary = 0
		case '\n':
			unary = 0
			if depth <= 0 {
				depth, cond = 0, 0
			}
		case ' ', '\t':
		default:
			unary = 0
		}
		// A rule of dashes in a comment is a long run too, so the bound on those is generous.
		if depth > 2*MaxDepth || unary > 2000 || cond > 2000 {
			return ErrTooDeep
		}
	}
	return nil
}

func hclBlock(b *hclsyntax.Block, src string, depth int) *Block {
	out := &Block{Type: b.Type, Labels: b.Labels, Span: Span{b.TypeRange.Start.Line, b.CloseBraceRange.End.Line}}
	if out.Span.End < out.Span.Start {
		out.Span.End = out.Span.Start
	}
	out.Attributes = hclAttributes(b.Body, src)
	if depth < MaxDepth {
		for _, n := range b.Body.Blocks {
			out.Blocks = append(out.Blocks, hclBlock(n, src, depth+1))
		}
	}
	return out
}

func hclAttributes(body *hclsyntax.Body, src string) []Attribute {
	var out []Attribute
	for _, a := range body.Attributes {
		r := a.Expr.Range()
		at := Attribute{Name: a.Name, Span: Span{a.SrcRange.Start.Line, max(a.SrcRange.Start.Line, r.End.Line)}, expr: a.Expr}
		if s, e := r.Start.Byte, r.End.Byte; s >= 0 && s <= e && e <= len(src) {
			at.Raw = src[s:min(e, s+500)]
		}
		for i, t := range a.Expr.Variables() {
			if i == 100 {
				break
			}
			at.Refs = append(at.Refs, traversalText(t))
		}
		out = append(out, at)
	}
	// The library keeps attributes in a map; the order of the file is the stable one.
	slices.SortFunc(out, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func traversalText(t hcl.Traversal) string {
	var parts []string
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, s.Name)
		case hcl.TraverseAttr:
			parts = append(parts, s.Name)
		}
	}
	return strings.Join(parts, ".")
}

// LinkTerraform evaluates files of one folder together, so that an attribute that reads a variable or
// a local declared in a neighbouring file becomes known. A terraform.tfvars or *.auto.tfvars among
// them overrides defaults, as Terraform itself does; other .tfvars are left out, since which of them
// applies is decided on the command line. The arguments are not changed; the result has their order.
func LinkTerraform(files ...*Terraform) []*Terraform {
	vars, locals := map[string]cty.Value{}, map[string]cty.Value{}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}}
	for _, f := range files {
		for _, b := range f.Blocks {
			if b.Type == "variable" && len(b.Labels) == 1 {
				if v, ok := constant(b.Attr("default"), ctx); ok && smallValue(v) {
					vars[b.Labels[0]] = v
				}
			}
		}
	}
	for _, f := range files {
		name := path.Base(f.Path)
		if name != "terraform.tfvars" && !strings.HasSuffix(name, ".auto.tfvars") {
			continue
		}
		for i := range f.Variables {
			if v, ok := constant(&f.Variables[i], ctx); ok && smallValue(v) {
				vars[f.Variables[i].Name] = v
			}
		}
	}
	ctx.Variables["var"] = cty.ObjectVal(vars)
	for _, f := range files {
		for _, b := range f.Blocks {
			if b.Type != "locals" {
				continue
			}
			for i := range b.Attributes {
				if v, ok := constant(&b.Attributes[i], ctx); ok && smallValue(v) {
					locals[b.Attributes[i].Name] = v
				}
			}
		}
	}
	ctx.Variables["local"] = cty.ObjectVal(locals)
	out := make([]*Terraform, len(files))
	for i, f := range files {
		out[i] = &Terraform{Path: f.Path, Variables: evaluateAll(f.Variables, ctx)}
		for _, b := range f.Blocks {
			out[i].Blocks = append(out[i].Blocks, evaluateBlock(b, ctx))
		}
	}
	return out
}

func evaluateBlock(b *Block, ctx *hcl.EvalContext) *Block {
	c := *b
	c.Attributes = evaluateAll(b.Attributes, ctx)
	c.Blocks = nil
	for _, n := range b.Blocks {
		c.Blocks = append(c.Blocks, evaluateBlock(n, ctx))
	}
	return &c
}

func evaluateAll(as []Attribute, ctx *hcl.EvalContext) []Attribute {
	out := make([]Attribute, len(as))
	for i := range as {
		out[i] = as[i]
		if v, ok := constant(&as[i], ctx); ok {
			out[i].set(v)
		}
	}
	return out
}

func (a *Attribute) set(v cty.Value) {
	a.Known, a.Null, a.Text, a.Items, a.Map = true, v.IsNull(), "", nil, nil
	if a.Null {
		return
	}
	ty := v.Type()
	switch {
	case ty.IsPrimitiveType():
		a.Text, _ = scalarText(v)
	case ty.IsTupleType() || ty.IsListType() || ty.IsSetType():
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			s, ok := scalarText(e)
			if !ok {
				a.Items = nil
				return
			}
			a.Items = append(a.Items, s)
		}
	case ty.IsObjectType() || ty.IsMapType():
		a.Map = map[string]string{}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			if s, ok := scalarText(e); ok && !k.IsNull() {
				a.Map[k.AsString()] = s
			}
		}
	}
}

func scalarText(v cty.Value) (string, bool) {
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	switch v.Type() {
	case cty.String:
		return v.AsString(), true
	case cty.Number:
		return v.AsBigFloat().Text('f', -1), true
	case cty.Bool:
		if v.True() {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// constant evaluates an expression that is built of literals, operators and names only. Functions,
// loops and splats are left alone: their cost is not bounded by the size of the text.
func constant(a *Attribute, ctx *hcl.EvalContext) (v cty.Value, ok bool) {
	if a == nil || a.expr == nil {
		return cty.NilVal, false
	}
	defer func() {
		if r := recover(); r != nil {
			v, ok = cty.NilVal, false
		}
	}()
	walk := &constantWalk{}
	_ = hclsyntax.Walk(a.expr, walk) // the walk itself reports nothing
	if walk.other || walk.nodes > 2000 || walk.names > 50 {
		return cty.NilVal, false
	}
	v, diags := a.expr.Value(ctx)
	if diags.HasErrors() || !v.IsWhollyKnown() {
		return cty.NilVal, false
	}
	return v, true
}

type constantWalk struct {
	nodes, names int
	other        bool
}

func (w *constantWalk) Enter(n hclsyntax.Node) hcl.Diagnostics {
	w.nodes++
	switch n.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		w.names++
	case *hclsyntax.LiteralValueExpr, *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr, *hclsyntax.ParenthesesExpr,
		*hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, *hclsyntax.ObjectConsKeyExpr, *hclsyntax.UnaryOpExpr,
		*hclsyntax.BinaryOpExpr, *hclsyntax.ConditionalExpr:
	default:
		w.other = true
	}
	return nil
}

func (w *constantWalk) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }

// smallValue keeps a value that many expressions may repeat from growing without bound.
func smallValue(v cty.Value) bool {
	total := 0
	err := cty.Walk(v, func(_ cty.Path, e cty.Value) (bool, error) {
		total++
		if s, ok := scalarText(e); ok {
			total += len(s)
		}
		if total > 2000 {
			return false, ErrTooLarge
		}
		return true, nil
	})
	return err == nil
}
