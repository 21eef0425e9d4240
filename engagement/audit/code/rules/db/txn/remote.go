package txn

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Remote knows the calls that wait for another machine.
type Remote struct {
	calls     map[place]*client.Site
	constants map[string]string // Ruby constants that hold an HTTP client, and its library
	ix        *flow.Index
}

type place struct {
	path  string
	start uint32
}

// NewRemote reads the network calls of a project.
func NewRemote(p *project.Project, ix *flow.Index) *Remote {
	r := &Remote{calls: map[place]*client.Site{}, constants: map[string]string{}, ix: ix}
	for _, s := range client.Find(p).Sites {
		if s.Spec.Factory {
			if s.Spec.Kind == client.HTTP {
				r.hold(s)
			}
			continue
		}
		switch s.Spec.Kind {
		case client.HTTP, client.Mail, client.Search, client.Directory:
			r.calls[place{s.Path, s.Node.Start()}] = s
		}
	}
	return r
}

// hold remembers PAYMENTS = Faraday.new(...), which every file of a Ruby application may call.
func (r *Remote) hold(s *client.Site) {
	a := s.Node.Parent()
	name := a.Child(syntax.Target).Str()
	if a.Kind() == syntax.Assign && a.Child(syntax.Value) == s.Node && name != "" && name == strings.ToUpper(name) && !a.Enclosing(syntax.Func, syntax.Class).Ok() && strings.HasSuffix(s.Path, ".rb") {
		r.constants[name] = s.Spec.Library
	}
}

// Does says which other machine a call waits for, "" for none.
func (r *Remote) Does(f *project.File, c syntax.Ref) string {
	if s := r.calls[place{f.Path, c.Start()}]; s != nil && s.Node.ID == c.ID {
		return s.Spec.Library + " (" + c.Str() + ")"
	}
	name, recv := c.Str(), c.Receiver()
	switch f.Lang {
	case "ruby":
		if library := r.constants[recv.Str()]; library != "" && recv.Kind() == syntax.Name && httpVerbs[name] {
			return library + " (" + recv.Str() + "." + name + ")"
		}
		if name == "deliver_now" && recv.Kind() == syntax.Call {
			return "mail (deliver_now)"
		}
	case "python":
		if (name == "send_mail" || name == "send_mass_mail" || name == "mail_admins") && !recv.Ok() {
			if m, _ := r.ix.Imported(f, name); strings.HasPrefix(m, "django.core.mail") {
				return "mail (" + name + ")"
			}
		}
	case "php":
		class := flow.LastSegment(recv.Str())
		static := recv.Kind() == syntax.Name && c.Has(syntax.FlagStatic)
		switch {
		case static && class == "Http" && httpVerbs[name]:
			return "HTTP (Http::" + name + ")"
		case static && class == "Mail" && (name == "send" || name == "raw"):
			return "mail (Mail::" + name + ")"
		case name == "send" && recv.Kind() == syntax.Call:
			for x := recv; x.Ok(); x = x.Receiver() {
				if x.Kind() == syntax.Name && flow.LastSegment(x.Str()) == "Mail" {
					return "mail (Mail::to()->send)"
				}
			}
		case httpVerbs[name] && recv.Kind() == syntax.Call:
			for x := recv; x.Ok(); x = x.Receiver() {
				if x.Kind() == syntax.Name && flow.LastSegment(x.Str()) == "Http" {
					return "HTTP (Http::" + name + ")"
				}
			}
		}
	case "typescript", "tsx", "javascript":
		return r.ofScript(f, c)
	case "go":
		if recv.Kind() == syntax.Name && (recv.Str() == "http" && (name == "Get" || name == "Post" || name == "PostForm" || name == "Head") || recv.Str() == "smtp" && name == "SendMail") {
			return recv.Str() + "." + name
		}
		if name == "Do" && (strings.HasSuffix(recv.Str(), "lient") || recv.Str() == "DefaultClient" || strings.HasSuffix(recv.Str(), "HTTPClient")) && c.Arg(0).Ok() && !c.Arg(1).Ok() {
			return "HTTP (" + recv.Str() + ".Do)"
		}
	case "java":
		field := strings.ToLower(recv.Str())
		switch {
		case strings.HasSuffix(field, "resttemplate") && (strings.HasSuffix(name, "ForObject") || strings.HasSuffix(name, "ForEntity") || name == "exchange" || name == "execute" || name == "postForLocation"):
			return "HTTP (" + recv.Str() + "." + name + ")"
		case strings.HasSuffix(field, "mailsender") && name == "send":
			return "mail (" + recv.Str() + "." + name + ")"
		}
	}
	return ""
}

var httpVerbs = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true, "send": true, "request": true}

// ofScript knows SDKs by the package that their client's name was imported from, or made of.
func (r *Remote) ofScript(f *project.File, c syntax.Ref) string {
	recv := c.Receiver()
	name := c.Str()
	if !recv.Ok() {
		if m, _ := r.ix.Imported(f, name); m == "node-fetch" || m == "got" || m == "cross-fetch" {
			return "HTTP (" + name + ")"
		}
		return ""
	}
	root := recv
	for root.Receiver().Ok() {
		root = root.Receiver()
	}
	lower := strings.ToLower(root.Str())
	if root.Kind() == syntax.Self { // this.stripe.customers.create
		x := recv
		for x.Receiver().Ok() && x.Receiver().Kind() != syntax.Self {
			x = x.Receiver()
		}
		lower = strings.ToLower(x.Str())
	}
	switch {
	case (lower == "stripe" || strings.HasSuffix(lower, "stripeclient")) && recv.Kind() == syntax.Member && c.Parent().Kind() == syntax.Await:
		return "Stripe (" + recv.Str() + "." + name + ")"
	case (name == "sendMail" || name == "sendEmail") && (strings.Contains(lower, "transport") || strings.Contains(lower, "mailer")):
		return "mail (" + name + ")"
	case name == "send" && c.Arg(0).Has(syntax.FlagNew) && strings.HasSuffix(c.Arg(0).Str(), "Command"):
		return "AWS (" + c.Arg(0).Str() + ")"
	}
	return ""
}
