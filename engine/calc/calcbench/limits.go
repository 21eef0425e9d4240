package calcbench

import (
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// The limits below are CPU seconds, so that all work is in series: what two processors do at once counts twice.

// work is an amount at a base rate of the profile.
func (b *bench) work(name string, amount float64, rateName, of string) limit.Item {
	r, ok := b.Profile.Get(rateName)
	if !ok {
		return limit.Series{}
	}
	return limit.Work{Name: name, Amount: amount, Of: of, Rate: r}
}

// sized is the limit of opening a file; it is looked into for how much XML there is.
func (b *bench) sized(path string, cells int64) limit.Item {
	file, err := xlsx.Open(path)
	if err != nil {
		return limit.Series{} // opening it will say why
	}
	defer file.Close()
	return b.openLimit(file.Bytes(), cells)
}

// openLimit is the least for opening: the XML is inflated and scanned once, and each cell is put into memory that was not used before.
func (b *bench) openLimit(xml, cells int64) limit.Item {
	return limit.Series{
		b.work("inflating XML", float64(xml), rate.DecompressDeflate, ""),
		b.work("scanning XML", float64(xml), rate.ParseXML, ""),
		b.work("first writes to memory", 8*float64(cells), rate.MemoryTouch, ""),
	}
}

// saveLimit is the least for writing: the XML is inflated and scanned again, and compressed with the new values.
func (b *bench) saveLimit(xml int64) limit.Item {
	return limit.Series{
		b.work("inflating XML", float64(xml), rate.DecompressDeflate, ""),
		b.work("scanning XML", float64(xml), rate.ParseXML, ""),
		b.work("compressing XML", float64(xml), rate.CompressDeflate, ""),
	}
}

// compareLimit is the least for finding that nothing has to be written.
func (b *bench) compareLimit(xml int64) limit.Item {
	return limit.Series{
		b.work("inflating XML", float64(xml), rate.DecompressDeflate, ""),
		b.work("scanning XML", float64(xml), rate.ParseXML, ""),
	}
}

// cellsLimit is the least for computing cells: so many values are read and written, one after the other.
func (b *bench) cellsLimit(read, written int64) limit.Item {
	return limit.Series{
		b.work("reading cells", 8*float64(read), rate.MemoryReadSequential, ""),
		b.work("writing cells", 8*float64(written), rate.MemoryWriteSequential, ""),
	}
}

// lookupLimit is the least for exact lookups: each key is put into an index and each search reads it once, at places that do not depend on
// each other.
func (b *bench) lookupLimit(keys, searches int64) limit.Item {
	return limit.Series{
		b.work("index", float64(keys+searches), rate.MemoryReadIndependent, "reads"),
		b.work("writing cells", 8*float64(searches), rate.MemoryWriteSequential, ""),
	}
}
