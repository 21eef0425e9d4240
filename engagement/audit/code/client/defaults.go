package client

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// defaults notes what a file sets for all calls of a library.
func (f *Facts) defaults(file *project.File, lang string) {
	mentions := false
	for _, s := range file.Tree.Strings {
		if strings.Contains(strings.ToLower(s), "timeout") || s == "setGlobalDispatcher" {
			mentions = true
			break
		}
	}
	if !mentions {
		return
	}
	note := func(n syntax.Ref, libraries ...string) {
		for _, l := range libraries {
			if f.Defaults[l] == "" {
				f.Defaults[l] = fmt.Sprintf("%s:%d", file.Path, n.Line())
			}
		}
	}
	for n := range file.Tree.Root().Descendants(syntax.Call, syntax.Assign, syntax.Class) {
		switch n.Kind() {
		case syntax.Call:
			r := n.Receiver().Dotted()
			switch {
			case n.Str() == "setdefaulttimeout" && !infinite(n.Arg(0), lang):
				note(n, "requests", "urllib", "http.client", "httplib2", "smtplib", "imaplib/poplib", "ftplib", "telnetlib", "socket", "InfluxDB client", "jira", "urllib3")
			case n.Str() == "setGlobalDispatcher":
				note(n, "fetch", "undici")
			case n.Str() == "default_timeout" && lang == "ruby" && r == "" && !n.Enclosing(syntax.Class).Ok():
				note(n, "HTTParty")
			case n.Str() == "ini_set" && n.Arg(0).Str() == "default_socket_timeout":
				note(n, "file_get_contents", "fsockopen", "stream_socket_client", "SoapClient")
			}
		case syntax.Assign:
			t := n.Child(syntax.Target)
			d := t.Dotted()
			low := strings.ToLower(d)
			switch {
			case !strings.Contains(low, "timeout") && t.Kind() != syntax.Index:
			case strings.HasSuffix(d, "axios.defaults.timeout"):
				note(n, "axios")
			case d == "http.DefaultClient.Timeout":
				note(n, "http.DefaultClient")
			case strings.HasPrefix(d, "Faraday.default_connection_options"), strings.Contains(d, "default_connection") && strings.Contains(low, "timeout"):
				note(n, "Faraday")
			case t.Kind() == syntax.Index && t.Receiver().Dotted() == "Excon.defaults" && strings.Contains(t.Arg(0).Str(), "timeout"):
				note(n, "Excon")
			case d == "Searchkick.timeout", d == "Searchkick.search_timeout":
				note(n, "Elasticsearch client")
			case strings.HasPrefix(d, "Typhoeus.Config"), strings.HasPrefix(d, "Typhoeus::Config"):
				note(n, "Typhoeus")
			}
		case syntax.Class:
			switch {
			case lang == "ruby" && (n.Str() == "Net::HTTP" || n.Str() == "HTTP" && n.Enclosing(syntax.Class).Str() == "Net"):
				// A patch of the library: its defaults when it speaks of timeouts.
				for x := range n.Descendants(syntax.Call, syntax.Name, syntax.Assign) {
					if strings.Contains(x.Str(), "timeout") {
						note(x, "Net::HTTP", "open-uri", "HTTParty", "rest-client", "Faraday", "Savon", "Mechanize")
						break
					}
				}
			case lang == "python":
				// An adapter or session of the project that puts a timeout into every request.
				super := ""
				for s := range n.All(syntax.Super) {
					super += " " + s.Dotted()
				}
				if !strings.Contains(super, "HTTPAdapter") && !strings.Contains(super, "Session") {
					break
				}
				for x := range n.Descendants(syntax.String, syntax.Pair, syntax.Name, syntax.Param) {
					if x.Str() == "timeout" {
						note(x, "requests session")
						break
					}
				}
			}
		}
	}
}
