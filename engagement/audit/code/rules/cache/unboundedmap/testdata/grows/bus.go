package bus

var seen = make(map[string]bool)

func handle(id string) {
	if seen[id] {
		return
	}
	seen[id] = true // want: cache.unbounded-map
}

type bus struct {
	sinks map[string]map[chan bool]struct{}
}

func (b *bus) register(channel string, c chan bool) {
	s, ok := b.sinks[channel]
	if !ok {
		s = map[chan bool]struct{}{}
		b.sinks[channel] = s
	}
	s[c] = struct{}{}
}

func (b *bus) unregister(channel string, c chan bool) {
	delete(b.sinks[channel], c) // want: cache.unbounded-map
}
