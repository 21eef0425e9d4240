package dbrate

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// openFolder is a folder that a server's account may enter, on a disk.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "napkin-test-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := measure.OnDisk(dir); err != nil {
		t.Skip(err)
	}
	return dir
}

func run(t *testing.T, o Options, dir string, words ...string) measure.Result {
	t.Helper()
	groups, err := Groups(o)
	if err != nil {
		t.Fatal(err)
	}
	result, err := measure.Run(t.Context(), measure.Options{Groups: groups, Words: words, Dir: dir, Quick: true, Today: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestPrivateServers measures all that is installed, and leaves nothing.
func TestPrivateServers(t *testing.T) {
	dir := openFolder(t)
	result := run(t, Options{}, dir)
	for _, r := range result.Refused {
		if strings.Contains(r.Reason.Error(), "install its package") && os.Getenv("CI") != "true" {
			t.Logf("%s: %v", r.Name, r.Reason)
			continue
		}
		t.Errorf("%s was refused: %v", r.Name, r.Reason)
	}
	for _, r := range result.Rates {
		published, ok := rate.Embedded().Get(r.Name)
		if !ok || published.Kind != r.Kind || published.Of != r.Of {
			t.Errorf("%s: published is %+v", r.Name, published)
		}
		if r.Value < published.Low/100 || r.Value > published.High*100 {
			t.Errorf("%s: %s is out of this world; published %s", r.Name, r, published)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestGivenServers measures servers by URL: without leave nothing is written, with it nothing stays, and a
// server that does not flush has no durable commit.
func TestGivenServers(t *testing.T) {
	dir := openFolder(t)
	pg, my, cache := testserver.PostgresFor(t), testserver.MariaDBFor(t), testserver.RedisFor(t)
	for _, c := range []struct {
		url, word    string
		pings        string
		durable      []string // refused: these servers do not flush
		left         func() (string, error)
		nothing, say string
	}{
		{pg.URL, "postgres", rate.PostgresPing, []string{rate.PostgresDurable, rate.PostgresInsertRows, rate.PostgresCopyRows}, func() (string, error) {
			u, err := database.Parse(pg.URL)
			if err != nil {
				return "", err
			}
			conn, err := database.OpenPostgres(t.Context(), u, database.Options{})
			if err != nil {
				return "", err
			}
			defer conn.Close(t.Context())
			row, err := (&postgres{conn: conn}).row(t.Context(), "select count(*) from pg_namespace where nspname like 'napkin%'")
			return strings.Join(row, ""), err
		}, "0", "fsync is off"},
		{my.URL, "mysql", rate.MySQLPing, []string{rate.MySQLDurable, rate.MySQLInsertRows}, func() (string, error) {
			u, err := database.Parse(my.URL)
			if err != nil {
				return "", err
			}
			conn, err := database.OpenMySQL(t.Context(), u, database.Options{})
			if err != nil {
				return "", err
			}
			defer conn.Close()
			n, err := (&mariadb{conn: conn}).number("select count(*) from information_schema.tables where table_name like 'napkin%'")
			return fmt.Sprint(n), err
		}, "0", "innodb_flush_log_at_trx_commit is 0"},
		{cache.URL, "redis", rate.RedisPing, []string{rate.RedisDurable, rate.RedisInsertRows}, func() (string, error) {
			u, err := parseRedis(cache.URL)
			if err != nil {
				return "", err
			}
			conn, err := openRedis(t.Context(), u)
			if err != nil {
				return "", err
			}
			defer conn.Close()
			return conn.do("DBSIZE")
		}, "0", "appendonly no"},
	} {
		for _, write := range []bool{false, true} {
			result := run(t, Options{URLs: []string{c.url}, Write: write}, dir, c.word)
			rates, reasons := map[string]bool{}, map[string]string{}
			for _, r := range result.Rates {
				rates[r.Name] = true
			}
			for _, r := range result.Refused {
				reasons[r.Name] = r.Reason.Error()
			}
			if !rates[c.pings] {
				t.Errorf("%s, write %v: not pinged: %v", c.word, write, reasons)
			}
			if point := c.word + ".point.read"; rates[point] != write || !write && reasons[point] != errReadOnly.Error() {
				t.Errorf("%s, write %v: %s measured %v, %s", c.word, write, point, rates[point], reasons[point])
			}
			for _, name := range c.durable {
				say := c.say
				if !write {
					say = errReadOnly.Error()
				}
				// A server may have two settings that are not as they must be; it names one.
				if rates[name] || !strings.Contains(reasons[name], say) && !strings.Contains(reasons[name], "appendfsync everysec and not always") {
					t.Errorf("%s, write %v: %s measured %v, %q", c.word, write, name, rates[name], reasons[name])
				}
			}
			if left, err := c.left(); left != c.nothing || err != nil {
				t.Errorf("%s, write %v: %s is left, %v", c.word, write, left, err)
			}
		}
	}
}

// TestUnreachable holds that a server which is not there is said and never measured.
func TestUnreachable(t *testing.T) {
	for _, url := range []string{"postgres://u:secret@127.0.0.1:1/d", "mysql://u:secret@127.0.0.1:1/d", "redis://u:secret@127.0.0.1:1"} {
		word, _, _ := strings.Cut(url, ":")
		result := run(t, Options{URLs: []string{url}, Write: true}, t.TempDir(), word)
		if len(result.Rates) != 0 || len(result.Refused) != 1 || !strings.Contains(result.Refused[0].Reason.Error(), "127.0.0.1:1") {
			t.Errorf("%s: %+v", word, result)
		} else if strings.Contains(result.Refused[0].Reason.Error(), "secret") {
			t.Errorf("%s: the password is printed: %v", word, result.Refused[0].Reason)
		}
	}
}

// TestNotInstalled hides the programs.
func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("NAPKIN_REDIS_BIN", "")
	result := run(t, Options{}, openFolder(t), "redis")
	if len(result.Rates) != 0 || len(result.Refused) != 1 || !strings.Contains(result.Refused[0].Reason.Error(), "install its package") {
		t.Errorf("%+v", result)
	}
}

// TestDataOnMemory holds that nothing durable is measured where there is no disk, though the server says that
// it flushes.
func TestDataOnMemory(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "napkin-test-*")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755)
	}
	if err != nil || measure.OnDisk(dir) == nil {
		t.Skipf("/dev/shm is no tmpfs that can be written: %v", err)
	}
	for _, r := range run(t, Options{}, dir, "commit.durable").Rates {
		t.Errorf("%s was measured in memory: %s", r.Name, r)
	}
}

func TestGroupsRefuse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	for say, urls := range map[string][]string{
		"two URLs of postgres": {"postgres://a/b", "postgresql://c/d"},
		"two URLs of Redis":    {"redis://a", "redis://b"},
		"a file of its own":    {"sqlite:" + file},
		"not known":            {"mongodb://a/b"},
		"is a number":          {"redis://:secret@a/shop"},
		"cannot be read":       {"redis://:secret@"},
	} {
		_, err := Groups(Options{URLs: urls})
		if err == nil || !strings.Contains(err.Error(), say) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v, want %q", urls, err, say)
		}
	}
}

