package store

import (
	"fmt"
	"os"
	"sync"
	"unsafe"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Arena is the memory of the cells of many columns. Beyond a limit, chunks that are done are kept in smaller forms, and new whole
// ones lie in a file that is mapped into memory: the system writes them there and takes their memory back as it likes, so that cells
// for which there is no room slow a computation down and do not end it. The file has no name and goes with the process.
//
// Small forms, chunks of a few rows and whatever else a program keeps are not bounded. Several goroutines may use an arena. A nil arena is the heap
// without a limit.
type Arena struct {
	limit  int64
	folder string

	mu      sync.Mutex
	heap    int64 // bytes of chunks on the heap
	file    *os.File
	regions [][]byte
	free    [][]cell.Box
	recent  [][]cell.Box // those in use that were opened last, a ring
	next    int
	taken   int64
	err     error
}

const (
	slotBytes   = ChunkRows * 8
	regionBytes = 64 << 20
	// wholeRows is from how many rows on a chunk is given a whole slot of the file.
	wholeRows = ChunkRows / 8
	// recentShare is the part of the limit that mapped chunks which were opened lately may take.
	recentShare = 4
)

// NewArena makes an arena for at most limit bytes of memory, with a file in folder, "" for that of temporary files.
func NewArena(limit int64, folder string) *Arena {
	if folder == "" {
		folder = os.TempDir()
	}
	return &Arena{limit: limit, folder: folder, recent: make([][]cell.Box, max(limit/recentShare/slotBytes, 8))}
}

// Spilled is how many bytes lie in the file, and Err what went wrong with it, after which cells were kept in memory.
func (a *Arena) Spilled() int64 {
	if a == nil {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.taken
}

// Err is why the file could not be used; see [Arena.Spilled].
func (a *Arena) Err() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// Close gives memory and file back. No column of the arena may be used any more.
func (a *Arena) Close() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.regions {
		if err := unmap(r); err != nil {
			return err
		}
	}
	a.regions, a.free, a.recent = nil, nil, nil
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}

// count takes note of what a chunk has on the heap now.
func (a *Arena) count(c *chunk) {
	if a == nil {
		return
	}
	held := c.held()
	a.mu.Lock()
	a.heap += int64(held - c.counted)
	a.mu.Unlock()
	c.counted = held
}

// drop gives back what a chunk has.
func (a *Arena) drop(c *chunk) {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.heap -= int64(c.counted)
	a.mu.Unlock()
	if c.mapped {
		a.give(c.boxes)
	}
}

// scarce reports whether more than half of the limit is used.
func (a *Arena) scarce() bool {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.heap > a.limit/2
}

// take returns a chunk of the file for all rows if there is no room on the heap for so many more, and else nil.
func (a *Arena) take(rows int) []cell.Box {
	if a == nil || rows < wholeRows {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil || a.heap+int64(rows)*8 <= a.limit {
		return nil
	}
	if len(a.free) == 0 {
		if a.err = a.extend(); a.err != nil {
			return nil
		}
	}
	b := a.free[len(a.free)-1]
	a.free = a.free[:len(a.free)-1]
	a.taken += slotBytes
	a.opened(b)
	return b
}

// give takes a chunk of the file back.
func (a *Arena) give(b []cell.Box) {
	a.mu.Lock()
	a.free = append(a.free, b[:ChunkRows])
	a.taken -= slotBytes
	a.mu.Unlock()
}

// touch says that a chunk of the file is about to be written.
func (a *Arena) touch(b []cell.Box) {
	a.mu.Lock()
	a.opened(b[:ChunkRows])
	a.mu.Unlock()
}

// opened lets go of the memory, not the content, of the chunk that was opened longest ago. If it is in use, it comes back page by page.
func (a *Arena) opened(b []cell.Box) {
	for _, r := range a.recent {
		if r != nil && &r[0] == &b[0] {
			return
		}
	}
	if old := a.recent[a.next]; old != nil {
		release(unsafe.Slice((*byte)(unsafe.Pointer(&old[0])), slotBytes))
	}
	a.recent[a.next] = b
	a.next = (a.next + 1) % len(a.recent)
}

// extend makes more free chunks.
func (a *Arena) extend() error {
	if a.file == nil {
		f, err := os.CreateTemp(a.folder, "napkin-calc-*.cells")
		if err != nil {
			return fmt.Errorf("the memory allowed is used up, and there is no file for the rest: %w", err)
		}
		// Without a name it goes away with the process, whatever ends that.
		if err := os.Remove(f.Name()); err != nil {
			f.Close()
			return err
		}
		a.file = f
	}
	r, err := mapped(a.file, int64(len(a.regions))*regionBytes, regionBytes)
	if err != nil {
		return fmt.Errorf("the memory allowed is used up, and there is no room for the rest in %s: %w", a.folder, err)
	}
	a.regions = append(a.regions, r)
	for at := len(r) - slotBytes; at >= 0; at -= slotBytes {
		a.free = append(a.free, unsafe.Slice((*cell.Box)(unsafe.Pointer(&r[at])), ChunkRows))
	}
	return nil
}
