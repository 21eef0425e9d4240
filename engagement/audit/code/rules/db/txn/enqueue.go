package txn

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Queues knows how a project enqueues work.
type Queues struct {
	ix *flow.Index
	// sameDatabase: the jobs are rows of the same database, so that the transaction holds them back;
	// deferred: the project tells its queue to wait for the commit.
	ruby, php struct{ sameDatabase, deferred bool }
}

// NewQueues reads the dependencies and settings of a project.
func NewQueues(p *project.Project, ix *flow.Index) *Queues {
	q := &Queues{ix: ix}
	redis, adapter := false, ""
	for _, f := range p.Files {
		if a := activeJobAdapter(f); a != "" {
			adapter = a
		}
		for _, name := range dependencies(f) {
			switch name {
			default:
				q.ruby.sameDatabase = q.ruby.sameDatabase || databaseQueues[name]
			case "sidekiq", "resque", "sneakers", "shoryuken":
				redis = true
			}
		}
		if f.Tree == nil || f.Role == project.Test {
			continue
		}
		for _, s := range f.Tree.Strings {
			switch s {
			case "enqueue_after_transaction_commit", "transactional_push!":
				q.ruby.deferred = true
			case "after_commit":
				if strings.HasSuffix(f.Path, "config/queue.php") {
					for n := range f.Tree.Root().Descendants(syntax.Pair) {
						if n.Str() == "after_commit" && n.Child(syntax.Value).Str() == "true" {
							q.php.deferred = true
						}
					}
				}
			}
		}
	}
	if redis {
		q.ruby.sameDatabase = false
	}
	if adapter != "" { // what the application says it uses counts for more than what is installed
		q.ruby.sameDatabase = databaseQueues[adapter]
	}
	return q
}

// databaseQueues keep their jobs in the application's database.
var databaseQueues = map[string]bool{"good_job": true, "solid_queue": true, "delayed_job": true, "delayed_job_active_record": true, "que": true, "queue_classic": true, "delayed": true}

// activeJobAdapter returns the adapter that a Rails setting names: config.active_job.queue_adapter = :x.
func activeJobAdapter(f *project.File) string {
	if f.Lang != "ruby" || f.Tree == nil || f.Role == project.Test || !strings.Contains(f.Path, "config/") || strings.Contains(f.Path, "environments/test") || strings.Contains(f.Path, "environments/development") {
		return ""
	}
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		if t := a.Child(syntax.Target); t.Str() == "queue_adapter" || t.Str() == "queue_adapter=" {
			return a.Child(syntax.Value).Str()
		}
	}
	return ""
}

// dependencies are the packages that a manifest asks for; a Gemfile is a program.
func dependencies(f *project.File) []string {
	var out []string
	switch {
	case f.Doc != nil:
		for _, d := range f.Doc.Dependencies() {
			out = append(out, d.Name)
		}
	case f.Tree != nil && (path.Base(f.Path) == "Gemfile" || strings.HasSuffix(f.Path, ".gemspec")):
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if c.Str() == "gem" || c.Str() == "add_dependency" {
				out = append(out, c.Arg(0).Str())
			}
		}
	}
	return out
}

// Does says which work a call enqueues, "" when it enqueues none or the queue waits for the commit.
func (q *Queues) Does(f *project.File, c syntax.Ref) string {
	name := c.Str()
	switch f.Lang {
	case "ruby":
		return q.ofRuby(c, name)
	case "python":
		return q.ofPython(f, c, name)
	case "php":
		return q.ofPHP(f, c, name)
	case "typescript", "tsx", "javascript":
		return q.ofScript(c, name)
	case "java":
		recv := c.Receiver().Str()
		switch {
		case name == "convertAndSend" || name == "convertSendAndReceive", name == "send" && (strings.HasSuffix(recv, "kafkaTemplate") || strings.HasSuffix(recv, "KafkaTemplate") || strings.HasSuffix(recv, "streamBridge")):
			return recv + "." + name
		}
	}
	return ""
}

func (q *Queues) ofRuby(c syntax.Ref, name string) string {
	if q.ruby.deferred || q.ruby.sameDatabase {
		return ""
	}
	switch name {
	case "perform_later", "perform_async", "deliver_later":
	default:
		return ""
	}
	if c.Keyword("wait").Ok() || c.Keyword("wait_until").Ok() || !c.Receiver().Ok() {
		return ""
	}
	for r := c.Receiver(); r.Ok(); r = r.Receiver() {
		if r.Keyword("wait").Ok() || r.Keyword("wait_until").Ok() || r.Keyword("in").Ok() {
			return "" // it starts later anyway
		}
	}
	recv := c.Receiver()
	for recv.Receiver().Ok() && recv.Kind() == syntax.Call {
		recv = recv.Receiver()
	}
	return recv.Str() + "." + name
}

