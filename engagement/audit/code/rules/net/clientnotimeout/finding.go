package clientnotimeout

import (
	"fmt"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
	"github.com/napkin-infra/napkin/foundation/report"
)

func finding(p *rule.Pass, facts *client.Facts, f *project.File, s *client.Site, at situation) rule.Finding {
	spec := s.Spec
	call := name(s)
	out := rule.Finding{
		Title:      fmt.Sprintf("%s without a timeout in %s", spec.FamilyName(), where(s)),
		Primary:    rule.At(f, s.Node, "waits here"),
		Subject:    subject(s, call),
		Cause:      "no-timeout:" + spec.Lang + ":" + spec.FamilyName(),
		Evidence:   1,
		Confidence: 0.85,
		Severity:   report.High,
		Cliff:      cliff(spec.Lang, at),
		Fix:        report.Fix{Summary: summary(facts, s, at)},
		WrongIf:    "The options of this call are completed elsewhere, or a proxy in between bounds the wait.",
	}
	switch {
	case s.State == client.Infinite:
		out.Title = fmt.Sprintf("%s is told to wait for ever", displayed(spec, call))
		out.Claim = fmt.Sprintf("`%s` switches the timeout off: %s means no limit, so a silent peer holds this caller until the process restarts.", call, literal(f, s))
		out.Cause = ""
		out.Primary.Note = "timeout switched off"
		out.WrongIf = "The call streams on purpose and something else (a keep-alive, a watchdog) ends it when the peer is gone."
	case s.Node.Kind() == syntax.Assign:
		out.Title = "Django mail without a timeout"
		out.Claim = fmt.Sprintf("The settings name a mail server (`%s`) and no EMAIL_TIMEOUT: the SMTP client waits %s for a server that accepts and stays silent.", call, spec.Wait)
	case at.context != "":
		out.Title = fmt.Sprintf("%s drops the context of %s", call, where(s))
		out.Claim = fmt.Sprintf("The function is given `%s` and calls `%s`, which takes none: the deadline and the cancellation of the caller do not reach the connect.", at.context, call)
		out.Cause, out.Cliff, out.Severity = "", "A cancelled caller goes on waiting for the connect.", report.Low
		out.WrongIf = "The peer always answers at once: a socket of the same machine."
	case at.limit.Seconds > 0:
		out.Severity = report.Medium
		out.Claim = fmt.Sprintf("`%s` sets no timeout: when the %s accepts and stays silent, the job waits until %s kills it after %.0f s (%s), and its worker does nothing else.", call, peer(spec.Kind), at.limit.Runner, at.limit.Seconds, at.limit.Where)
	case spec.Default:
		out.Severity = report.Medium
		out.Confidence = 0.7
		out.Claim = fmt.Sprintf("`%s` sets no timeout: it waits %s.", call, spec.Wait)
	case spec.Factory:
		out.Claim = fmt.Sprintf("`%s` makes a client without a timeout: when the %s accepts and stays silent, everything that uses it waits %s.", call, peer(spec.Kind), spec.Wait)
	default:
		out.Claim = fmt.Sprintf("`%s` sets no timeout: when the %s accepts and stays silent, the caller waits %s.", call, peer(spec.Kind), spec.Wait)
	}
	if at.transfer && s.State != client.Infinite {
		out.Title = fmt.Sprintf("%s moves a body without a limit on silence in %s", spec.FamilyName(), where(s))
	}
	if at.reactive && out.Severity == report.High {
		out.Severity = report.Medium
	}
	weigh(&out, s, at)
	if at.context == "" {
		for _, u := range s.Uses {
			if u.State == client.Unset && len(out.Secondary) < 5 {
				out.Secondary = append(out.Secondary, rule.At(u.File, u.Node, "sends a request without a deadline"))
			}
		}
	}
	if at.transfer {
		return out
	}
	if edits, ok := edits(p.Project, facts, f, s, at); ok {
		out.Edits = edits
		out.Fix.Behaviour = "A call that takes longer than the timeout now fails with the library's timeout error, where it used to wait; callers that do not handle it will raise."
		if at.context != "" {
			out.Fix.Behaviour = "The connect now ends with the caller's context."
		}
	}
	return out
}

