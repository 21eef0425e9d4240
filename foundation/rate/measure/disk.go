package measure

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"unsafe"

	"github.com/napkin-infra/napkin/foundation/rate"
)

const (
	diskPage      = 8 << 10   // what databases read at random
	diskBlock     = 1 << 20   // what loaders read in a row
	diskFile      = 256 << 20 // more than a drive's own cache holds
	diskFileQuick = 64 << 20
	// cachedFile is more than the last cache of most CPUs holds, as the array of the memory probes is. A file of
	// just that cache's size is read at the speed of the cache or of the memory by who else uses the cache.
	cachedFile = 128 << 20
	queueDepth = 32
)

func diskProbes() []Probe {
	const direct = ", past the page cache (O_DIRECT)"
	return []Probe{
		{Name: rate.DiskWriteSequential, Kind: rate.Throughput, Of: "B", What: "sequential write to the disk", How: "writes of 1 MiB over a file that is there, one at a time" + direct, Clock: Wall, Each: diskBlock, Ceiling: 128e9, Single: true, Setup: writeDisk},
		{Name: rate.DiskReadSequential, Kind: rate.Throughput, Of: "B", What: "sequential read from the disk", How: "reads of 1 MiB, one at a time" + direct, Clock: Wall, Each: diskBlock, Ceiling: 128e9, Single: true, Setup: readDisk(diskBlock, 1)},
		{Name: rate.DiskReadRandom, Kind: rate.Latency, What: "random read of 8 KiB from the disk", How: "reads of 8 KiB at scattered places, one at a time" + direct, Clock: Wall, Ceiling: 1e-6, Single: true, Setup: readDisk(diskPage, 1)},
		{Name: rate.DiskReadParallel, Kind: rate.Throughput, Of: "operation", What: "random reads of 8 KiB from the disk, 32 at once", How: "reads of 8 KiB at scattered places by 32 goroutines, 256 an operation" + direct, Clock: Wall, Each: 256, Ceiling: 50e6, Single: true, Setup: readDisk(diskPage, queueDepth)},
		{Name: rate.FileReadCached, Kind: rate.Throughput, Of: "B", What: "sequential read of a file in the page cache", How: "reads of 128 KiB of a file of 128 MiB just written", Clock: ThreadCPU, Shared: true, Each: 128 << 10, Ceiling: coreBandwidth, Setup: readCached},
		{Name: rate.FileWriteCached, Kind: rate.Throughput, Of: "B", What: "write into the page cache, without fsync", How: "writes of 8 KiB over a file of 128 MiB", Clock: ThreadCPU, Shared: true, Each: diskPage, Ceiling: coreBandwidth, Setup: writeCached},
		{Name: rate.Fsync, Kind: rate.Latency, What: "making a small write durable", How: "a write of 8 KiB over the same place of a file, and fsync", Clock: Wall, Ceiling: 1e-6, Single: true, Setup: fsyncFile},
	}
}

// OnDisk refuses file systems that have no disk below them: what is durable there is gone with the power. The
// folder "" is that of temporary files.
func OnDisk(dir string) error {
	if dir == "" {
		dir = os.TempDir()
	}
	switch name := filesystem(dir); name {
	case "tmpfs", "ramfs":
		return fmt.Errorf("%s is on %s, which is memory and not a disk; choose a folder on a disk with --dir", dir, name)
	}
	return nil
}

// testFile is a file whose every page of 8 KiB begins with its number, scrambled.
type testFile struct {
	*os.File
	path  string
	pages int
}

// makeFile writes a test file of a size below dir. Its pages are noise, so that a disk that compresses
// gains nothing. An error leaves nothing behind.
func makeFile(ctx context.Context, dir string, size int) (*testFile, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	file, err := os.CreateTemp(dir, "napkin-rates-*")
	if err != nil {
		return nil, fmt.Errorf("make a file to measure with: %w; choose another folder with --dir", err)
	}
	f := &testFile{File: file, path: file.Name(), pages: size / diskPage}
	block := noise(diskBlock, 4)
	for at := 0; at < size; at += diskBlock {
		if err = ctx.Err(); err != nil {
			break
		}
		stamp(block, at/diskPage, 0)
		if _, err = file.Write(block); err != nil {
			err = fmt.Errorf("write a file of %d MiB to measure with: %w; free some space or choose another folder with --dir", size>>20, err)
			break
		}
	}
	if err != nil {
		_ = f.remove()
		return nil, err
	}
	return f, nil
}

