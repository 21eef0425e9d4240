package calcbench

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
	"github.com/napkin-infra/napkin/foundation/unit"
)

func findOffice(*bench) error {
	if _, err := exec.LookPath("soffice"); err != nil {
		return errors.New("not on this machine: Debian's package libreoffice-calc-nogui, or LIBREOFFICE=yes scripts/setup-test calc as root")
	}
	return nil
}

// runOffice converts the workbook to one, which opens, computes and writes it, and takes off what the same takes for the workbook with its values, of which
// the program computes none. Where the difference is too little to tell, all of it is compared, less what an empty workbook takes: the start.
func runOffice(b *bench, t *task) (outcome, error) {
	if b.officeStart == 0 {
		empty, err := b.make("empty", xlsxtest.Options{Shape: xlsxtest.Chain, Rows: 1})
		if err != nil {
			return outcome{}, err
		}
		// The first run makes the profile, which does not count.
		if _, err := b.convert(empty, 1); err != nil {
			return outcome{}, err
		}
		said, err := b.convert(empty, 2)
		if err != nil {
			return outcome{}, err
		}
		b.officeStart = said.total
		if text, err := exec.CommandContext(b.ctx, "soffice", "--version").Output(); err == nil {
			b.officeVersion = strings.Join(strings.Fields(string(text))[1:2], "")
		}
	}
	o := outcome{version: b.officeVersion, phase: phaseRecalculate, value: math.NaN()}
	without, err := b.convert(t.path, 2)
	if err != nil {
		return o, err
	}
	if without.stopped {
		o.phase, o.cpu, o.atLeast, o.note = phaseWhole, without.total-b.officeStart, true, "less its start, stopped"
		return o, nil
	}
	out := filepath.Join(b.path("office"), filepath.Base(t.path))
	defer os.Remove(out)
	if o.value, err = b.valueOf(out, int32(t.lastRow-1), t.lastCol); err != nil {
		return o, err
	}
	valued, err := t.shape.valued(b, t.lastRow, t.data)
	if err != nil {
		return o, err
	}
	defer os.Remove(valued)
	with, err := b.convert(valued, 2)
	if err != nil {
		return o, err
	}
	o.cpu = without.total - with.total
	o.note = "less the same with values in the file"
	if o.cpu < leastOffice*without.total {
		o.phase, o.open = phaseWhole, true
		o.note = fmt.Sprintf("less its start; its recalculation is too little to tell: %s of %s", unit.Seconds(max(o.cpu, 0)), unit.Seconds(without.total))
		o.cpu = max(without.total-b.officeStart, 0)
	}
	return o, nil
}

// leastOffice is the share of a run from which a difference says something: two runs differ by some percent.
const leastOffice = 0.1

// convert runs the conversion several times and returns the run with the least CPU seconds.
func (b *bench) convert(path string, runs int) (told, error) {
	var least told
	for i := range runs {
		said, err := b.child("soffice", "-env:UserInstallation=file://"+b.path("office-profile"), "--headless", "--convert-to", "xlsx", "--outdir", b.path("office"), path)
		if err != nil {
			return said, err
		}
		if i == 0 || said.total < least.total {
			least = said
		}
		if said.stopped {
			break
		}
	}
	return least, nil
}
