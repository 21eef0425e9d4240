package bus

var seen = make(map[string]bool)
var sessionTypes = map[string]int{}

func init() { sessionTypes["a"] = 1 }

func registerSession(name string) { sessionTypes[name] = 2 }

func handle(id string) {
	seen[id] = true
	defer delete(seen, id)
}

type bus struct {
	sinks map[string]map[chan bool]struct{}
}

func (b *bus) register(channel string, c chan bool) {
	b.sinks[channel] = map[chan bool]struct{}{c: {}}
}

func (b *bus) unregister(channel string, c chan bool) {
	delete(b.sinks[channel], c)
	if len(b.sinks[channel]) == 0 {
		delete(b.sinks, channel)
	}
}
