package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A PDF is the HTML report printed by the Chromium of the system. napkin brings no browser of its own.

// browsers are the names under which a Chromium may be installed, the commonest first.
var browsers = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
}

// printTimeout bounds the print: a cold browser on a busy machine takes up to half a minute.
const printTimeout = 2 * time.Minute

// chromium finds the browser that prints to output, so that a missing one is told before the audit and
// not after it.
func (f *face) chromium(output string) (string, error) {
	if path := f.getenv("NAPKIN_CHROMIUM"); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("--output %s: NAPKIN_CHROMIUM is %s: %w", output, path, err)
		}
		return found, nil
	}
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	html := strings.TrimSuffix(output, filepath.Ext(output)) + ".html"
	return "", fmt.Errorf("--output %s: a PDF is printed by Chromium, and none is installed (looked for %s); install it, name it in NAPKIN_CHROMIUM, or write %s and print that from a browser",
		output, strings.Join(browsers[:4], ", "), html)
}

// printPDF prints the page with the browser and puts the PDF at output, replacing it whole.
func printPDF(ctx context.Context, browser string, page []byte, output string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("print %s: %w; write the HTML with -o and print it from a browser", output, err)
		}
	}()
	dir, err := os.MkdirTemp("", "napkin-print-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source, target := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.pdf")
	if err := os.WriteFile(source, page, 0o600); err != nil {
		return err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(source)}
	args := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
		"--no-pdf-header-footer",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--print-to-pdf=" + target, address.String(),
	}
	if os.Geteuid() == 0 {
		// Chromium's sandbox does not start as root. The page is ours: it holds no script, and its own
		// policy forbids all loading.
		args = append([]string{"--no-sandbox"}, args...)
	}
	ctx, cancel := context.WithTimeout(ctx, printTimeout)
	defer cancel()
	said, err := exec.CommandContext(ctx, browser, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(browser), err, lastLine(said))
	}
	pdf, err := os.ReadFile(target)
	if err != nil {
		return fmt.Errorf("%s wrote no PDF: %s", filepath.Base(browser), lastLine(said))
	}
	return os.WriteFile(output, pdf, 0o644)
}

// lastLine is the last line of what a command said.
func lastLine(said []byte) string {
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
