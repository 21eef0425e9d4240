// Package browsertest opens napkin's HTML documents in a real Chromium and checks what only a browser
// can tell: that the console stays silent, that nothing scrolls sideways, that axe-core finds no
// accessibility violation, in light and dark and from a small telephone to a wide screen.
//
// It is for tests. It needs Debian's Chromium and axe-core, which `npm ci` installs in this folder;
// where one is missing the test that asks for it is skipped and says so. It uses no network.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	cdplog "github.com/chromedp/cdproto/log"
)

// View is one way to look at a document.
type View struct {
	Width int // CSS pixels
	Dark  bool
}

func (v View) String() string {
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%d-%s", v.Width, scheme)
}

// Views are the views that every document must pass.
func Views() []View {
	var out []View
	for _, width := range []int{320, 768, 1280, 2560} {
		out = append(out, View{width, false}, View{width, true})
	}
	return out
}

// Result is what the browser found in one view.
type Result struct {
	Console    []string // errors, warnings and exceptions
	Violations []string // axe-core's, with the elements
	Overflow   []string // elements that reach beyond the right edge of a page that scrolls sideways
	Screenshot []byte   // the whole page as PNG
}

// Browser is one running Chromium with a profile of its own.
type Browser struct {
	ctx context.Context
	axe string
}

// startTimeout bounds the start of Chromium: on a busy two-core machine it takes up to half a minute.
const startTimeout = 90 * time.Second

// Open starts a browser which ends with the test. The test is skipped when Chromium or axe-core is
// missing, unless CI is set: there the set-up script must have installed both.
func Open(t testing.TB) *Browser {
	t.Helper()
	missing := func(format string, args ...any) {
		t.Helper()
		if os.Getenv("CI") != "" {
			t.Fatalf(format, args...)
		}
		t.Skipf("skipped: "+format, args...)
	}
	path := chromium()
	if path == "" {
		missing("no Chromium found; install it with apt-get install chromium")
	}
	axePath := filepath.Join(folder(), "node_modules", "axe-core", "axe.min.js")
	axe, err := os.ReadFile(axePath)
	if err != nil {
		missing("axe-core is not installed; run npm ci in internal/browsertest")
	}
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options,
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(startTimeout),
		chromedp.NoSandbox, // Chromium's sandbox refuses to run as root; the pages are our own
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for Chromium to end, so that its profile can be removed
		stop()
		stopAllocator()
	})
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(ctx, chromedp.Navigate("about:blank")) }()
	select {
	case err := <-started:
		if err != nil {
			t.Fatalf("Chromium at %s does not start: %v", path, err)
		}
	case <-time.After(startTimeout):
		t.Fatalf("Chromium at %s did not start within %s", path, startTimeout)
	}
	return &Browser{ctx: ctx, axe: string(axe)}
}

func chromium() string {
	if path := os.Getenv("NAPKIN_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// folder is this package's folder, where npm installs axe-core.
func folder() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "."
	}
	return filepath.Dir(file)
}

// Look opens the HTML file in a fresh tab and reports what it finds.
func (b *Browser) Look(file string, v View) (Result, error) {
	return b.look(file, v, true)
}

// Measure is [Browser.Look] without the accessibility audit, which takes most of its time.
func (b *Browser) Measure(file string, v View) (Result, error) {
	return b.look(file, v, false)
}

func (b *Browser) look(file string, v View, audit bool) (Result, error) {
	var out Result
	absolute, err := filepath.Abs(file)
	if err != nil {
		return out, fmt.Errorf("browsertest: %w", err)
	}
	tab, stop := chromedp.NewContext(b.ctx)
	defer stop()
	ctx, cancel := context.WithTimeout(tab, 2*time.Minute)
	defer cancel()

	var mu sync.Mutex
	if err := chromedp.Listen(ctx, func(event any) {
		if s := complaint(event); s != "" {
			mu.Lock()
			out.Console = append(out.Console, s)
			mu.Unlock()
		}
	}); err != nil {
		return out, fmt.Errorf("browsertest: opening a tab: %w", err)
	}
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		return out, fmt.Errorf("browsertest: setting the colour scheme: %w", err)
	}
	address := url.URL{Scheme: "file", Path: absolute}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(v.Width), 900), chromedp.Navigate(address.String())); err != nil {
		return out, fmt.Errorf("browsertest: opening %s: %w", file, err)
	}
	if out.Overflow, err = chromedp.Run(ctx, chromedp.Evaluate[[]string](overflowScript)); err != nil {
		return out, fmt.Errorf("browsertest: measuring the page: %w", err)
	}
	if out.Screenshot, err = chromedp.Run(ctx, chromedp.FullScreenshot(100)); err != nil {
		return out, fmt.Errorf("browsertest: taking the screenshot: %w", err)
	}
	if audit {
		if out.Violations, err = b.audit(ctx); err != nil {
			return out, err
		}
	}
	mu.Lock()
	defer mu.Unlock()
	return out, nil
}

