// Package progress is the one way in which long work says how far it is.
//
// Work is cut into named stages. Code that works calls [Reporter.Stage], [Stage.Add] and [Stage.End]
// and does not know who listens: a bar on a terminal ([Terminal]), plain lines in a log ([Lines]), a
// stream of events for a page ([Events]), or nobody ([Silent]). All methods may be called from many
// goroutines at once. A reporter never fails: progress that cannot be written is dropped, because it
// must not stop the work.
//
// Stages may overlap; a terminal shows the one that was begun last and has not ended.
package progress

// Reporter is told about work as it goes on.
type Reporter interface {
	// Stage begins a named stage. Total is the amount of work in it, or 0 when that is not known yet.
	// The name is a gerund with its object, in lower case: "reading files".
	Stage(name string, total int64) Stage
	// Note prints one line that stays, for something the user should know now.
	Note(line string)
}

// Stage is one piece of the work.
type Stage interface {
	// Add reports that n more units of the total are done.
	Add(n int64)
	// Grow raises the total by n, for work that is discovered on the way.
	Grow(n int64)
	// Bytes reports that n more bytes were moved by the work. A stage that is told of bytes shows how many
	// units and bytes it does a second.
	Bytes(n int64)
	// End ends the stage. Later calls of any method do nothing.
	End()
}

// Silent reports to nobody.
func Silent() Reporter { return silent{} }

// OrSilent returns r, or a silent reporter when r is nil.
func OrSilent(r Reporter) Reporter {
	if r == nil {
		return Silent()
	}
	return r
}

type silent struct{}

func (silent) Stage(string, int64) Stage { return silent{} }
func (silent) Note(string)               {}
func (silent) Add(int64)                 {}
func (silent) Grow(int64)                {}
func (silent) Bytes(int64)               {}
func (silent) End()                      {}
