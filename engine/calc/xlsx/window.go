package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// window is the piece of a part that a scanner looks at. A scanner takes whole elements from its front; where one does
// not end in the window, it asks for more and begins the element anew.
type window struct {
	ctx  context.Context
	pipe *pipe
	buf  []byte
	pos  int // buf[:pos] was scanned
	eof  bool

	// A writer copies what was scanned: buf[:kept] is written. It is asked before bytes leave the window.
	out  *newPart
	kept int
}

func (f *File) newWindow(ctx context.Context, e *entry, progress func(int64)) *window {
	return &window{ctx: ctx, pipe: f.openPipe(ctx, e, progress), buf: make([]byte, 0, 4*blockSize)}
}

func (w *window) close() { w.pipe.close() }

// errCut says that the part ended within an element.
var errCut = errors.New("its XML ends in the middle of an element")

// more reads on, at least as many bytes as are waiting, so that an element of any size is begun anew only a few times.
// It is errCut at the end of the part.
func (w *window) more() error {
	if w.eof {
		return errCut
	}
	if w.pos > 0 {
		if w.out != nil && w.kept < w.pos {
			if err := w.out.write(w.buf[w.kept:w.pos]); err != nil {
				return err
			}
			w.kept = w.pos
		}
		n := copy(w.buf, w.buf[w.pos:])
		w.buf, w.kept, w.pos = w.buf[:n], 0, 0
	}
	if len(w.buf) > MaxElement {
		return fmt.Errorf("an element is longer than %d MiB", MaxElement>>20)
	}
	for want := min(max(2*len(w.buf), 1), MaxElement+blockSize); len(w.buf) < want && !w.eof; {
		b := w.pipe.next(w.ctx)
		w.buf = append(w.buf, b.data...)
		if w.out != nil {
			w.out.marks = append(w.out.marks, b.marks...)
		}
		w.pipe.giveBack(b.data)
		if errors.Is(b.err, io.EOF) {
			w.eof = true
		} else if b.err != nil {
			return b.err
		}
	}
	return nil
}

// flush gives all that was scanned to the writer.
func (w *window) flush() error {
	from := w.kept
	w.kept = w.pos
	return w.out.write(w.buf[from:w.pos])
}

// replace writes what was scanned before from, then text instead of what stands from there to to.
func (w *window) replace(from, to int, text []byte) error {
	if err := w.out.write(w.buf[w.kept:from]); err != nil {
		return err
	}
	w.kept = to
	return w.out.change(to-from, text)
}
