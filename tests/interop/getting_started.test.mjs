// The client of docs/getting-started.md, as it stands there, against the server of the same page.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { freePort, root } from '../lib/server.mjs'

const page = fs.readFileSync(path.join(root, 'docs/getting-started.md'), 'utf8')
const program = path.join(path.dirname(path.resolve(root, process.env.ISTEAM ?? 'build/isteam')), 'hello')

// A process, what it says, and the first match of a pattern in that.
function run(t, file, options, spawning = {}) {
  const child = spawn(file, options, { stdio: ['pipe', 'pipe', 'pipe'], ...spawning })
  const ended = once(child, 'close')
  let said = ''
  t.after(async () => { child.kill(); await ended })
  const says = pattern => new Promise((resolve, reject) => {
    const look = () => pattern.exec(said) && resolve(pattern.exec(said))
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => { said += text; look() })
    child.once('close', code => reject(new Error(`ended with ${code}:\n${said}`)))
  })
  return { child, ended, says, said: () => said }
}

// What the person sends when she leaves everything as it is and clicks Allow.
function allow(html) {
  const form = new URLSearchParams({ decision: 'allow' })
  for (const [input] of html.matchAll(/<input [^>]*>/g)) {
    const [, name] = /name="([^"]*)"/.exec(input), [, value] = /value="([^"]*)"/.exec(input)
    if (/type="hidden"| checked/.test(input)) form.append(name, value.replaceAll('&amp;', '&'))
  }
  return form
}

test('the client of the page signs in to the server of the page and calls its tool', async t => {
  const [, script] = /```js\n(.*?)```/s.exec(page)
  const server = run(t, program, [String(await freePort())])
  const [, mcp] = await server.says(/the MCP server is (\S+)/)
  const client = run(t, process.execPath, ['--input-type=module', '-', mcp], { cwd: path.join(root, 'tests') })
  const opened = client.says(/^Open (\S+)$/m)
  client.child.stdin.end(script.replaceAll('8090', String(await freePort())))
  const shown = await fetch((await opened)[1])
  assert.equal(shown.status, 200)
  const html = await shown.text(), [, action] = /<form method="post" action="([^"]*)"/.exec(html)
  const answer = await fetch(new URL(action, mcp), { method: 'POST', body: allow(html) })
  assert.equal(await answer.text(), 'You can close this window.')
  const [code] = await client.ended
  assert.equal(code, 0, client.said())
  assert.match(client.said(), /\[ 'whoami' \]\nYou are ada\.\n/)
})

test('every command of the page that needs no network names something that is there', () => {
  for (const [, name] of page.matchAll(/cp (examples\/\S+)/g)) assert.ok(fs.existsSync(path.join(root, name)), name)
  const makefile = ['Makefile', 'examples/examples.mk', 'pkgconfig/packages.mk'].map(name => fs.readFileSync(path.join(root, name), 'utf8')).join('\n')
  for (const [, target] of page.matchAll(/`make ([a-z-]+)`/g)) assert.match(makefile, new RegExp(`^${target}:`, 'm'), target)
})
