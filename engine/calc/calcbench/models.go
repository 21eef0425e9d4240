package calcbench

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/calcbench/billion"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// The bars of B1, of 1.024e9 cells on two threads.
const (
	modelThreads    = 2
	modelRuns       = 3 // at most: making the inputs takes longer than what is measured
	mostCoded       = 100 * time.Millisecond
	mostFloat       = 400 * time.Millisecond
	mostRecurrence  = time.Second
	leastShare      = 0.5
	mostStored      = 4 * unit.GiB
	storedInMemory  = 2 * unit.GiB   // of values; beside them is what waits to be collected
	besideModel     = 768 * unit.MiB // what else the process has: chunks that are open, sums, what waits to be collected
	storedAlikePart = 50             // of the products are computed in memory too
)

// models is B1: a model of a thousand million cells.
func (b *bench) models() error {
	size := billion.Billion
	if b.Products > 0 {
		size.Products = b.Products
	}
	threads := min(modelThreads, runtime.GOMAXPROCS(0))
	if b.Stored && b.room(billion.Stored, size) { // first, because the greatest memory of the process is asked for
		if err := b.stored(size, threads); err != nil {
			return err
		}
	}
	bandwidth := billion.ReadBandwidth(threads)
	b.add(Row{Bar: "B1", What: fmt.Sprintf("memory that %d threads read together, the rate of what follows", threads), Amount: bandwidth / 1e9, Of: "GB/s"})
	barred := threads == modelThreads && size == billion.Billion
	var digests []float64
	for _, w := range []struct {
		billion.Workload
		most time.Duration
	}{{billion.RollUpsFloat, mostFloat}, {billion.RollUpsCoded, mostCoded}, {billion.Recurrence, mostRecurrence}} {
		if !b.room(w.Workload, size) {
			continue
		}
		f, err := b.model(w.Workload, size, threads, bandwidth, w.most, barred)
		if err != nil {
			return err
		}
		if w.Plain {
			share := Row{Bar: "B1", What: "bandwidth of the same", Amount: f.Bandwidth / bandwidth, Of: "of what memory gives"}
			if holds := share.Amount >= leastShare; barred {
				share.Target, share.Holds = fmt.Sprint("at least ", leastShare), &holds
			}
			b.add(share)
		}
		if w.Name == billion.RollUpsFloat.Name {
			digests = append(digests, f.Digest)
		}
	}
	if len(digests) == 2 {
		b.alike("roll-ups from float64 and from integers that differ", digests)
	}
	return nil
}

// room reports whether there is memory for a workload, and says so where there is not.
func (b *bench) room(w billion.Workload, size billion.Size) bool {
	need := unit.Bytes(w.Read(size)) + unit.Bytes(w.Read(size))/10 + besideModel
	if w == billion.Stored {
		need = mostStored
	}
	free, known := procfs.Host.Memory("MemAvailable")
	if !known || free >= need {
		return true
	}
	why := fmt.Sprintf("B1 %s: %s cells need %s of memory, and %s are available; --products makes the model smaller", w.What, unit.Count(size.Cells()), need, free)
	b.say("%s", why)
	b.report.Missing = append(b.report.Missing, why)
	return false
}

// model measures a workload several times. The run with the least wall time counts, because the bar is of that.
func (b *bench) model(w billion.Workload, size billion.Size, threads int, bandwidth float64, most time.Duration, barred bool) (billion.Figure, error) {
	row := Row{Bar: "B1", What: fmt.Sprintf("%s, %s cells on %d threads", w.What, unit.Count(size.Cells()), threads), Runs: min(b.Runs, modelRuns)}
	b.announce(&row, limit.Work{Name: "memory", Amount: float64(w.Read(size)), Rate: measuredRate("memory.read.all", bandwidth/float64(threads), "read by one thread while the others do")})
	var least billion.Figure
	for i := range row.Runs {
		debug.FreeOSMemory()
		f, err := billion.Run(b.ctx, w, billion.Options{Size: size, Threads: threads, Memory: 16 * size.Cells(), Folder: b.Folder})
		if err != nil {
			return f, err
		}
		if i == 0 || f.Wall < least.Wall {
			least = f
		}
	}
	row.CPU, row.Wall = least.CPU.Seconds(), least.Wall.Seconds()
	if barred {
		holds := least.Wall <= most
		row.Target, row.Holds = "at most "+unit.Duration(most)+" of wall time", &holds
	}
	b.add(row)
	return least, nil
}

// stored computes variables that do not fit into memory, and a part of the model in memory too.
func (b *bench) stored(size billion.Size, threads int) error {
	row := Row{Bar: "B1", What: fmt.Sprintf("%s, %s cells", billion.Stored.What, unit.Count(size.Cells())), Runs: 1, OfWall: true}
	b.announce(&row, limit.Series{
		b.work("writing values", 2*8*float64(size.Cells()), rate.DiskWriteSequential, ""),
		b.work("reading values", 2*8*float64(size.Cells()), rate.DiskReadSequential, ""),
	})
	f, err := billion.Run(b.ctx, billion.Stored, billion.Options{Size: size, Threads: threads, Memory: int64(storedInMemory), Folder: b.Folder})
	if err != nil {
		return err
	}
	row.CPU, row.Wall, row.Note = f.CPU.Seconds(), f.Wall.Seconds(), unit.Bytes(f.Spilled).String()+" on disk"
	b.add(row)
	peak := Row{Bar: "B1", What: "peak memory of the same", Amount: float64(f.Resident), Of: "B"}
	if holds := unit.Bytes(f.Resident) <= mostStored; size == billion.Billion {
		peak.Target, peak.Holds = "at most "+mostStored.String(), &holds
	}
	b.add(peak)

	part := size
	part.Products = max(size.Products/storedAlikePart, 1)
	var digests []float64
	for _, memory := range []int64{32 * part.Cells(), part.Cells()} {
		f, err := billion.Run(b.ctx, billion.Stored, billion.Options{Size: part, Threads: threads, Memory: memory, Folder: b.Folder})
		if err != nil {
			return err
		}
		digests = append(digests, f.Digest)
	}
	b.alike(fmt.Sprintf("the same of %s cells, in memory and on disk, that differ", unit.Count(part.Cells())), digests)
	return nil
}

// alike adds a row that says whether two runs gave the same digest of all results.
func (b *bench) alike(what string, digests []float64) {
	row := Row{Bar: "B1", What: what, Of: "digests", Target: "none"}
	if digests[0] != digests[1] {
		row.Amount, row.Note = 1, fmt.Sprint(digests[0], " and ", digests[1])
	}
	holds := row.Amount == 0
	row.Holds = &holds
	b.add(row)
}

// measuredRate is a throughput in bytes that was measured in this run.
func measuredRate(name string, perSecond float64, what string) rate.Rate {
	return rate.Rate{Name: name, Kind: rate.Throughput, Value: perSecond, Low: perSecond, High: perSecond, Of: "B", What: what,
		Origin: rate.Measured, Source: "in this run", Date: time.Now().Format(time.DateOnly)}
}
