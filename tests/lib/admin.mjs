// Run token_admin as a script would. Whatever it prints is held against every secret that the tests have
// met: but for the token that it makes, it shows none.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { root } from './server.mjs'
import { seen } from './secrets.mjs'

const program = path.join(path.resolve(root, path.dirname(process.env.ISTEAM ?? 'build/isteam')), 'token_admin')

export class Admin {
  constructor(place, env = {}) { Object.assign(this, { place, env: { LC_ALL: 'C.UTF-8', ...env } }) }

  #arguments(words) { return [...this.place === undefined ? [] : ['--store', this.place], ...words.map(String)] }

  #ended(words, status, signal, out, err) {
    assert.equal(signal, null, `it died of ${signal}: ${err}`)
    for (const secret of seen) if (secret.length >= 20) assert.ok(!(out + err).includes(secret), `it shows a secret: ${words}`)
    return { status, out, err }
  }

  // { status, out, err }
  run(...words) {
    const { status, stdout, stderr, error, signal } = spawnSync(program, this.#arguments(words), { env: this.env, encoding: 'utf8', maxBuffer: 1 << 28 })
    assert.ifError(error)
    return this.#ended(words, status, signal, stdout, stderr)
  }

  // The same while something else goes on.
  async later(...words) {
    const child = spawn(program, this.#arguments(words), { env: this.env })
    let out = '', err = ''
    child.stdout.setEncoding('utf8').on('data', text => { out += text })
    child.stderr.setEncoding('utf8').on('data', text => { err += text })
    const [status, signal] = await once(child, 'close')
    return this.#ended(words, status, signal, out, err)
  }

  // With a standard output that takes nothing: the status.
  unheard(...words) {
    return spawnSync('sh', ['-c', 'exec "$@" >/dev/full', 'sh', program, '--store', this.place, ...words], { env: this.env }).status
  }

  // What went well, as text.
  good(...words) {
    const { status, out, err } = this.run(...words)
    assert.equal(status, 0, `${words}: ${err}`)
    return out
  }

  // One JSON document, of ASCII.
  json(...words) {
    const out = this.good('--json', ...words)
    assert.match(out, /^[\x20-\x7e\n]*$/)
    return JSON.parse(out)
  }

  // It must end with `status`, say why in one line that `sentence` matches, and show nothing else.
  bad(status, sentence, ...words) { this.#isBad(this.run(...words), status, sentence, words) }
  async badLater(status, sentence, ...words) { this.#isBad(await this.later(...words), status, sentence, words) }

  #isBad({ status: got, out, err }, status, sentence, words) {
    assert.equal(got, status, `${words}: ${out}${err}`)
    assert.equal(out, '')
    assert.match(err, sentence)
    assert.match(err, /^[\x20-\x7e\n]+$/)
  }
}
