// A desk for a client that is a program of its own: a home folder, and a "browser" on PATH that hands
// whatever address the program opens to a person in Chromium.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { decide, openConsent } from './browser.mjs'
import { rememberAll } from './secrets.mjs'

const openers = ['xdg-open', 'open', 'gnome-open', 'sensible-browser', 'x-www-browser', 'www-browser', 'google-chrome', 'chromium', 'firefox']

// A program and those that it has started: a detached one leads a group.
function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

export class Desk {
  // `choice` is how the person answers the next consent page; it may be changed any time.
  constructor(window, choice = { access: 'mcp', workspaces: ['ws_engine'] }) {
    Object.assign(this, { window, choice, opened: [], failures: [], children: new Set(), busy: Promise.resolve() })
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-desk-'))
    this.home = path.join(this.folder, 'home')
    this.bin = path.join(this.folder, 'bin')
    for (const folder of [this.home, this.bin]) fs.mkdirSync(folder)
  }

  async open() {
    this.doorbell = http.createServer(async (request, response) => {
      let body = ''
      for await (const piece of request) body += piece
      response.end()
      this.visit(new URLSearchParams(body).get('url'))
    }).listen(0, '127.0.0.1')
    await once(this.doorbell, 'listening')
    // An opener may be given options first: the address comes last.
    const script = `#!/bin/sh\nfor url; do :; done\nexec curl -s --data-urlencode "url=$url" http://127.0.0.1:${this.doorbell.address().port}/\n`
    for (const name of openers) fs.writeFileSync(path.join(this.bin, name), script, { mode: 0o755 })
    return this
  }

  // The environment of its programs. What is not on this machine is out of their reach.
  get env() {
    const nowhere = 'http://127.0.0.1:9'
    return {
      PATH: `${this.bin}:${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: this.home, TMPDIR: this.folder, LANG: 'C.UTF-8', DISPLAY: ':99', BROWSER: path.join(this.bin, 'xdg-open'), XDG_DATA_DIRS: this.bin, TERM: 'dumb', NO_COLOR: '1',
      HTTPS_PROXY: nowhere, https_proxy: nowhere, NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost',
    }
  }

  // A person answers one page after the other, and sees the client's own page at the end.
  visit(url) {
    this.opened.push(url)
    this.busy = this.busy.then(() => this.#answer(url)).catch(error => this.failures.push(error))
    return this.busy
  }

  async #answer(url) {
    const origin = new URL(url).origin
    const page = await this.window.newPage()
    await openConsent(page, url)
    const left = page.waitForRequest(request => request.isNavigationRequest() && new URL(request.url()).origin !== origin)
    await decide(page, this.choice)
    this.answer = rememberAll(new URL((await left).url()).searchParams)
    // A program may end as soon as it has the answer: what the tab then shows, and whether it ever does, is
    // nothing to wait for, not even in order to close it.
  }

  // Run a program to its end; its output and status. With `typed` it has a terminal: { question: what is typed }.
  async run(command, args, { env = {}, cwd = this.home, timeout = 100_000, typed } = {}) {
    const quoted = [command, ...args].map(word => `'${word}'`).join(' ')
    const child = typed === undefined ? this.start(command, args, { env, cwd }) : this.start('script', ['-qec', quoted, '/dev/null'], { env, cwd })
    let late = false
    const timer = setTimeout(() => { late = true; kill(child) }, timeout)
    if (typed === undefined) child.stdin.end()
    const open = new Map(Object.entries(typed ?? {}))
    let output = '', errors = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text
      for (const [question, reply] of open)
        if (output.includes(question) && open.delete(question)) child.stdin.write(reply)
    })
    child.stderr.setEncoding('utf8').on('data', text => { errors += text })
    const [status, signal] = await once(child, 'close')
    clearTimeout(timer)
    await this.busy
    assert.ok(!late, `${command} ${args.join(' ')} did not end:\n${output}\n${errors}`)
    return { status: status ?? signal, output, errors, text: `${output}\n${errors}` }
  }

  start(command, args, { env = {}, cwd = this.home } = {}) {
    const child = spawn(command, args, { cwd, env: { ...this.env, ...env }, detached: true })
    this.children.add(child)
    child.once('close', () => this.children.delete(child))
    return child
  }

  async close() {
    for (const child of [...this.children]) {
      const closed = once(child, 'close')
      kill(child)
      await closed
    }
    await this.busy
    this.doorbell.close()
    this.doorbell.closeAllConnections()
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
    assert.deepEqual(this.failures, [], 'the person got lost')
  }
}
