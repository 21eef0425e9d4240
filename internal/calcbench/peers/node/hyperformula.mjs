// Computes a sheet with HyperFormula: node hyperformula.mjs SHEET.json prints a line of JSON for each part of the work, with its CPU seconds.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const hyperFormula = createRequire(import.meta.url)('hyperformula');
const { HyperFormula } = hyperFormula;
const { rows, edit, show } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify({ version: HyperFormula.version }));

function timed(phase, work, value) {
  const before = process.cpuUsage();
  const result = work();
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ phase, cpu: (used.user + used.system) / 1e6, value: value?.(result) }));
  return result;
}

const at = { sheet: 0, row: show[0], col: show[1] };
const engine = HyperFormula.buildEmpty({ licenseKey: 'gpl-v3', maxRows: 1048576 });
engine.addSheet('Sheet1');
timed('open', () => {
  engine.suspendEvaluation();
  engine.setSheetContent(0, rows);
});
timed('recalculate', () => engine.resumeEvaluation(), () => engine.getCellValue(at));
timed('edit', () => engine.setCellContents({ sheet: 0, row: edit[0], col: edit[1] }, [[edit[2]]]), () => engine.getCellValue(at));
