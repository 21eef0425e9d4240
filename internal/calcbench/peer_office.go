package calcbench

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

func findOffice(*bench) error {
	if _, err := exec.LookPath("soffice"); err != nil {
		return errors.New("not on this machine: Debian's package libreoffice-calc-nogui, or LIBREOFFICE=yes scripts/setup-test calc as root")
	}
	return nil
}

// runOffice converts the workbook to one, which opens, computes and writes it. What the same takes for a workbook of one number is taken off: the
// start of the program.
func runOffice(b *bench, t *task) (outcome, error) {
	if b.officeStart == 0 {
		empty, err := b.make("empty", xlsxtest.Options{Shape: xlsxtest.Chain, Rows: 1})
		if err != nil {
			return outcome{}, err
		}
		// The first run makes the profile, which does not count.
		for range 3 {
			said, err := b.convert(empty)
			if err != nil {
				return outcome{}, err
			}
			b.officeStart = said.total
		}
		if text, err := exec.CommandContext(b.ctx, "soffice", "--version").Output(); err == nil {
			b.officeVersion = strings.Join(strings.Fields(string(text))[1:2], "")
		}
	}
	said, err := b.convert(t.path)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{version: b.officeVersion, phase: phaseWhole, cpu: max(said.total-b.officeStart, 0), atLeast: said.stopped, value: math.NaN(), note: "less its start"}
	if o.atLeast {
		o.note += ", stopped"
		return o, nil
	}
	out := filepath.Join(b.path("office"), filepath.Base(t.path))
	defer os.Remove(out)
	o.value, err = b.valueOf(out, int32(t.lastRow-1), t.lastCol)
	return o, err
}

func (b *bench) convert(path string) (told, error) {
	return b.child("soffice", "-env:UserInstallation=file://"+b.path("office-profile"), "--headless", "--convert-to", "xlsx", "--outdir", b.path("office"), path)
}
