// Package client tells which calls of a code base talk to another machine, through which library,
// and whether anything bounds how long they wait.
//
// A call counts only when its library is known by a fact: an import, a constructor, the type of its
// receiver, a constant that the project does not define itself. The package knows where each library
// takes its timeouts (arguments, option maps, setters, builders, blocks), which defaults it has, and
// the defaults that a project sets for all calls at once. What it can not see through (options handed
// in by a caller, a client built elsewhere) is [Unknown], never a fault.
//
// It reports nothing; the rules do.
package client

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

// Kind is what stands at the other end.
type Kind string

// Kinds.
const (
	HTTP      Kind = "HTTP"
	Database  Kind = "database"
	Search    Kind = "search"
	Cache     Kind = "cache"
	Broker    Kind = "broker"
	Mail      Kind = "mail"
	Directory Kind = "directory"
	Socket    Kind = "socket"
)

// State says what bounds a call.
type State uint8

// States.
const (
	Unset    State = iota // nothing bounds it but the library's default
	Infinite              // a timeout is given and means for ever
	Bounded               // a timeout is given
	Unknown               // options come from where they can not be seen
)

// Spec is one call of one library at which a timeout is due.
type Spec struct {
	Lang    string
	Callee  string // qualified: "requests.get", "net/http.Client" (literal), "Net::HTTP.new", "T#method" on a value of type T
	Library string // as people call it
	// Family joins the calls of one library that one habit explains: findings are folded by it. It is
	// the library when empty.
	Family string
	Kind   Kind
	// Factory: the call makes a client that other calls use, so the timeout belongs here.
	Factory bool
	// Pool: the client holds connections, so making one per call throws them away.
	Pool bool
	// Reactive: the client does not block; a waiting call holds a connection and no thread.
	Reactive bool
	// Options are the arguments, keys, setters and builder calls that bound the wait, normalised: lower
	// case without separators.
	Options []string
	// Position is the 1-based positional argument that is a timeout, 0 when there is none.
	Position int
	// OptionsAt is the 1-based positional argument that is a map of options, 0 when there is none.
	OptionsAt int
	// Yields is the type of the value, when methods of it are calls as well.
	Yields string
	// Wait says how long the call waits when nothing is set.
	Wait string
	// Default: the library bounds the wait by itself, only generously; Wait says by how much.
	Default bool
	// Safe: the default is as good as a chosen one. Such a call is a fault only with an explicit infinity.
	Safe bool
	// Argument is what to add to the call, in the language of the call; empty when no argument does it.
	Argument string
	// Statements are what to add behind the assignment of the client; {} stands for the variable.
	Statements []string
}

// Site is one call found.
type Site struct {
	Spec  *Spec
	Path  string
	Node  syntax.Ref
	State State
	// Value is the value that bounds the call, or makes it infinite; no node when the state is Unset.
	Value syntax.Ref
	// Variable is the dotted name that the client is assigned to, "" when there is none.
	Variable string
	// Statement is the assignment of the client.
	Statement syntax.Ref
	// Hinted: the surroundings speak of timeouts without one that can be tied to the call.
	Hinted bool
	// Uses are the requests sent through a client of Go's net/http, where they were found.
	Uses []Use
}

// FamilyName is the name that findings of a library are folded and titled by.
func (s *Spec) FamilyName() string {
	if s.Family != "" {
		return s.Family
	}
	return s.Library
}
