package progress

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// stage counts for every reporter. Counting is two atomic adds, so that a hot loop may report each
// item; observers are called at most once per interval and once at the end.
type stage struct {
	name    string
	began   time.Time
	done    atomic.Int64
	total   atomic.Int64
	bytes   atomic.Int64
	ended   atomic.Bool
	lastNS  atomic.Int64 // time since began of the last report
	every   time.Duration
	observe func(*stage, bool)
	once    sync.Once
}

func newStage(name string, total int64, every time.Duration, observe func(s *stage, ended bool)) *stage {
	s := &stage{name: name, began: time.Now(), every: every, observe: observe}
	s.total.Store(max(total, 0))
	return s
}

func (s *stage) Add(n int64) {
	if s.ended.Load() {
		return
	}
	s.done.Add(n)
	s.tick()
}

func (s *stage) Grow(n int64) {
	if s.ended.Load() {
		return
	}
	s.total.Add(n)
	s.tick()
}

func (s *stage) Bytes(n int64) {
	if !s.ended.Load() {
		s.bytes.Add(n)
	}
}

// rates prints the mean speed so far, for work that moves bytes: "1.2M/s  35 MB/s". It is empty while
// that means nothing.
func (s *stage) rates() string {
	took := time.Since(s.began).Seconds()
	bytes := s.bytes.Load()
	if bytes == 0 || took < 1 {
		return ""
	}
	return unit.Rate{PerSecond: float64(s.done.Load()) / took}.String() + "  " + unit.Rate{PerSecond: float64(bytes) / took, Of: "B"}.String()
}

// tick reports when the interval has passed; of goroutines that see this at once one reports.
func (s *stage) tick() {
	now := int64(time.Since(s.began))
	last := s.lastNS.Load()
	if now-last >= int64(s.every) && s.lastNS.CompareAndSwap(last, now) {
		s.observe(s, false)
	}
}

func (s *stage) End() {
	s.once.Do(func() {
		s.ended.Store(true)
		s.observe(s, true)
	})
}

// share returns the part of the work that is done, 0 to 1, and false when the total is not known.
func (s *stage) share() (float64, bool) {
	total := s.total.Load()
	if total <= 0 {
		return 0, false
	}
	return min(max(float64(s.done.Load())/float64(total), 0), 1), true
}