// weigh sets severity and confidence by who waits.
func weigh(out *rule.Finding, s *client.Site, at situation) {
	lower := func() {
		switch out.Severity {
		case report.High:
			out.Severity = report.Medium
		case report.Medium:
			out.Severity = report.Low
		}
	}
	switch {
	case at.context != "":
	case at.guarded:
		out.Severity, out.Confidence, out.Effort = report.Low, 0.4, report.OneFile
		out.WrongIf = "The condition around it lets it run in development only."
	case at.profile:
		out.Severity, out.Confidence, out.Effort = report.Low, min(out.Confidence, 0.5), report.OneFile
		out.Claim += " Its bean exists in profiles for development only."
		out.Cause = "" // no further place of a finding about production
		out.WrongIf = "A deployment sets the profile or property of this bean as well."
	case at.who.Minor():
		out.Severity, out.Confidence, out.Effort = report.Low, min(out.Confidence, 0.5), report.OneFile
	case at.optional:
		out.Severity = report.Low
		out.WrongIf = "Callers hand in a client of their own: the class has a constructor for it."
	case at.lock != "":
		what := "`" + at.lock + "` is locked"
		if at.lock == "this" {
			what = "the method is synchronized"
		}
		out.Claim += fmt.Sprintf(" It is called while %s: one silent peer stops every caller of that lock.", what)
		out.Confidence = min(out.Confidence+0.05, 0.9)
	case at.who == trigger.Schedule:
		lower()
	case s.Hinted:
		out.Severity, out.Confidence = report.Medium, 0.55
		out.WrongIf = "Every request made with this client carries a context with a deadline."
	case at.who == trigger.Unknown && !s.Spec.Default:
		out.Confidence = min(out.Confidence, 0.8)
	}
	if s.Spec.Library == "cassandra-driver" {
		out.Severity, out.Confidence = report.Low, min(out.Confidence, 0.55)
	}
	if at.transfer {
		out.Confidence -= 0.05 // a slow transfer is the commoner case
		if out.Severity == report.High {
			out.Severity = report.Medium
		}
	}
	if s.Spec.Default && at.who >= trigger.Job && s.State == client.Unset {
		out.Confidence += 0.05
	}
}

// cliff says what a silent peer stops, by the runtime and by who waits.
func cliff(lang string, at situation) string {
	switch {
	case at.profile:
		return "A request of a developer waits; no deployment that was read has this bean."
	case at.minor():
		return "The command hangs until somebody stops it."
	case at.who == trigger.Schedule:
		return "A silent peer stops this schedule until the process restarts; nobody else waits for it."
	case at.reactive:
		return "No worker is held, but each waiting call keeps its connection and the request behind it open; when the connections to the silent peer are used up, further calls of it queue and fail."
	case at.who == trigger.Job:
		return "As many silent calls as there are workers stop the queue."
	}
	switch lang {
	case "typescript":
		return "The event loop goes on, but every waiting call keeps its request, its memory and its socket: with a silent peer they pile up until clients or memory give out."
	case "go":
		return "Each call to a silent peer keeps a goroutine, a socket and what its caller holds; they pile up until memory or descriptors run out."
	}
	return "A silent peer takes every worker that calls it, one call each; when the pool is dry, requests that never needed the peer wait as well."
}

