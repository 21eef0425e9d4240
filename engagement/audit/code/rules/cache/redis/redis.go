// Package redis recognises Redis commands in the client libraries of all languages, for the rules
// about Redis.
//
// A call counts only when something says that its receiver is a Redis client: the receiver's name, a
// type, or an import of a client library in the file. Where nothing does, nothing is returned.
package redis

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Command is one call of a Redis command.
type Command struct {
	Name string       // upper case: "LRANGE"
	Call syntax.Ref   // the call
	Args []syntax.Ref // the command's own arguments, a context and the command's name left out
	// Named says that the receiver's own name says Redis, not only an import of the file.
	Named bool
}

var clientImports = regexp.MustCompile(`(?i)(redigo|go-redis|redis/go-redis|rueidis|^redis(\.|$)|aioredis|django_redis|^ioredis|^@redis/|^redis$|redis\.clients\.jedis|io\.lettuce|springframework\.data\.redis|redisson|Facades\\Redis|Predis|Illuminate\\Redis|^upstash|@upstash/redis)`)

// Uses reports whether a file imports a Redis client.
func Uses(f *project.File) bool {
	for n := range f.Tree.Root().Descendants(syntax.Import) {
		if clientImports.MatchString(n.Str()) {
			return true
		}
	}
	return false
}

var (
	redisName  = regexp.MustCompile(`(?i)(redis|valkey|sidekiq\.redis|resque\.redis)`)
	clientName = regexp.MustCompile(`(?i)^(.*\.)?(rdb|r|c|conn|connection|cli|client|pipe|pipeline|cache|store|db|jedis|pool|commands|(list|set|hash|key|string|zset)commands|sync|async)$`)
)

// Commands yields the Redis commands of a file in order.
func Commands(f *project.File) []Command {
	var out []Command
	if f.Tree == nil || !mentions(f) {
		return nil
	}
	imported := f.Lang != "ruby" && Uses(f)
	for call := range f.Tree.Root().Descendants(syntax.Call) {
		receiver := call.Receiver()
		if !receiver.Ok() || call.Has(syntax.FlagNew) {
			continue
		}
		named := says(receiver)
		if !named && !(imported && clientName.MatchString(dotted(receiver))) && !blockClient(receiver) {
			continue
		}
		if c, ok := commandOf(f, call); ok {
			c.Named = named || blockClient(receiver)
			out = append(out, c)
		}
	}
	return out
}

// mentions is a cheap test before the walk: no Redis client is used without the word.
func mentions(f *project.File) bool {
	for _, s := range f.Tree.Strings {
		if len(s) >= 5 && len(s) < 120 && (containsFold(s, "redis") || containsFold(s, "valkey")) {
			return true
		}
	}
	return containsFold(f.Path, "redis")
}

// containsFold reports whether s contains a lower-case ASCII word in any case. Every string of every
// file passes here, so it does not allocate.
func containsFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0] && strings.EqualFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// says reports whether any name of a receiver chain says Redis.
func says(receiver syntax.Ref) bool {
	for _, n := range receiver.Chain() {
		if n.Is(syntax.Name, syntax.Member, syntax.Call) && redisName.MatchString(n.Str()) && !wrapper(n.Str()) {
			return true
		}
	}
	return false
}

