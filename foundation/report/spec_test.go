package report

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestSpecificationNamesEveryField holds docs/report-json.md to the types: a field that is added here is
// described there.
func TestSpecificationNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("../../docs/report-json.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[reflect.Type]bool)
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if name == "" || !bytes.Contains(page, []byte("`"+name+"`")) {
				t.Errorf("%s.%s: the page does not name %q", of.Name(), of.Field(i).Name, name)
			}
			walk(of.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[Report]())
}

// A comparison in which nothing was fixed says so with an empty list.
func TestBaselineFixedIsAlwaysThere(t *testing.T) {
	r := fixture()
	r.Baseline.Fixed = nil
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"fixed": [],`) {
		t.Error("baseline.fixed is absent")
	}
}