func summary(facts *client.Facts, s *client.Site, at situation) string {
	switch {
	case at.context != "":
		return "Dial with the context: (&net.Dialer{}).DialContext(" + at.context + ", ...)."
	case s.State == client.Infinite:
		return "Give the call a finite timeout: longer than the longest answer that is meant to come, with a reconnect when it passes."
	case at.transfer && s.Spec.Lang == "typescript":
		return "Bound the connect and the silence between bytes (an undici Agent with connect, headersTimeout and bodyTimeout as dispatcher), not the whole transfer: a total timeout would cut off large files on slow lines."
	case at.transfer && s.Spec.Lang == "go":
		return "Bound the connect and the wait for the answer (ResponseHeaderTimeout of the transport), and the transfer by a context that ends when no byte comes: a total timeout would cut off large bodies on slow lines."
	case at.transfer:
		return "Bound the connect and the silence between bytes, not the whole transfer: a total timeout would cut off large bodies on slow lines."
	}
	if name, w := wrapper(facts, s); name != "" {
		if !w.ByDefault() {
			return fmt.Sprintf("The project's own `%s` (%s:%d) sets a timeout only for callers that ask for one: give it a default there, which bounds all of its callers, and send this call through it.", name, w.Path, w.Node.Line())
		}
		if s.Spec.Argument != "" {
			return fmt.Sprintf("Pass a timeout, or call the project's own `%s` (%s:%d), which has one.", name, w.Path, w.Node.Line())
		}
		return fmt.Sprintf("Call the project's own `%s` (%s:%d), which has a timeout.", name, w.Path, w.Node.Line())
	}
	if s.Spec.Reactive {
		fix := "Give the client a response timeout where it is made (Reactor Netty: HttpClient.create().responseTimeout(d) behind a ReactorClientHttpConnector)"
		if s.Spec.FamilyName() != "WebClient" {
			fix = "Give the client an idle timeout where it is made (WebClientOptions.setIdleTimeout), or each request a timeout"
		}
		for _, w := range facts.Sites {
			if w.State == client.Bounded && w.Spec.FamilyName() == s.Spec.FamilyName() && w.Value.Parent().Str() == "responseTimeout" {
				return fmt.Sprintf("%s, as the project does at %s:%d.", fix, w.Path, w.Node.Line())
			}
		}
		return fix + "."
	}
	if s.Spec.Factory {
		return "Set connect and total timeouts where this client is made, so that every user of it is bounded."
	}
	return "Pass a timeout to the call, or send all calls of " + s.Spec.Library + " through one client of the project that has one."
}

// where names the function around a call, or its file.
func where(s *client.Site) string {
	if _, n := client.Function(s.Node); n != "" {
		return n
	}
	if sym := s.Node.Symbol(); sym != "" {
		return sym
	}
	return path.Base(s.Path)
}

// subject names a call independently of its line.
func subject(s *client.Site, call string) string {
	if s.Variable != "" {
		return call + " -> " + s.Variable
	}
	return call
}

func displayed(spec *client.Spec, call string) string {
	if spec.Library == "explicit zero" {
		return "`" + call + "`"
	}
	return spec.Library
}

// name writes the call as the reader sees it, without its arguments.
func name(s *client.Site) string {
	n := s.Node
	if n.Kind() == syntax.Assign {
		return n.Child(syntax.Target).Dotted()
	}
	if r := n.Receiver(); r.Ok() {
		d := r.Dotted()
		if d == "" {
			d = "…"
		}
		if s.Spec.Lang == "php" {
			return d + "->" + n.Str()
		}
		return d + "." + n.Str()
	}
	if n.Has(syntax.FlagNew) && s.Spec.Lang != "go" && s.Spec.Lang != "python" {
		return "new " + n.Str()
	}
	return n.Str()
}

func literal(f *project.File, s *client.Site) string {
	if !s.Value.Ok() {
		return "the value"
	}
	t := strings.TrimSpace(f.NodeText(s.Value))
	if t == "" || len(t) > 20 {
		return "the value"
	}
	return "`" + t + "`"
}

func peer(k client.Kind) string {
	switch k {
	case client.HTTP, client.Socket:
		return "other side"
	case client.Mail:
		return "mail server"
	case client.Directory:
		return "directory server"
	case client.Search:
		return "search engine"
	case client.Cache:
		return "cache"
	case client.Broker:
		return "broker"
	}
	return "database"
}
