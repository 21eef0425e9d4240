package client

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// packageKind is what the dependencies of a package.json say about where its code runs.
type packageKind struct{ server, browser bool }

var (
	serverModules = set("express", "fastify", "koa", "hono", "@hono/node-server", "@nestjs/core", "@nestjs/common", "bullmq", "bull", "pg", "mysql2", "ioredis", "redis",
		"@prisma/client", "prisma", "knex", "typeorm", "sequelize", "mongoose", "mongodb", "drizzle-orm", "fs", "fs/promises", "child_process", "http", "https", "net", "tls", "dns",
		"stream", "stream/promises", "crypto", "zlib", "os", "cluster", "worker_threads", "async_hooks", "nodemailer", "@trpc/server", "next/server", "next/headers",
		"@remix-run/node", "@remix-run/server-runtime", "server-only", "winston", "pino", "kafkajs", "amqplib", "graphql-yoga", "apollo-server", "@apollo/server", "node-cron", "probot", "firebase-admin", "express-session", "jsonwebtoken")
	browserModules = set("react", "react-dom", "vue", "svelte", "preact", "solid-js", "@angular/core", "jquery", "next/router", "next/navigation", "react-router", "react-router-dom", "@tanstack/react-query", "swr", "zustand", "pinia", "vue-router", "react-native", "@hotwired/stimulus", "backbone", "client-only")
	serverFolders  = set("server", "servers", "worker", "workers", "api", "backend", "jobs", "queue", "queues", "cron", "trpc", "functions", "lambda", "middleware", "webhooks", "routers", "controllers")
	browserFolders = set("components", "component", "hooks", "client", "frontend", "ui", "public", "views", "stores", "composables", "browser", "extension", "client-only", "web-components", "sdk", "widgets")
)

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// manifests reads the package.json files by folder.
func manifests(p *project.Project) map[string]packageKind {
	out := map[string]packageKind{}
	for _, f := range p.Files {
		if path.Base(f.Path) != "package.json" || f.Doc == nil {
			continue
		}
		var k packageKind
		for _, d := range f.Doc.Dependencies() {
			switch d.Name {
			case "express", "fastify", "koa", "@nestjs/core", "bullmq", "bull", "@hono/node-server", "pg", "ioredis", "typeorm", "mongoose", "probot", "nodemailer", "@apollo/server":
				k.server = true
			case "react-dom", "vue", "svelte", "@angular/core", "preact", "solid-js", "react-native":
				k.browser = true
			}
		}
		out[path.Dir(f.Path)] = k
	}
	return out
}

// onServer decides whether a JavaScript or TypeScript file runs on a server. Doubt says no.
func onServer(f *project.File, n *Names, packages map[string]packageKind, imports *importers) bool {
	if f.Lang == "tsx" || f.Lang == "jsx" || strings.HasSuffix(f.Path, ".tsx") || strings.HasSuffix(f.Path, ".jsx") || f.Lang == "vue" || f.Lang == "svelte" {
		return false
	}
	base := path.Base(f.Path)
	if strings.Contains(base, ".client.") {
		return false
	}
	if strings.Contains(base, ".server.") {
		return true
	}
	server, strong := false, false
	for r := range f.Tree.Root().Descendants(syntax.Import, syntax.Name) {
		if r.Kind() == syntax.Name {
			switch r.Str() {
			case "window", "document", "localStorage", "sessionStorage", "navigator", "chrome":
				if !n.defined[r.Str()] {
					return false
				}
			case "Buffer", "__dirname":
				server, strong = true, true
			}
			continue
		}
		if strings.HasPrefix(f.NodeText(r), "import type") {
			continue // nothing of the module is loaded
		}
		m := strings.TrimPrefix(r.Str(), "node:")
		if browserModules[m] {
			return false
		}
		strong = strong || serverModules[m] || strings.HasPrefix(r.Str(), "node:")
		server = server || serverModules[m] || strings.HasPrefix(r.Str(), "node:") || strings.HasPrefix(m, "@aws-sdk/") || strings.HasPrefix(m, "@opentelemetry/sdk") ||
			strings.Contains(m, "/server") || strings.HasSuffix(m, ".server")
	}
	dirs := strings.Split(strings.ToLower(path.Dir(f.Path)), "/")
	for _, d := range dirs {
		if browserFolders[d] && !server {
			return false
		}
		server = server || serverFolders[d]
	}
	if !strong && imports.browserOnly(f.Path) {
		return false
	}
	if server {
		return true
	}
	for d := path.Dir(f.Path); ; d = path.Dir(d) {
		if k, ok := packages[d]; ok {
			return k.server && !k.browser
		}
		if d == "." {
			return false
		}
	}
}
