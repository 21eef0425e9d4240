package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// scratchpad is what was typed at a prompt: the definitions that later lines may use.
type scratchpad struct {
	profile *rate.Profile
	lines   []padLine
	page    estimatePage // width and style
}

// padLine is one kept statement; a later one of the same name replaces it.
type padLine struct{ name, text string }

// enter computes a line over the kept ones and returns what to print. A line that defines something is
// kept when it is good.
func (s *scratchpad) enter(ctx context.Context, line string) (string, error) {
	name := definedBy(line)
	var kept []padLine
	var text strings.Builder
	from := 1
	for _, l := range s.lines {
		if name != "" && l.name == name {
			continue
		}
		kept = append(kept, l)
		text.WriteString(l.text + "\n")
		from += 1 + strings.Count(l.text, "\n")
	}
	text.WriteString(line)
	model, err := estimate.Parse(lang.Source{Text: text.String(), Line: 1}, s.profile)
	if err != nil {
		return "", within(err, from)
	}
	result, err := model.Evaluate(ctx, s.page.opt)
	if err != nil {
		return "", err
	}
	if name != "" {
		s.lines = append(kept, padLine{name, line})
	}
	page := s.page
	page.model, page.result, page.from = model, result, from
	answer, err := page.text(ctx)
	if err != nil {
		return "", err
	}
	for _, note := range result.Notes {
		// Lines are those of the text as it is computed, and notes on earlier ones were told before.
		line := from
		if _, err := fmt.Sscanf(note, "line %d:", &line); err == nil {
			_, note, _ = strings.Cut(note, ": ")
		}
		if line >= from {
			answer += "  " + note + "\n"
		}
	}
	return answer, nil
}

// within numbers the lines of errors from the first one that was typed; the kept lines before it are good.
func within(err error, from int) error {
	var errs lang.Errors
	if !errors.As(err, &errs) {
		return err
	}
	moved := make(lang.Errors, len(errs))
	for i, e := range errs {
		here := *e
		if here.Line >= from {
			here.Line -= from - 1
		}
		moved[i] = &here
	}
	return moved
}

// definedBy returns the name that a line defines, with "option" before that of an option.
func definedBy(line string) string {
	words := strings.Fields(strings.NewReplacer("=", " = ", "{", " { ").Replace(line))
	if len(words) > 0 && words[0] == "let" {
		words = words[1:]
	}
	switch {
	case len(words) > 1 && words[0] == "option":
		return "option " + words[1]
	case len(words) > 1 && words[1] == "=":
		return words[0]
	}
	return ""
}

// complete extends the word before pos: to the only one there is, or as far as all agree. all are the words
// to choose from where there are several.
func (s *scratchpad) complete(line string, pos int) (extended string, newPos int, all []string) {
	start := pos
	for start > 0 && (line[start-1] == '.' || line[start-1] == '_' || line[start-1] >= 0x80 || unicode.IsLetter(rune(line[start-1])) || unicode.IsDigit(rune(line[start-1]))) {
		start--
	}
	// The unit behind 10 in 10req is a word of its own.
	for start < pos && unicode.IsDigit(rune(line[start])) {
		start++
	}
	word := line[start:pos]
	if word == "" {
		return line, pos, nil
	}
	for _, w := range s.words() {
		if strings.HasPrefix(w, word) {
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return line, pos, nil
	}
	common := all[0]
	for _, w := range all[1:] {
		for !strings.HasPrefix(w, common) {
			common = common[:len(common)-1]
		}
	}
	if len(all) == 1 {
		all = nil
	}
	return line[:start] + common + line[pos:], start + len(common), all
}

// words are all words that a line may hold.
func (s *scratchpad) words() []string {
	words := append(lang.Keywords(), quantity.Words()...)
	for _, f := range lang.Functions() {
		words = append(words, f.Name+"(")
	}
	for _, r := range s.profile.All() {
		words = append(words, r.Name)
	}
	for _, l := range s.lines {
		words = append(words, strings.TrimPrefix(l.name, "option "))
	}
	slices.Sort(words)
	return slices.Compact(words)
}

const promptHelp = `Type an expression, or a definition such as rps = 1k to 10k req/s.
Tab completes units, functions, base rates and names; arrow keys recall lines.
A line that ends in an operator, or within parentheses, goes on in the next.
list shows the definitions, clear forgets them, Ctrl-C drops what is typed, quit or Ctrl-D ends.
`

// estimatePrompt reads lines from the terminal until it ends.
func (f *face) estimatePrompt(ctx context.Context, profile *rate.Profile, opt estimateFlags) error {
	input := f.stdin.(*os.File) // stdinTerminal has looked
	state, err := term.MakeRaw(int(input.Fd()))
	if err != nil {
		return fmt.Errorf("read from the terminal: %w; give the expression as an argument", err)
	}
	defer func() { _ = term.Restore(int(input.Fd()), state) }()
	history := loadHistory(workspace.ThisMachine(f.getenv))
	keys := &promptKeys{in: input}
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys, f.stdout}, "> ")
	t.History = history
	pad := &scratchpad{profile: profile}
	pad.page = estimatePage{opt: opt.options(f), colored: f.colored(f.stdout), verbose: f.verbose}
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		extended, at, all := pad.complete(line, pos)
		if len(all) > 0 && extended == line {
			io.WriteString(t, wrap(strings.Join(all[:min(len(all), 60)], " "), f.width(f.stdout)-1)+"\n")
		}
		return extended, at, true
	}
	if !f.quiet {
		io.WriteString(t, promptHelp)
	}
	for {
		pad.page.width = f.width(f.stdout)
		_ = t.SetSize(pad.page.width, 24)
		line, err := readStatement(t, keys)
		if errors.Is(err, io.EOF) {
			io.WriteString(t, "\n")
			return history.save()
		}
		if err != nil {
			return fmt.Errorf("read from the terminal: %w", err)
		}
		switch line {
		case "":
		case "quit", "exit":
			return history.save()
		case "help", "?":
			io.WriteString(t, promptHelp)
		case "clear":
			pad.lines = nil
		case "list":
			for _, l := range pad.lines {
				io.WriteString(t, "  "+l.text+"\n")
			}
		default:
			answer, err := pad.enter(ctx, line)
			if err != nil {
				answer = err.Error() + "\n"
			}
			io.WriteString(t, answer)
		}
	}
}

