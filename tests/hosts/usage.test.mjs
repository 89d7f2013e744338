// What the programs say to whoever types something else than they expect.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { programs } from './hosts.mjs'

const here = names => names.filter(name => fs.existsSync(path.join(programs, name)))
const run = (program, ...words) =>
  spawnSync(path.join(programs, program), words, { encoding: 'utf8', timeout: 20000 })

const taken = net.createServer()
before(() => new Promise(resolve => taken.listen(0, '127.0.0.1', resolve)))
after(() => taken.close())

for (const program of here(['microhttpd', 'civetweb', 'evhttp', 'fastcgi'])) {
  test(`${program}: --help is no error, and an unknown option is one`, () => {
    const help = run(program, '--help')
    assert.equal(help.status, 0)
    assert.match(help.stdout, /^Usage: /)
    assert.equal(help.stderr, '')
    const unknown = run(program, '--nonsense')
    assert.equal(unknown.status, 2)
    assert.equal(unknown.stdout, '')
    assert.match(unknown.stderr, /nonsense[^]*Usage: /)
  })
}

for (const program of here(['microhttpd', 'civetweb', 'evhttp'])) {
  test(`${program}: a file is named as other programs name it, too`, t => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
    t.after(() => fs.rmSync(folder, { recursive: true }))
    for (const [before, file] of [['', 'a.db'], ['sqlite:', 'b.db']]) {
      const where = path.join(folder, file)
      const refused = run(program, '--store', before + where, '--issuer', 'http://example.com')
      assert.equal(refused.status, 1)
      assert.match(refused.stderr, /issuer: /)
      assert.ok(fs.existsSync(where), where)
    }
  })

  test(`${program}: a port that is taken is named`, () => {
    const where = `127.0.0.1:${taken.address().port}`
    const late = run(program, '--listen', where)
    assert.equal(late.status, 1)
    assert.ok(late.stderr.includes(where), late.stderr)
  })
}
