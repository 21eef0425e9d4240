package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds on what a parser accepts. They are far above what people write and low enough that a
// hostile file costs milliseconds.
const (
	MaxBytes = 4 << 20 // of one file
	MaxDepth = 200     // nested blocks, maps or brackets
	maxNodes = 200_000 // values of one file after alias expansion
)

// ErrTooLarge and ErrTooDeep are wrapped by the error of a file that exceeds a bound.
var (
	ErrTooLarge = errors.New("larger than the audit reads")
	ErrTooDeep  = errors.New("nested deeper than the audit reads")
)

// Span is a range of lines, 1-based and inclusive. The zero Span means "no place".
type Span struct {
	Start int
	End   int
}

// Contains reports whether line lies in the span.
func (s Span) Contains(line int) bool { return s.Start > 0 && s.Start <= line && line <= s.End }

// Problem is a part of a file that could not be read.
type Problem struct {
	Span    Span
	Message string
}

// Document is one parsed file. Only the views that fit its kind are filled.
type Document struct {
	Kind     string
	Path     string
	Lines    int       // number of lines in the file
	Problems []Problem // parts that were not understood; empty for a file read whole

	yaml       []*Node
	settings   *Settings
	dockerfile *Dockerfile
	compose    *Compose
	kube       []*KubeObject
	terraform  *Terraform
	nginx      *Nginx
	procfile   []Process
	deps       []Dependency
}

// YAML returns the documents of a YAML or JSON file in order, nil for other kinds.
func (d *Document) YAML() []*Node { return d.yaml }

// Settings returns the file as flat keys, nil where the kind has no such reading.
func (d *Document) Settings() *Settings { return d.settings }

// Dockerfile returns the stages and instructions, nil for other kinds.
func (d *Document) Dockerfile() *Dockerfile { return d.dockerfile }

// Compose returns the services of a compose file, nil where the file has no services map.
func (d *Document) Compose() *Compose { return d.compose }

// Kubernetes returns the objects of a manifest (lists are unfolded), nil where there are none.
func (d *Document) Kubernetes() []*KubeObject { return d.kube }

// Terraform returns the blocks of a Terraform file, nil for other kinds.
func (d *Document) Terraform() *Terraform { return d.terraform }

// Nginx returns the directive tree, nil for other kinds.
func (d *Document) Nginx() *Nginx { return d.nginx }

// Procfile returns the declared processes, nil for other kinds.
func (d *Document) Procfile() []Process { return d.procfile }

// Dependencies returns the packages that a manifest or lock file names, nil for other kinds.
func (d *Document) Dependencies() []Dependency { return d.deps }

// Parse reads src as kind, one of the Kind constants. The path is used for messages and to choose a
// dialect, and is never opened. The error says why nothing at all could be read; a file that could be
// read in part is returned without an error and with Problems.
func Parse(kind, path string, src []byte) (*Document, error) {
	if len(src) > MaxBytes {
		return nil, fmt.Errorf("%s has %d bytes: %w", path, len(src), ErrTooLarge)
	}
	text := normalise(src)
	d := &Document{Kind: kind, Path: path, Lines: countLines(text)}
	var err error
	switch kind {
	case KindYAML, KindCompose, KindKubernetes:
		err = d.parseYAML(text)
	case KindJSON:
		err = d.parseJSON(text)
	case KindDockerfile:
		err = d.parseDockerfile(text)
	case KindTerraform:
		err = d.parseTerraform(text)
	case KindNginx:
		err = d.parseNginx(text)
	case KindProperties, KindEnv, KindINI:
		d.parseKeyValues(text)
	case KindTOML:
		d.parseTOML(text)
	case KindProcfile:
		d.parseProcfile(text)
	case KindDependencies:
		err = d.parseDependencies(text)
	default:
		return nil, fmt.Errorf("%s: %q is not a kind of configuration this package reads", path, kind)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s as %s: %w", path, kind, err)
	}
	return d, nil
}

func (d *Document) problem(from, to int, format string, args ...any) {
	const most = 50
	if len(d.Problems) < most {
		d.Problems = append(d.Problems, Problem{Span{from, to}, fmt.Sprintf(format, args...)})
	}
}

// normalise drops a byte order mark, turns CRLF and lone CR into LF so that lines are counted as an
// editor does, and replaces invalid UTF-8 and NUL bytes, which no parser here needs to see.
func normalise(src []byte) string {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	s := string(src)
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return s
}

func countLines(s string) int {
	if s == "" {
		return 0
	}
	n := strings.Count(s, "\n")
	if !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}
