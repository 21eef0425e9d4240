package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/matrix"
)

func TestVersionRange(t *testing.T) {
	for _, c := range []struct {
		majors []int
		want   string
	}{{[]int{11}, "11"}, {[]int{11, 12, 13, 15}, "11-13, 15"}, {nil, ""}} {
		if got := versionRange(c.majors); got != c.want {
			t.Errorf("%v is %q, want %q", c.majors, got, c.want)
		}
	}
}

func TestMatrixShow(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want []string
		not  []string
		code int
	}{
		"versions differ": {[]string{"not-null.set-proved-by-check"}, []string{"! 11 ", "  12-18 "}, nil, exitOK},
		"one version":     {[]string{"--server-version", "15", "type.int-to-bigint-indexed"}, []string{"! 15 ", "RW+IX"}, []string{"11"}, exitOK},
		"only harm":       {[]string{"--harm", "add-column"}, []string{"add-column.volatile-default"}, []string{"add-column.plain"}, exitOK},
		"MariaDB":         {[]string{"--product", "mariadb", "partition.by-hash"}, []string{"! 1011 ", "INSTANT", "RW"}, nil, exitOK},
		"no such":         {[]string{"no-such-statement"}, nil, nil, exitError},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := newSession(t).run(t, append([]string{"review", "matrix", "show"}, c.args...)...)
			if code != c.code {
				t.Fatalf("exit code %d\n%s", code, stderr)
			}
			for _, w := range c.want {
				if !strings.Contains(stdout, w) {
					t.Errorf("no %q in\n%s", w, stdout)
				}
			}
			for _, n := range c.not {
				if strings.Contains(stdout, n) {
					t.Errorf("%q in\n%s", n, stdout)
				}
			}
		})
	}
	_, stdout, _ := newSession(t).run(t, "review", "matrix", "show", "--json", "vacuum.full")
	var d matrix.Data
	if err := json.Unmarshal([]byte(stdout), &d); err != nil || len(d.Measured) != 1 || len(d.Measured[0].Results) != 2 {
		t.Errorf("%v\n%s", err, stdout)
	}
}
