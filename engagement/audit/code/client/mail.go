package client

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// mail is Django's SMTP client, which the settings configure.
var mail = &Spec{Lang: "python", Library: "Django mail", Kind: Mail, Factory: true, Options: opts("EMAIL_TIMEOUT"), Wait: forEver, Statements: []string{"EMAIL_TIMEOUT = 30"}}

// djangoMail adds settings that name a mail server when none of the project gives it a timeout and
// something sends through the connection that the settings describe.
func (f *Facts) djangoMail(p *project.Project) {
	var host *Site
	for _, file := range p.Files {
		if file.Lang != "python" || file.Tree == nil || file.Role != project.App && file.Role != project.Config {
			continue
		}
		if file.Tree.Holds("EMAIL_TIMEOUT") {
			return
		}
		if host != nil {
			continue
		}
		for a := range file.Tree.Root().Descendants(syntax.Assign) {
			if a.Child(syntax.Target).Dotted() == "EMAIL_HOST" && a.Parent().Kind() == syntax.File {
				host = &Site{Spec: mail, Path: file.Path, Node: a, Variable: "EMAIL_HOST", Statement: a}
				break
			}
		}
	}
	if host != nil && sends(p) {
		f.Sites = append(f.Sites, host)
	}
}

// sends reports whether code of the project mails through Django's default connection: only that one
// reads the settings, a backend made by hand has its own timeout.
func sends(p *project.Project) bool {
	for _, f := range p.Files {
		if f.Lang != "python" || f.Tree == nil || f.Role == project.Test {
			continue
		}
		mails := false
		for _, s := range f.Tree.Strings {
			switch s {
			case "AdminEmailHandler", "django.utils.log.AdminEmailHandler", "PasswordResetForm", "PasswordResetView", "django.contrib.auth.urls", "allauth", "allauth.account":
				return true
			case "django.core.mail", "email_user":
				mails = true
			}
		}
		if !mails {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			switch c.Str() {
			case "send_mail", "send_mass_mail", "EmailMessage", "EmailMultiAlternatives":
				if !c.Keyword("connection").Ok() {
					return true
				}
			case "mail_admins", "mail_managers", "email_user":
				return true
			case "get_connection":
				if len(c.Args()) == 0 {
					return true
				}
			}
		}
	}
	return false
}