func (f *testFile) remove() error {
	return errors.Join(f.Close(), os.Remove(f.path))
}

// stamp numbers the pages of a block, and marks them with a generation.
func stamp(block []byte, page int, generation uint64) {
	for at := 0; at < len(block); at += diskPage {
		binary.LittleEndian.PutUint64(block[at:], pageMark(uint64(page+at/diskPage), generation))
	}
}

func pageMark(page, generation uint64) uint64 { return mix(page + generation<<32) }

func mark(page []byte) uint64 { return binary.LittleEndian.Uint64(page) }

// aligned returns memory that O_DIRECT accepts: its address is a multiple of 4 KiB.
func aligned(size int) []byte {
	const alignment = 4 << 10
	b := make([]byte, size+alignment)
	skip := 0
	if rest := int(uintptr(unsafe.Pointer(&b[0])) % alignment); rest != 0 {
		skip = alignment - rest
	}
	return b[skip : skip+size : skip+size]
}

// openTestFile makes the file, brings it to the disk, and opens it again past the cache.
func openTestFile(ctx context.Context, env Env) (*testFile, *os.File, error) {
	dir := env.Dir
	if dir == "" {
		dir = os.TempDir()
	}
	if err := OnDisk(dir); err != nil {
		return nil, nil, err
	}
	size := diskFile
	if env.Quick {
		size = diskFileQuick
	}
	f, err := makeFile(ctx, dir, size)
	if err != nil {
		return nil, nil, err
	}
	if err := f.Sync(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("bring a file of %d MiB to the disk: %w", size>>20, err), f.remove())
	}
	direct, err := openDirect(f.path)
	if err != nil {
		return nil, nil, errors.Join(err, f.remove())
	}
	return f, direct, nil
}

// readDisk reads pages or blocks past the cache; the sum of their first pages' marks proves what was read.
func readDisk(size, lanes int) func(context.Context, Env) (Work, error) {
	return func(ctx context.Context, env Env) (Work, error) {
		f, direct, err := openTestFile(ctx, env)
		if err != nil {
			return Work{}, err
		}
		pages := size / diskPage
		places := uint64(f.pages / pages) // a power of two
		// Blocks follow each other; pages are scattered by an odd factor, which visits each once before any twice.
		place := func(i uint64) uint64 { return i % places }
		if size == diskPage {
			place = func(i uint64) uint64 { return i * scatter % places }
		}
		buffers := make([][]byte, lanes)
		for i := range buffers {
			buffers[i] = aligned(size)
		}
		each := uint64(1)
		if lanes > 1 {
			each = 256
		}
		at, verified := uint64(0), uint64(0)
		return Work{
			Run: func(n int) (uint64, error) {
				first, count := at, uint64(n)*each
				at += count
				sums, failed := make([]uint64, lanes), make([]error, lanes)
				read := func(lane int) {
					for i := first + uint64(lane); i < first+count; i += uint64(lanes) {
						if _, err := direct.ReadAt(buffers[lane], int64(place(i))*int64(size)); err != nil {
							failed[lane] = fmt.Errorf("read from the disk: %w", err)
							return
						}
						sums[lane] += mark(buffers[lane])
					}
				}
				if lanes == 1 {
					read(0)
					return sums[0], failed[0]
				}
				var all sync.WaitGroup
				for lane := range lanes {
					all.Go(func() { read(lane) })
				}
				all.Wait()
				var sum uint64
				for _, s := range sums {
					sum += s
				}
				return sum, errors.Join(failed...)
			},
			Verify: func(n int, sum uint64) error {
				var want uint64
				for range uint64(n) * each {
					want += pageMark(place(verified)*uint64(pages), 0)
					verified++
				}
				return sameSum(sum, want)
			},
			Close: func() error { return errors.Join(direct.Close(), f.remove()) },
		}, nil
	}
}

