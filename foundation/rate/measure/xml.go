package measure

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// xmlProbe reads the numbers of a sheet's XML, cell by cell, as a reader of large spreadsheets does: by looking for what must
// come next.
func xmlProbe() Probe {
	var document []byte
	var want uint64
	for i := range uint64(20_000) {
		v := i * scatter >> 40
		document = fmt.Appendf(document, `<c r="%c%d" s="1"><v>%d.%d</v></c>`, 'A'+rune(i%20), i/20+1, v, i%10)
		want += v*10 + i%10
	}
	return Probe{Name: rate.ParseXML, Kind: rate.Throughput, Of: "B", What: "reading numbers out of XML of a known form by a scanner written for it, one core",
		How: "20,000 cells of a spreadsheet with a decimal number each", Clock: ProcessCPU, Shared: true, Each: float64(len(document)), Ceiling: coreBandwidth / 10,
		Setup: func(context.Context, Env) (Work, error) {
			return Work{
				Run: func(n int) (uint64, error) {
					var sum uint64
					for range n {
						sum += scanCells(document)
					}
					return sum, nil
				},
				Verify: func(n int, sum uint64) error { return sameSum(sum, times(want)(n)) },
			}, nil
		}}
}

// scanCells adds up the numbers in <v> elements, in tenths, with their digits read twice: to find the end, and for their value.
func scanCells(b []byte) uint64 {
	var sum uint64
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			return sum
		}
		b = b[i+1:]
		if len(b) < 2 || b[0] != 'v' || b[1] != '>' {
			continue
		}
		b = b[2:]
		end := bytes.IndexByte(b, '<')
		if end < 0 {
			return sum
		}
		dot := end - 2
		whole, err := strconv.ParseUint(string(b[:max(dot, 0)]), 10, 64)
		if err != nil {
			return sum
		}
		sum += whole*10 + uint64(b[end-1]-'0')
		b = b[end:]
	}
}