// promptKeys hands on what is typed. Ctrl-C, at which the terminal would end, becomes: to the end of the line, delete it,
// enter; and interrupted says so.
type promptKeys struct {
	in          io.Reader
	pending     []byte
	interrupted bool
}

const (
	ctrlC    = 3
	dropLine = "\x05\x15\r" // Ctrl-E, Ctrl-U, Enter
)

// Read implements [io.Reader].
func (k *promptKeys) Read(p []byte) (int, error) {
	if len(k.pending) == 0 {
		buffer := make([]byte, max(1, len(p)))
		n, err := k.in.Read(buffer)
		for _, c := range buffer[:n] {
			if c == ctrlC {
				k.interrupted = true
				k.pending = append(k.pending, dropLine...)
				continue
			}
			k.pending = append(k.pending, c)
		}
		if len(k.pending) == 0 {
			return 0, err
		}
	}
	n := copy(p, k.pending)
	k.pending = k.pending[n:]
	return n, nil
}

// lineReader reads lines, as [term.Terminal] does.
type lineReader interface {
	ReadLine() (string, error)
	SetPrompt(string)
}

// readStatement reads a line, and further ones while it is open. Ctrl-C drops what was typed.
func readStatement(t lineReader, keys *promptKeys) (string, error) {
	text := ""
	for {
		line, err := t.ReadLine()
		if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
			return "", err
		}
		text += line
		if keys.interrupted {
			keys.interrupted, text = false, ""
		}
		if !open(text) {
			t.SetPrompt("> ")
			return strings.TrimSpace(text), nil
		}
		text += "\n"
		t.SetPrompt(". ")
	}
}

// open says whether a statement goes on in the next line: a brace or a parenthesis is open, or it ends in an operator.
func open(text string) bool {
	code := ""
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		code += line + "\n"
	}
	code = strings.TrimSpace(code)
	if strings.Count(code, "{") > strings.Count(code, "}") || strings.Count(code, "(") > strings.Count(code, ")") {
		return true
	}
	for _, sign := range []string{"+", "-", "*", "/", "^", "±", "..", "->", "·", "×", "÷", "−", "→", " to", " in", " per"} {
		if strings.HasSuffix(code, sign) {
			return true
		}
	}
	return false
}

// historyLines is how many lines are kept between sessions.
const historyLines = 500

// lineHistory implements [term.History] and is kept in a file of the user's state folder.
type lineHistory struct {
	path  string
	lines []string // oldest first
}

func loadHistory(machine workspace.Machine) *lineHistory {
	h := &lineHistory{}
	if machine.State == "" {
		return h
	}
	h.path = filepath.Join(machine.State, "estimate-history")
	data, err := os.ReadFile(h.path)
	if err != nil {
		return h // there is none yet; a history that cannot be read is no reason not to compute
	}
	for _, line := range strings.Split(string(data), "\n") {
		h.Add(line)
	}
	return h
}

// Add implements [term.History].
func (h *lineHistory) Add(line string) {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	if len(h.lines) > historyLines {
		h.lines = h.lines[1:]
	}
}

// Len implements [term.History].
func (h *lineHistory) Len() int { return len(h.lines) }

// At implements [term.History]: 0 is the latest line.
func (h *lineHistory) At(i int) string { return h.lines[len(h.lines)-1-i] }

func (h *lineHistory) save() error {
	if h.path == "" || len(h.lines) == 0 {
		return nil
	}
	err := os.MkdirAll(filepath.Dir(h.path), 0o755)
	if err == nil {
		err = os.WriteFile(h.path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep the history of the prompt: %w", err)
	}
	return nil
}