// writeDisk writes blocks past the cache, each with the number of its round, and reads back what it wrote last.
func writeDisk(ctx context.Context, env Env) (Work, error) {
	f, direct, err := openTestFile(ctx, env)
	if err != nil {
		return Work{}, err
	}
	block, check := aligned(diskBlock), aligned(diskPage)
	copy(block, noise(diskBlock, 5))
	const pages = diskBlock / diskPage
	blocks, written := uint64(f.pages/pages), uint64(0)
	return Work{
		Run: func(n int) (uint64, error) {
			for range n {
				page := written % blocks * pages
				stamp(block, int(page), written+1)
				if _, err := direct.WriteAt(block, int64(page)*diskPage); err != nil {
					return 0, fmt.Errorf("write to the disk: %w", err)
				}
				written++
			}
			return mark(block), nil
		},
		Verify: func(_ int, sum uint64) error {
			page := (written - 1) % blocks * pages
			if _, err := direct.ReadAt(check, int64(page+pages-1)*diskPage); err != nil {
				return fmt.Errorf("read back from the disk: %w", err)
			}
			if err := sameSum(mark(check), pageMark(page+pages-1, written)); err != nil {
				return err
			}
			return sameSum(sum, pageMark(page, written))
		},
		Close: func() error { return errors.Join(direct.Close(), f.remove()) },
	}, nil
}

func readCached(ctx context.Context, env Env) (Work, error) {
	f, err := makeFile(ctx, env.Dir, cachedFile)
	if err != nil {
		return Work{}, err
	}
	block := make([]byte, 128<<10)
	pages := uint64(len(block) / diskPage)
	blocks := uint64(f.pages) / pages
	at, verified := uint64(0), uint64(0)
	return Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				if _, err := f.ReadAt(block, int64(at%blocks)*int64(len(block))); err != nil {
					return 0, fmt.Errorf("read a file: %w", err)
				}
				sum += mark(block) + mark(block[len(block)-diskPage:])
				at++
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error {
			var want uint64
			for range n {
				page := verified % blocks * pages
				want += pageMark(page, 0) + pageMark(page+pages-1, 0)
				verified++
			}
			return sameSum(sum, want)
		},
		Close: f.remove,
	}, nil
}

func writeCached(ctx context.Context, env Env) (Work, error) {
	f, err := makeFile(ctx, env.Dir, cachedFile)
	if err != nil {
		return Work{}, err
	}
	page, check := noise(diskPage, 6), make([]byte, 8)
	written := uint64(0)
	pages := uint64(f.pages)
	return Work{
		Run: func(n int) (uint64, error) {
			for range n {
				binary.LittleEndian.PutUint64(page, pageMark(written%pages, written+1))
				if _, err := f.WriteAt(page, int64(written%pages)*diskPage); err != nil {
					return 0, fmt.Errorf("write a file: %w", err)
				}
				written++
			}
			return uint64(n), nil
		},
		Verify: func(n int, sum uint64) error {
			for back := range min(uint64(n), pages) {
				i := written - 1 - back
				if _, err := f.ReadAt(check, int64(i%pages)*diskPage); err != nil {
					return fmt.Errorf("read a file back: %w", err)
				}
				if err := sameSum(mark(check), pageMark(i%pages, i+1)); err != nil {
					return err
				}
			}
			return sameSum(sum, uint64(n))
		},
		Close: f.remove,
	}, nil
}

func fsyncFile(ctx context.Context, env Env) (Work, error) {
	dir := env.Dir
	if dir == "" {
		dir = os.TempDir()
	}
	if err := OnDisk(dir); err != nil {
		return Work{}, err
	}
	f, err := makeFile(ctx, dir, diskBlock)
	if err != nil {
		return Work{}, err
	}
	page, check := noise(diskPage, 7), make([]byte, 8)
	written := uint64(0)
	return Work{
		Run: func(n int) (uint64, error) {
			for range n {
				written++
				binary.LittleEndian.PutUint64(page, written)
				if _, err := f.WriteAt(page, 0); err != nil {
					return 0, fmt.Errorf("write a file: %w", err)
				}
				if err := f.Sync(); err != nil {
					return 0, fmt.Errorf("make a write durable: %w", err)
				}
			}
			return written, nil
		},
		Verify: func(_ int, sum uint64) error {
			if _, err := f.ReadAt(check, 0); err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read a file back: %w", err)
			}
			return sameSum(mark(check), sum)
		},
		Close: f.remove,
	}, nil
}
