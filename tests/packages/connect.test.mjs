// The official SDKs, given nothing but the address of a program that was built in a clean root.
// usage: node --test connect.test.mjs, with ROOT and PROGRAM in the environment
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import readline from 'node:readline'
import { test } from 'node:test'
import { Person } from '../hosts/person.mjs'
import { Host, generations } from '../lib/host.mjs'
import { freePort } from '../lib/server.mjs'

const { ROOT, PROGRAM } = process.env

// Says on its first line where it is.
async function start(t) {
  const port = await freePort()
  const child = spawn('chroot', ['--userspec=65534:65534', ROOT, PROGRAM, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = await Promise.race([once(readline.createInterface(child.stdout), 'line'), ended])
  const url = `http://127.0.0.1:${port}`
  t.after(async () => {
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null], 'it ends cleanly')
  })
  assert.match(String(line), new RegExp(`${url}/mcp`))
  return { url, mcp: `${url}/mcp` }
}

for (const generation of Object.keys(generations))
  test(`SDK ${generation}: from a 401 to a tool's answer`, async t => {
    const server = await start(t)
    const host = new Host(generation, server, { url: 'http://127.0.0.1:1/callback' })
    t.after(() => host.close())
    await assert.rejects(host.reopen(), host.Unauthorized)
    assert.equal(host.exchanges[0].status, 401)
    await host.finish(await new Person(server).decide(String(host.provider.authorizationUrl)))
    await host.reopen()
    assert.deepEqual((await host.client.listTools()).tools.map(({ name }) => name), ['whoami'])
    assert.match((await host.call('whoami')).content[0].text, /^You are /)
  })
