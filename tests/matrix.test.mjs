// docs/client-matrix.md says what this run has seen, as far as it has looked.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { isShown, pageFile, readRows } from './lib/matrix.mjs'

const shown = fs.readFileSync(pageFile, 'utf8')
const rows = readRows().filter(row => row.quick)

test('the run has seen clients', () => assert.ok(rows.length > 20, `${rows.length} of them`))

for (const row of rows)
  test(`the page says of ${row.name} (${row.how}) what was seen`, () => {
    assert.ok(isShown(row, shown), `make interop writes the page; now it would say\n${JSON.stringify(row, null, 2)}`)
  })