func TestReadRESP(t *testing.T) {
	for text, want := range map[string]string{
		"+OK\r\n":                            "[OK]",
		":17\r\n":                            "[17]",
		"$5\r\nab\r\nc\r\n":                  "[ab\r\nc]",
		"$-1\r\n":                            "[]",
		"*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n": "[0 k]",
		"*0\r\n":                             "[]",
	} {
		got, err := readRESP(bufio.NewReader(strings.NewReader(text)), 0)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
	for text, say := range map[string]string{
		"-ERR unknown\r\n": "ERR unknown",
		"$9999999\r\n":     "length",
		"*x\r\n":           "length",
		"$5\r\nab":         "EOF",
		"hello\r\n":        "not its protocol",
		"\r\n":             "empty line",
		"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n": "length",
	} {
		if _, err := readRESP(bufio.NewReader(strings.NewReader(text)), 0); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, want %q", text, err, say)
		}
	}
}

func FuzzReadRESP(f *testing.F) {
	for _, seed := range []string{"+OK\r\n", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n", "-ERR\r\n", "$-1\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readRESP(bufio.NewReader(strings.NewReader(string(data))), 0)
		if err == nil && len(list) > maxList || err != nil && errors.Unwrap(err) == nil && err.Error() == "" {
			t.Errorf("%d values, %v", len(list), err)
		}
	})
}

var update = flag.Bool("update", false, "write the table of docs/rates.md anew")

// TestDocs holds the table of docs/rates.md against the probes.
func TestDocs(t *testing.T) {
	groups, err := Groups(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	probes := 0
	for _, g := range slices.Concat(measure.Groups(), []measure.Group{measure.Start(measure.Program{})}, groups) {
		fmt.Fprintf(&table, "\n### %s\n\n| rate | what it is | one operation | timed by |\n| --- | --- | --- | --- |\n", g.Name)
		for _, p := range g.Probes {
			probes++
			clock := map[measure.Clock]string{measure.Wall: "wall clock", measure.ThreadCPU: "CPU of the thread", measure.ProcessCPU: "CPU of the process"}[p.Clock]
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", p.Name, p.What, p.How, clock)
		}
	}
	const file, begin, end = "../../../docs/rates.md", "-update -->\n", "\n<!-- end of probes -->"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, strings.TrimPrefix(end, "\n"))
	if !ok || !ok2 {
		t.Fatal("docs/rates.md has lost the marks of its table")
	}
	want := before + begin + fmt.Sprintf("\n%d rates.\n", probes) + table.String() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(data) {
		t.Error("docs/rates.md does not have the probes as they are; run the test with -update")
	}
	if probes < 45 {
		t.Errorf("%d rates are measured, fewer than the 45 that are promised", probes)
	}
}
