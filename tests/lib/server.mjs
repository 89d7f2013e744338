// Start and stop the example server. Everything that it logs is kept for the last test of the
// run (logs.test.mjs), which looks for secrets in it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const program = path.resolve(root, process.env.ISTEAM ?? 'build/isteam')
export const logs = path.join(root, 'build/test-logs')

let started = 0

// A running server: its url, mcp (the MCP address), log() and stop().
export const startServer = (...options) =>
  start(program, 'isteam', ['--listen', '127.0.0.1:0', ...options.map(String)])

// The second one, which only verifies.
export const startNotes = (...options) =>
  start(path.join(path.dirname(program), 'notes'), 'notes', options.map(String))

// The third, which verifies on the same SQLite file; it has to know its address before it starts.
export function startVerifyOnly(issuer, file, port) {
  const resource = `http://127.0.0.1:${port}/mcp`
  return start(path.join(path.dirname(program), 'verify_only'), 'verify_only', [issuer, file, resource, String(port)])
}

// A port that is free now.
export async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return port
}

// Any program of ours that says "NAME: listening on URL" and ends cleanly on SIGTERM.
export async function start(file, name, options) {
  fs.mkdirSync(logs, { recursive: true })
  const child = spawn(file, options, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const sink = fs.openSync(path.join(logs, `server-${process.pid}-${++started}.log`), 'w')
  let log = ''
  const url = await new Promise((resolve, reject) => {
    const take = text => {
      log += text
      fs.writeSync(sink, text)
      const line = new RegExp(`^${name}: listening on (\\S+)$`, 'm').exec(log)
      if (line) resolve(line[1])
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the server ended with ${code}:\n${log}`)))
  })
  const base = url.replace(/\/$/, '')
  let stopped = false

  async function stop() {
    if (stopped) return
    stopped = true
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const [code, signal] = await ended
    fs.closeSync(sink)
    assert.equal(signal, null, `the server died of ${signal}:\n${log.slice(-2000)}`)
    assert.equal(code, 0, `the server must end cleanly on SIGTERM:\n${log.slice(-2000)}`)
  }

  // As a power cut would, but for what the kernel has been given.
  async function kill() {
    stopped = true
    child.kill('SIGKILL')
    await ended
    fs.closeSync(sink)
  }

  // Wait until it has said this.
  async function says(pattern) {
    while (!pattern.test(log)) await once(child.stderr, 'data')
    return pattern.exec(log)
  }

  return {
    url: base,
    mcp: `${base}/mcp`,
    log: () => log,
    says,
    // For tests that end it themselves: a signal, and [code, signal] once it has ended.
    signal: name => { stopped = true; child.kill(name) },
    ended,
    stop,
    kill,
  }
}
