// Command cmd computes the checks of LibreOffice's function documents, which lie in a folder given on the command line, and reports where
// engine/calc agrees; or those of the tables of excelize or formulajs.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/napkin-infra/napkin/internal/calcconform"
)

func main() {
	folders := flag.String("folders", "mathematical,text,logical,date_time,information", "folders of documents, with commas between them")
	list := flag.String("argued", "internal/calcconform/disagreements.md,internal/calcconform/tables.md", "the lists of argued disagreements, with commas between them")
	least := flag.Float64("least", 0, "fail where fewer than this percentage of the translated checks are right")
	most := flag.Int("wrong", -1, "fail where more than this number of checks are wrong and not argued")
	excelize := flag.String("excelize", "", "compute the tables of this file, excelize's calc_test.go, in place of the documents")
	formulajs := flag.String("formulajs", "", "compute the cases of the files *.js in this folder, formulajs' tests, in place of the documents")
	workbooks := flag.String("workbooks", "", "calculate the workbooks (.xlsx, .xlsm) in this folder and those below, in place of the documents, and compare with what they hold")
	short := flag.Bool("short", false, "print only the total")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: cmd [flags] FOLDER   (which scripts/calc-documents fills), or with -excelize, -formulajs or -workbooks")
		flag.PrintDefaults()
	}
	flag.Parse()
	var read func() ([]calcconform.Check, error)
	switch {
	case *workbooks != "":
		if err := runWorkbooks(*workbooks); err != nil {
			fmt.Fprintln(os.Stderr, "calcconform:", err)
			os.Exit(1)
		}
		return
	case *excelize != "":
		read = func() ([]calcconform.Check, error) { return readExcelize(*excelize) }
	case *formulajs != "":
		read = func() ([]calcconform.Check, error) { return readFormulajs(*formulajs) }
	case flag.NArg() == 1:
		read = func() ([]calcconform.Check, error) {
			return calcconform.Run(flag.Arg(0), strings.Split(*folders, ","))
		}
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err := run(read, strings.Split(*list, ","), *least, *most, *short); err != nil {
		fmt.Fprintln(os.Stderr, "calcconform:", err)
		os.Exit(1)
	}
}

func runWorkbooks(folder string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	list, err := calcconform.RunWorkbooks(ctx, filepath.Clean(folder))
	calcconform.WriteWorkbooks(os.Stdout, list)
	return err
}

func readExcelize(path string) ([]calcconform.Check, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	cases, err := calcconform.ReadExcelize(src)
	return calcconform.CheckTables(cases), err
}

func readFormulajs(folder string) ([]calcconform.Check, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.js"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no tests (*.js) in %s", folder)
	}
	var cases []calcconform.TableCase
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		cases = append(cases, calcconform.ReadFormulajs(string(src))...)
	}
	return calcconform.CheckTables(cases), nil
}

func run(read func() ([]calcconform.Check, error), lists []string, least float64, most int, short bool) error {
	argued := calcconform.Argued{}
	for _, path := range lists {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("read the argued disagreements: %w", err)
		}
		list, err := calcconform.ReadArgued(f)
		f.Close()
		if err != nil {
			return err
		}
		maps.Copy(argued, list)
	}
	checks, err := read()
	if err != nil {
		return err
	}
	w := bufio.NewWriter(os.Stdout)
	total := calcconform.Count(checks, argued)
	if short {
		fmt.Fprintln(w, &total)
	} else {
		calcconform.Report(w, checks, argued)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if total.Translated() < least {
		return fmt.Errorf("%.2f %% of the translated checks are right, which is less than %.2f %%", total.Translated(), least)
	}
	if most >= 0 && total.Wrong > most {
		return fmt.Errorf("%d checks are wrong and not argued, which is more than %d", total.Wrong, most)
	}
	return nil
}
