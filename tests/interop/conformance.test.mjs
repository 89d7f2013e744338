// The official MCP conformance suite's authorization server leg; Chromium opens the address that
// it prints.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { decide, openBrowser, openConsent, openWindow } from '../lib/browser.mjs'
import { register } from '../lib/oauth.mjs'
import { root, startServer } from '../lib/server.mjs'

const suite = path.join(root, 'tests/node_modules/@modelcontextprotocol/conformance/dist/index.js')

let browser
before(async () => { browser = await openBrowser() })
after(() => browser.close())

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return port
}

// Run the suite to its end: { code, output, checks }.
async function run(t, server, page, ...options) {
  const port = await freePort()
  const client = await register(server, { redirect_uris: [`http://127.0.0.1:${port}/callback`] })
  const results = fs.mkdtempSync(path.join(os.tmpdir(), 'istauth-'))
  t.after(() => fs.rmSync(results, { recursive: true, force: true }))
  const child = spawn(process.execPath, [suite, 'authorization', '--url', server.url,
    '--client-id', client.client_id, '-p', String(port), '-o', results, ...options])
  let output = '', opened = false
  const take = text => {
    output += text
    const line = /^(https?:\S+[?&]code_challenge=\S+)$/m.exec(output)
    if (!line || opened) return
    opened = true
    openConsent(page, line[1]).then(() => decide(page, { workspaces: ['ws_engine'] })).catch(() => child.kill())
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  const [code] = await once(child, 'close')
  const checks = fs.globSync('**/*.json', { cwd: results })
    .flatMap(file => JSON.parse(fs.readFileSync(path.join(results, file), 'utf8')))
    .filter(check => check.id && check.status)
  return { code, output, checks }
}

for (const [title, options] of [['', () => []], [' when it names the resource', server => ['--resource', server.mcp]]])
  test(`the MCP conformance suite finds nothing to object to${title}`, async t => {
    const server = await startServer()
    t.after(server.stop)
    const context = await openWindow(browser)
    t.after(() => context.close())
    const { code, output, checks } = await run(t, server, await context.newPage(), ...options(server))

    for (const check of checks) // a warning is an objection
      assert.equal(check.status, 'SUCCESS', `${check.id}: ${check.errorMessage}\n${output}`)
    for (const id of ['authorization-server-metadata', 'authorization-server-metadata-cimd', 'authorization-code-grant'])
      assert.ok(checks.some(check => check.id === id), `${id} was checked\n${output}`)
    assert.equal(code, 0, output)
  })