// audit runs axe-core with every folded part open, so that what it hides is checked too.
func (b *Browser) audit(ctx context.Context) ([]string, error) {
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](b.axe)); err != nil {
		return nil, fmt.Errorf("browsertest: loading axe-core: %w", err)
	}
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](axeScript, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, fmt.Errorf("browsertest: running axe-core: %w", err)
	}
	var found struct {
		Passes     int      `json:"passes"`
		Violations []string `json:"violations"`
	}
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		return nil, fmt.Errorf("browsertest: reading axe-core's answer: %w", err)
	}
	if found.Passes == 0 {
		return nil, fmt.Errorf("browsertest: axe-core checked nothing")
	}
	return found.Violations, nil
}

const axeScript = `(async () => {
	document.querySelectorAll("details").forEach(d => d.open = true);
	const r = await axe.run(document, {resultTypes: ["violations"]});
	return JSON.stringify({passes: r.passes.length, violations: r.violations.map(v =>
		v.id + ": " + v.help + ": " + v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + " (" + (n.failureSummary || "").slice(0, 240) + ")").join("; "))});
})()`

// overflowScript names the elements that make the page scroll sideways. What scrolls in a box of its
// own is left out.
const overflowScript = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= width) return [];
	const out = ["the page is " + document.documentElement.scrollWidth + " wide in a window of " + width];
	for (const e of document.body.querySelectorAll("*")) {
		const box = e.getBoundingClientRect();
		if (box.width > 0 && box.right > width + 1) out.push(e.tagName + "." + (e.className.baseVal ?? e.className) + " reaches " + Math.round(box.right) + ": " + e.textContent.slice(0, 60));
		if (out.length > 8) break;
	}
	return out;
})()`

// complaint is what an event says against the page, empty for events that say nothing.
func complaint(event any) string {
	switch e := event.(type) {
	case *cdpruntime.EventExceptionThrown:
		if e.ExceptionDetails == nil {
			return "exception"
		}
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		return "exception: " + text
	case *cdpruntime.EventConsoleAPICalled:
		if e.Type != "error" && e.Type != "warning" {
			return ""
		}
		var parts []string
		for _, a := range e.Args {
			parts = append(parts, string(a.Value)+a.Description)
		}
		return string(e.Type) + ": " + strings.Join(parts, " ")
	case *cdplog.EventEntryAdded:
		if e.Entry != nil && (e.Entry.Level == "error" || e.Entry.Level == "warning") {
			return string(e.Entry.Level) + ": " + e.Entry.Text + " " + e.Entry.URL
		}
	}
	return ""
}

// Check looks at the HTML file in the given views, or in all [Views] when none is given, and fails the
// test for each thing that is wrong. The screenshots are kept under their name in the folder NAPKIN_ARTIFACTS, or in one that ends with the test.
func (b *Browser) Check(t *testing.T, file, name string, views ...View) {
	t.Helper()
	if len(views) == 0 {
		views = Views()
	}
	artifacts := os.Getenv("NAPKIN_ARTIFACTS")
	if artifacts == "" {
		artifacts = t.TempDir()
	} else if err := os.MkdirAll(artifacts, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, v := range views {
		t.Run(v.String(), func(t *testing.T) {
			found, err := b.Look(file, v)
			if err != nil {
				t.Fatal(err)
			}
			shot := filepath.Join(artifacts, name+"-"+v.String()+".png")
			if err := os.WriteFile(shot, found.Screenshot, 0o644); err != nil {
				t.Error(err)
			}
			for _, s := range found.Console {
				t.Errorf("console: %s", s)
			}
			for _, s := range found.Overflow {
				t.Errorf("scrolls sideways: %s", s)
			}
			for _, s := range found.Violations {
				t.Errorf("accessibility: %s", s)
			}
		})
	}
}

// PDF prints the HTML file as the browser would on A4 paper.
func (b *Browser) PDF(file string) ([]byte, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("browsertest: %w", err)
	}
	tab, stop := chromedp.NewContext(b.ctx)
	defer stop()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	address := url.URL{Scheme: "file", Path: absolute}
	if err := chromedp.Do(ctx, chromedp.Navigate(address.String())); err != nil {
		return nil, fmt.Errorf("browsertest: opening %s: %w", file, err)
	}
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		return nil, fmt.Errorf("browsertest: printing %s: %w", file, err)
	}
	return pdf, nil
}
