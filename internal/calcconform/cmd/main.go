// Command cmd computes the checks of LibreOffice's function documents, which lie in a folder given on the command line, and reports where
// engine/calc agrees. It fails where fewer than -least per cent of the checks come out right.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/napkin-infra/napkin/internal/calcconform"
)

func main() {
	folders := flag.String("folders", "mathematical,text,logical,date_time,information", "folders of documents, with commas between them")
	list := flag.String("argued", "internal/calcconform/disagreements.md", "the list of argued disagreements")
	least := flag.Float64("least", 0, "fail below this percentage")
	short := flag.Bool("short", false, "print only the total")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: cmd [flags] FOLDER   (which scripts/calc-documents fills)")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), strings.Split(*folders, ","), *list, *least, *short); err != nil {
		fmt.Fprintln(os.Stderr, "calcconform:", err)
		os.Exit(1)
	}
}

func run(root string, folders []string, list string, least float64, short bool) error {
	f, err := os.Open(list)
	if err != nil {
		return fmt.Errorf("read the argued disagreements: %w", err)
	}
	argued, err := calcconform.ReadArgued(f)
	f.Close()
	if err != nil {
		return err
	}
	checks, err := calcconform.Run(root, folders)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(os.Stdout)
	total := calcconform.Count(checks, argued)
	if short {
		fmt.Fprintf(w, "%d checks, %.2f %% right, %d argued, %d wrong, %d not translated\n", total.Checks(), total.Percent(), total.Argued, total.Wrong, total.Untranslated)
	} else {
		calcconform.Report(w, checks, argued)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if total.Percent() < least {
		return fmt.Errorf("%.2f %% of the checks are right, which is less than %.2f %%", total.Percent(), least)
	}
	return nil
}
