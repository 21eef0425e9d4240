package xlsx

import (
	"strings"
	"testing"
)

// TestWithMark holds that the mark for dynamic arrays finds its place among metadata of other kinds, which stay as they are.
func TestWithMark(t *testing.T) {
	const (
		other  = `<metadataType name="XLRICHVALUE"/>`
		future = `<futureMetadata name="XLRICHVALUE" count="1"><bk/></futureMetadata>`
		values = `<valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata>`
		own    = `<futureMetadata name="XLDAPR" count="1">`
	)
	for name, c := range map[string]struct {
		in   string
		mark int
		want []string // in this order; none for a part that is left alone
	}{
		"nothing":        {`<metadata xmlns="m"></metadata>`, 1, []string{`<metadataTypes count="1"><metadataType name="XLDAPR"`, own, `<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>`}},
		"rich values":    {`<metadata><metadataTypes count="1">` + other + `</metadataTypes>` + future + values + `</metadata>`, 1, []string{`<metadataTypes count="2">` + other + `<metadataType name="XLDAPR"`, `</metadataTypes>` + future + own, `<cellMetadata count="1"><bk><rc t="2" v="0"/></bk></cellMetadata>` + values + `</metadata>`}},
		"cells":          {`<metadata><metadataTypes count="1">` + other + `</metadataTypes><cellMetadata count="2"><bk/><bk/></cellMetadata>` + values + `</metadata>`, 3, []string{own, `<cellMetadata count="3"><bk/><bk/><bk><rc t="2" v="0"/></bk></cellMetadata>` + values}},
		"no count":       {`<metadata><metadataTypes>` + other + `</metadataTypes><extLst><ext/></extLst></metadata>`, 1, []string{`<metadataTypes>` + other + `<metadataType`, `</cellMetadata><extLst>`}},
		"prefix":         {`<x:metadata xmlns:x="m"><x:metadataTypes count="1"><x:metadataType name="XLMDX"/></x:metadataTypes></x:metadata>`, 1, []string{`<x:metadataType name="XLDAPR"`, `<x:futureMetadata name="XLDAPR"`, `<x:bk><x:extLst><x:ext`, `<x:cellMetadata count="1"><x:bk><x:rc t="2" v="0"/></x:bk></x:cellMetadata></x:metadata>`}},
		"a mark is off":  {`<metadata><metadataTypes count="1"><metadataType name="XLDAPR"/></metadataTypes></metadata>`, 0, nil},
		"an empty list":  {`<metadata><metadataTypes count="0"/></metadata>`, 0, nil},
		"an empty cells": {`<metadata><cellMetadata count="0"/></metadata>`, 0, nil},
	} {
		got, mark, err := withMark([]byte(c.in))
		if err != nil || mark != c.mark || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %s, mark %d, %v", name, got, mark, err)
			continue
		}
		rest := string(got)
		for _, want := range c.want {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Errorf("%s: no %s in %s", name, want, got)
				break
			}
			rest = after
		}
	}
	if _, _, err := withMark([]byte(`<metadata><`)); err == nil {
		t.Error("broken XML is taken")
	}
}
