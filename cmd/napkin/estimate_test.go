package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/rate"
)

func TestEstimateAnswers(t *testing.T) {
	s := newSession(t)
	code, stdout, stderr := s.run(t, "estimate", "1k..10k req/s * 2 kB in MB/s")
	if code != exitOK || !strings.Contains(stdout, "6.32 MB/s   90 % between 2 MB/s and 20 MB/s") || !strings.Contains(stdout, "█") || !strings.Contains(stderr, "took") || !strings.Contains(stderr, "leaves out the requests") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for _, line := range strings.Split(stdout, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("a line is wider than 80 columns: %q", line)
		}
	}
	code, stdout, _ = s.run(t, "estimate", "100", "GiB", "/", "disk.read.sequential")
	if code != exitOK || !strings.Contains(stdout, "Base rates") || !strings.Contains(stdout, "published, 20") {
		t.Errorf("words without quotes: exit %d\n%s", code, stdout)
	}
	if code, stdout, stderr = s.run(t, "estimate", "--quiet", "exp(1 to 2)"); code != exitOK || stderr != "" || !strings.Contains(stdout, "16.4k draws, seed 0") {
		t.Errorf("--quiet: exit %d\n%s%s", code, stdout, stderr)
	}
}

// TestEstimateLeavesNothingOut prints what is too wide for 80 columns in several lines: the origin of a rate, and
// what was claimed.
func TestEstimateLeavesNothingOut(t *testing.T) {
	s := newSession(t)
	code, stdout, _ := s.run(t, "estimate", "claim: 1 / postgres.commit.durable > 1000/s; claim: 1 / tcp.roundtrip.loopback > 40k/s; 1/postgres.commit.durable")
	flat := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{"1 / tcp.roundtrip.loopback > 40k/s", "1 / postgres.commit.durable > 1000/s", "right side", "published, 20"} {
		if !strings.Contains(flat, want) {
			t.Errorf("exit %d, %q is missing:\n%s", code, want, stdout)
		}
	}
	for _, line := range strings.Split(stdout, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("a line is wider than 80 columns: %q", line)
		}
	}
}

func TestEstimateSharesOfTheVariance(t *testing.T) {
	s := newSession(t)
	code, stdout, _ := s.run(t, "estimate", "x = -5 to 5; y = 1 to 2; x^2*10 + y")
	if !strings.Contains(strings.Join(strings.Fields(stdout), " "), "x 100 %") || strings.Contains(stdout, "y      100 %") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestEstimateFile(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(s.project, "capacity.napkin")
	s.write(t, path, "users = 1k to 100k users\noption hosted = users * $0.05/user/month\noption own = $400/month\nconstraint hosted < $5k/month\n")
	code, stdout, stderr := s.run(t, "estimate", path, "--break-even", "users")
	if code != exitOK || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "break-even at users = 8000 users") || !strings.Contains(stdout, "holds with 95.0 %") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, _ = s.run(t, "estimate", path, "--json", "--break-even", "users")
	var d estimate.Document
	if err := json.Unmarshal([]byte(stdout), &d); err != nil || code != exitOK || d.SchemaVersion != estimate.SchemaVersion {
		t.Fatalf("--json: exit %d, %v", code, err)
	}
	if len(d.Options) != 2 || len(d.Outcomes[0].Influences) != 1 || len(d.Comparisons) != 1 || d.Comparisons[0].BreakEven == nil || !d.Comparisons[0].BreakEven.Found {
		t.Errorf("--json: %+v", d)
	}
	_, again, _ := s.run(t, "estimate", path, "--json", "--break-even", "users")
	if again != stdout {
		t.Error("two runs differ")
	}
}

func TestEstimateRisk(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(s.project, "load.napkin")
	s.write(t, path, "load = 100 to 400 req/s\nconstraint load < 200 req/s\n")
	for _, c := range []struct {
		args []string
		code int
	}{
		{nil, exitOK}, {[]string{"--risk", "0.6"}, exitOK}, {[]string{"--risk", "0.4"}, exitFindings},
		{[]string{"--json", "--risk", "0.4"}, exitFindings}, {[]string{"--risk", "2"}, exitError},
	} {
		code, stdout, stderr := s.run(t, append([]string{"estimate", path}, c.args...)...)
		if code != c.code || (code == exitFindings) != strings.Contains(stderr, "fails with a probability of 50 %") {
			t.Errorf("%q: exit %d, want %d\n%s%s", c.args, code, c.code, stdout, stderr)
		}
	}
}

func TestEstimateRefuses(t *testing.T) {
	s := newSession(t)
	bad := filepath.Join(s.project, "bad.napkin")
	s.write(t, bad, "a = 5 GB\na + 3 s\n")
	big := filepath.Join(s.project, "big.napkin")
	s.write(t, big, strings.Repeat("# nothing\n", 200_000))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"dimension":     {[]string{"5 GB + 3 s"}, "cannot add bytes and seconds\n   1 | 5 GB + 3 s\n     |      ^\n       divide the bytes"},
		"in a file":     {[]string{bad}, "bad.napkin:2:3: cannot add bytes and seconds"},
		"no file":       {[]string{"nowhere.napkin"}, "there is no such file"},
		"nothing":       {nil, "say what to estimate"},
		"few samples":   {[]string{"1", "--samples", "3"}, "--samples 3"},
		"many samples":  {[]string{"1", "--samples", "99999999"}, "--samples 99999999"},
		"long":          {[]string{big}, "longer than"},
		"break-even":    {[]string{"1 to 2", "--break-even", "x"}, "no two options"},
		"no stdin":      {[]string{"-"}, "standard input"},
		"unknown input": {[]string{"option a = 5\noption c = 1 to 9", "--break-even", "x"}, "there is no definition"},
	} {
		if code, stdout, stderr := s.run(t, append([]string{"estimate"}, c.args...)...); code != exitError || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit %d\n%s%s", name, code, stdout, stderr)
		}
	}
}