// ofPython recognises Celery's tasks: functions with a task decorator, or names from a tasks module.
func (q *Queues) ofPython(f *project.File, c syntax.Ref, name string) string {
	if name != "delay" && name != "apply_async" {
		return ""
	}
	if c.Keyword("countdown").Ok() || c.Keyword("eta").Ok() {
		return ""
	}
	r := c.Receiver()
	for r.Kind() == syntax.Call && (r.Str() == "s" || r.Str() == "si" || r.Str() == "signature") {
		r = r.Receiver()
	}
	task := r.Str()
	if !r.Is(syntax.Name, syntax.Member) || task == "" {
		return ""
	}
	module, _ := q.ix.Imported(f, task)
	known := strings.Contains(module, "task") || strings.HasSuffix(task, "_task") || r.Kind() == syntax.Member && strings.Contains(r.Receiver().Str(), "task")
	for _, m := range q.ix.Functions[task] {
		for d := range m.Node.All(syntax.Decorator) {
			known = known || strings.HasSuffix(strings.ToLower(d.Str()), "task")
		}
	}
	if !known {
		return ""
	}
	return task + "." + name
}

func (q *Queues) ofPHP(f *project.File, c syntax.Ref, name string) string {
	if q.php.deferred {
		return ""
	}
	job := ""
	switch {
	case name == "dispatch" && c.Has(syntax.FlagStatic) && c.Receiver().Kind() == syntax.Name:
		job = flow.LastSegment(c.Receiver().Str())
		if job == "Bus" || job == "Queue" || job == "self" || job == "static" || job == "Event" {
			job = flow.LastSegment(c.Arg(0).Str())
		}
	case name == "dispatch" && !c.Receiver().Ok():
		job = flow.LastSegment(c.Arg(0).Str())
	default:
		return ""
	}
	cls := q.ix.Class(job, f)
	if job == "" || cls == nil || !queued(cls) { // an event, or a job that runs at once
		return ""
	}
	if v, ok := cls.Fields["afterCommit"]; ok && v.Child(syntax.Value).Str() == "true" {
		return ""
	}
	for p := c.Parent(); p.Kind() == syntax.Call && p.Receiver() == c; c, p = p, p.Parent() {
		if p.Str() == "afterCommit" || p.Str() == "delay" || p.Str() == "afterResponse" {
			return ""
		}
	}
	return job + "::dispatch"
}

// queued reports whether a class of Laravel runs on a queue and does not wait for the commit itself.
func queued(c *flow.Class) bool {
	ok := false
	for _, s := range append(append([]string(nil), c.Super...), c.Mixins...) {
		switch flow.LastSegment(s) {
		case "ShouldQueue":
			ok = true
		case "ShouldQueueAfterCommit":
			return false
		}
	}
	return ok
}

var senders = []string{"queue", "sqs", "channel", "producer", "pubsub", "kafka", "broker", "boss", "nats", "amqp", "rabbit", "inngest"}

func (q *Queues) ofScript(c syntax.Ref, name string) string {
	r := c.Receiver()
	if !r.Ok() || c.Keyword("delay").Ok() || c.Keyword("startAfter").Ok() {
		return ""
	}
	chain := ""
	for n := r; n.Ok(); n = n.Receiver() {
		chain = n.Str() + "." + chain
	}
	lower := strings.ToLower(chain)
	switch name {
	case "add", "addBulk", "enqueue", "enqueueMany", "push", "enqueueBulk":
		if !strings.Contains(strings.ToLower(r.Str()), "queue") && !strings.Contains(strings.ToLower(r.Receiver().Str()), "queue") || name == "push" || !c.Child(syntax.Arg).Ok() {
			return ""
		}
		if name == "add" && !c.Arg(1).Ok() { // a list of things to do in this process
			return ""
		}
	case "sendToQueue", "sendMessage", "sendBatch", "publish", "publishMessage":
		known := false
		for _, s := range senders {
			known = known || strings.Contains(lower, s)
		}
		if !known {
			return ""
		}
	default:
		return ""
	}
	return strings.TrimSuffix(chain, ".") + "." + name
}