// wrapper reports names of things that hold more than a client: services, stores, options.
func wrapper(name string) bool {
	l := strings.ToLower(name)
	for _, w := range []string{"config", "option", "setting", "service", "repository", "adapter", "queue", "url"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// blockClient reports a variable that a block of a Redis pool gives: Sidekiq.redis { |conn| ... }.
func blockClient(receiver syntax.Ref) bool {
	if receiver.Kind() != syntax.Name && !(receiver.Kind() == syntax.Call && receiver.Has(syntax.FlagNoArgs) && !receiver.Receiver().Ok()) {
		return false
	}
	for l := receiver.Enclosing(syntax.Lambda); l.Ok(); l = l.Enclosing(syntax.Lambda) {
		for p := range l.All(syntax.ParamRole) {
			if p.Str() == receiver.Str() {
				return l.Parent().Kind() == syntax.Call && says(l.Parent())
			}
		}
	}
	return false
}

func dotted(n syntax.Ref) string {
	if d := n.Dotted(); d != "" {
		return d
	}
	return n.Str()
}

// names maps a method, in lower case without separators, to the command. Commands whose method is a
// common word of collections (get, set, keys) need a receiver that is a client for certain, which
// Commands demands of all.
var names = func() map[string]string {
	m := map[string]string{}
	for _, c := range strings.Fields(`KEYS SMEMBERS HGETALL HKEYS HVALS LRANGE ZRANGE ZREVRANGE ZRANGEBYSCORE SINTER SUNION SDIFF
		FLUSHALL FLUSHDB GET SET SETEX PSETEX SETNX GETSET MGET MSET DEL UNLINK EXISTS HGET HSET HMSET HMGET HDEL LPUSH RPUSH LPOP RPOP LREM LTRIM LLEN SADD SREM
		SISMEMBER ZADD ZSCORE ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE INCR INCRBY DECR EXPIRE PEXPIRE EXPIREAT TTL PERSIST SCAN HSCAN SSCAN SCARD HLEN ZCARD`) {
		m[strings.ToLower(c)] = c
	}
	m["scaneach"], m["scaniter"] = "SCAN", "SCAN"
	return m
}()

func commandOf(f *project.File, call syntax.Ref) (Command, bool) {
	method := strings.ToLower(strings.ReplaceAll(call.Str(), "_", ""))
	args := positional(call)
	switch method {
	case "do", "send", "call", "sendcommand", "executecommand", "execute", "command":
		if len(args) == 0 {
			return Command{}, false
		}
		if f.Lang == "go" && len(args) > 1 && args[0].Kind() != syntax.String {
			args = args[1:] // a context
		}
		if args[0].Kind() == syntax.List {
			args = elements(args[0])
		}
		if len(args) == 0 || args[0].Kind() != syntax.String {
			return Command{}, false
		}
		name, ok := names[strings.ToLower(args[0].Str())]
		return Command{Name: name, Call: call, Args: args[1:]}, ok
	}
	name, ok := names[method]
	if !ok {
		return Command{}, false
	}
	if f.Lang == "go" && len(args) > 0 && isContext(args[0]) {
		args = args[1:]
	}
	return Command{Name: name, Call: call, Args: args}, true
}

func isContext(n syntax.Ref) bool {
	d := strings.ToLower(dotted(n))
	return strings.HasSuffix(d, "ctx") || strings.HasSuffix(d, "context") || strings.HasPrefix(d, "context") || n.Str() == "Background" || n.Str() == "TODO" || n.Str() == "Context"
}

func positional(call syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	for _, a := range call.Args() {
		if a.Kind() != syntax.Pair && a.Kind() != syntax.Lambda {
			out = append(out, a)
		}
	}
	return out
}

func elements(list syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	for e := range list.Children() {
		out = append(out, e)
	}
	return out
}

// Key returns the constant text of a key: its literal parts with "{}" for what is computed, through a
// local variable assigned once and Go's fmt.Sprintf; "" where nothing of it is constant.
func Key(n syntax.Ref) string {
	switch n.Kind() {
	case syntax.String:
		return n.Str()
	case syntax.Binary:
		return part(n.Child(syntax.Left)) + part(n.Child(syntax.Right))
	case syntax.Call:
		if n.Str() == "Sprintf" || n.Str() == "format" || n.Str() == "sprintf" {
			return regexp.MustCompile(`%[a-z]`).ReplaceAllString(Key(n.Arg(0)), "{}")
		}
		if len(n.Args()) > 0 {
			// A function that builds keys: what it is given tells them apart.
			if first := part(n.Arg(0)); first != "{}" {
				return first + strings.Repeat("{}", min(len(n.Args())-1, 1))
			}
			return n.Str() + "({})"
		}
		return n.Str() + "()"
	case syntax.Member:
		return n.Str()
	case syntax.Name:
		fn := n.Enclosing(syntax.Func)
		if !fn.Ok() {
			return n.Str()
		}
		for a := range fn.Descendants(syntax.Assign) {
			if a.Child(syntax.Target).Str() == n.Str() {
				v := a.Child(syntax.Value)
				if v.Kind() != syntax.Name {
					if k := Key(v); k != "" {
						return k
					}
				}
			}
		}
		return n.Str()
	}
	return ""
}

// part is Key of one side of a concatenation: variables are "{}", constants their name.
func part(n syntax.Ref) string {
	switch n.Kind() {
	case syntax.String, syntax.Binary:
		return Key(n)
	case syntax.Name, syntax.Member:
		if n.Str() == strings.ToUpper(n.Str()) {
			return n.Str()
		}
	}
	return "{}"
}

// Number reports whether a node is the whole number, written as a literal or as its negation.
func Number(n syntax.Ref, want string) bool {
	switch n.Kind() {
	case syntax.Number, syntax.String:
		return n.Str() == want || strings.TrimSuffix(n.Str(), "L") == want
	case syntax.Unary:
		return n.Str() == "-" && strings.HasPrefix(want, "-") && Number(n.Child(syntax.Value), want[1:])
	}
	return false
}
