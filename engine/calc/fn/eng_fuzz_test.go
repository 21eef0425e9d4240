package fn

import (
	"testing"
)

// A complex number that was read and written reads as itself, up to the 15 digits that are written.
func FuzzComplex(f *testing.F) {
	for _, s := range []string{"3+4i", "-i", "1e-3-2E+5j", "", "i", "+", "3e", "1e5i", "--i", ".5-.5i"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z, ok := parseComplex(s)
		if !ok {
			return
		}
		text := z.value()
		again, ok := parseComplex(text.Text())
		if !ok {
			t.Fatalf("%q is written as %q, which is no complex number", s, text.Text())
		}
		if once := again.value().Text(); once != text.Text() {
			t.Fatalf("%q is written as %q, and that as %q", s, text.Text(), once)
		}
	})
}

// Number formats come from files. None may be read beyond its end.
func FuzzFormatCode(f *testing.F) {
	for _, s := range []string{"General", "$#,##0_);[Red]($#,##0)", `"a`, "[", "\\", "_", "m/d/yy;", "[$€-407]0.0", "€"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if formatCode(s) == "" {
			t.Errorf("%q has no code", s)
		}
	})
}
