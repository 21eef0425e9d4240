package xlsx

import (
	"context"
	"sync/atomic"
)

// Keep makes the file keep the inflated XML of its first sheets in memory, up to so many bytes of it, from the first time that they are read.
// [File.Write] inflates what is not kept once more, which takes a third of its time. It is to be called before [File.Read], and
// the memory is given back by [File.Close].
func (f *File) Keep(bytes int64) {
	f.kept = map[*entry]*keptPart{}
	for _, s := range f.sheets {
		if s.entry == nil || s.entry.size > bytes {
			continue
		}
		bytes -= s.entry.size
		f.kept[s.entry] = &keptPart{}
	}
}

// keptPart is the inflated form of a part.
type keptPart struct {
	taken  atomic.Bool // somebody keeps it, or has tried to
	whole  atomic.Bool // it was read to its end, and was as the list of parts says
	blocks []block
}

// keep returns whether the pipe is the one that keeps its part.
func (k *keptPart) keep() bool { return k != nil && k.taken.CompareAndSwap(false, true) }

// replay gives the blocks once more.
func (k *keptPart) replay(ctx context.Context, p *pipe, progress func(int64)) {
	for _, b := range k.blocks {
		if progress != nil {
			progress(int64(len(b.data)))
		}
		select {
		case p.blocks <- b:
		case <-ctx.Done():
			return
		}
	}
}
