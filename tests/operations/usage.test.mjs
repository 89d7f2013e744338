// What hello and notes say to whoever types something else than they expect.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import net from 'node:net'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const build = fileURLToPath(new URL('../../build/', import.meta.url))
const run = (program, ...words) =>
  spawnSync(build + program, words, { encoding: 'utf8', timeout: 20000 })

const taken = net.createServer()
before(() => new Promise(resolve => taken.listen(0, '127.0.0.1', resolve)))
after(() => taken.close())

test('notes: --help is no error, and an unknown option is one', () => {
  const help = run('notes', '--help')
  assert.equal(help.status, 0)
  assert.match(help.stdout, /^Usage: notes/)
  const unknown = run('notes', '--nonsense')
  assert.equal(unknown.status, 2)
  assert.match(unknown.stderr, /nonsense[^]*Usage: notes/)
})

test('notes: a file that cannot be read is another matter than one without a credential', () => {
  const words = file => ['--issuer', 'http://127.0.0.1:8080', '--listen', '127.0.0.1:0', '--clients', file]
  assert.match(run('notes', ...words('/nonexistent')).stderr, /cannot read \/nonexistent/)
  assert.match(run('notes', ...words('/dev/null')).stderr, /no line .* in \/dev\/null/)
})

test('hello: says what is wrong with a port', () => {
  for (const words of [['--help'], ['0'], ['65536'], ['8080', '8081']]) {
    const wrong = run('hello', ...words)
    assert.equal(wrong.status, 2, words)
    assert.match(wrong.stderr, /^usage: hello/)
  }
  assert.match(run('hello', '80x').stderr, /80x is no port/)
  const port = taken.address().port
  assert.match(run('hello', `${port}`).stderr, new RegExp(`cannot listen on port ${port}`))
})