func TestEstimateFromStandardInput(t *testing.T) {
	s := newSession(t)
	var out, notes bytes.Buffer
	w := s.world(&out, &notes)
	w.stdin = strings.NewReader("a = 5 MB\na * 2\n")
	if code := run(t.Context(), w, []string{"estimate", "-"}); code != exitOK || !strings.Contains(out.String(), "10 MB") {
		t.Errorf("exit %d\n%s%s", code, out.String(), notes.String())
	}
}

// TestEstimateTakesFilesForFiles reads a file where a name can be nothing else, and computes what is an expression.
func TestEstimateTakesFilesForFiles(t *testing.T) {
	s := newSession(t)
	t.Chdir(s.project)
	s.write(t, filepath.Join(s.project, "5"), "7\n")
	s.write(t, filepath.Join(s.project, "load"), "8\n")
	for _, c := range []struct {
		args         []string
		code         int
		stdout, said string
	}{
		{[]string{"5"}, exitOK, "  5\n", "write ./5"}, {[]string{"./5"}, exitOK, "  7\n", ""}, {[]string{"load"}, exitOK, "  8\n", ""},
		{[]string{"./d"}, exitError, "", "there is no such file"}, {[]string{"/tmp"}, exitError, "", "it is a folder"}, {[]string{"../a.napkn"}, exitError, "", "there is no such file"},
		{[]string{"capacity.txt"}, exitError, "", "there is no such file"}, {[]string{""}, exitError, "", "the expression is empty"},
		{[]string{"-5 to 5"}, exitOK, "90 % between -5 and 5", ""}, {[]string{"-q", "-5 to 5"}, exitOK, "90 % between -5 and 5", ""}, {[]string{"--seed", "-1", "1"}, exitError, "", "--seed -1: give a whole number that is not negative"},
		{[]string{"log(0)"}, exitError, "", "takes a positive number"}, {[]string{"1 to 3; -1"}, exitOK, "-1", ""},
	} {
		code, stdout, stderr := s.run(t, append([]string{"estimate"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.said) {
			t.Errorf("%q: exit %d, want %d\n%s%s", c.args, code, c.code, stdout, stderr)
		}
	}
}

// typed is a terminal's line reader over keys.
type typed struct {
	keys *promptKeys
}

func (t typed) SetPrompt(string) {}

func (t typed) ReadLine() (string, error) {
	line, one := "", make([]byte, 1)
	for {
		n, err := t.keys.Read(one)
		if err != nil {
			return "", err
		}
		switch c := one[0]; {
		case n == 0:
		case c == '\r':
			return line, nil
		case c == 0x15:
			line = ""
		case c >= ' ':
			line += string(c)
		}
	}
}

// TestPromptReadsStatements goes on in the next line where the language does, and drops what was typed at Ctrl-C.
func TestPromptReadsStatements(t *testing.T) {
	keys := &promptKeys{in: strings.NewReader("(1 +\r2)\r3 *\r4\roption a {\rcost = 1\r}\r5 +\x03(7\x036\r")}
	for _, want := range []string{"(1 +\n2)", "3 *\n4", "option a {\ncost = 1\n}", "", "", "6"} {
		got, err := readStatement(typed{keys}, keys)
		if err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
}

func TestScratchpad(t *testing.T) {
	pad := &scratchpad{profile: rate.Embedded(), page: estimatePage{width: 80}}
	enter := func(line string) string {
		answer, err := pad.enter(t.Context(), line)
		if err != nil {
			return err.Error()
		}
		return answer
	}
	enter("rps = 100 req/s")
	if got := enter("rps * 2 kB/req"); !strings.Contains(got, "200 kB/s") || strings.Contains(got, "rps") {
		t.Errorf("an expression over a definition: %q", got)
	}
	enter("rps = 200 req/s")
	if got := enter("rps * 2 kB/req"); !strings.Contains(got, "400 kB/s") {
		t.Errorf("after a new definition: %q", got)
	}
	if got := enter("rps + 3 s"); !strings.HasPrefix(got, "cannot add") || strings.Contains(got, "line ") || !strings.Contains(got, "   1 | ") {
		t.Errorf("an error: %q", got)
	}
	enter("option a {\n cost = $5\n}")
	if got := enter("option c = $7"); !strings.Contains(got, "a is below c") && !strings.Contains(got, "a.cost is below c") {
		t.Errorf("options: %q", got)
	}
	for _, c := range []struct {
		line, want string
		several    bool
	}{{"rp", "rp", true}, {"100 GiB / disk.read.seq", "100 GiB / disk.read.sequential", false}, {"queue_mm1_", "queue_mm1_p99(", false}, {"3 quer", "3 quer", true}, {"10conne", "10connection", true}, {"zzz", "zzz", false}, {"", "", false}} {
		got, pos, all := pad.complete(c.line, len(c.line))
		if got != c.want || pos != len(got) || (len(all) > 0) != c.several {
			t.Errorf("complete %q: %q at %d, %d words", c.line, got, pos, len(all))
		}
	}
}

func TestHistoryIsKept(t *testing.T) {
	h := &lineHistory{path: filepath.Join(t.TempDir(), "state", "estimate-history")}
	for range historyLines + 5 {
		h.Add("a")
		h.Add("b")
	}
	if h.Len() != historyLines || h.At(0) != "b" || h.At(1) != "a" {
		t.Errorf("%d lines, the last %q", h.Len(), h.At(0))
	}
	if err := h.save(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(h.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
