// The server's threads, raced over HTTP.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { authorize, openBrowser, openWindow } from '../lib/browser.mjs'
import { authorization, listen, redeem, refresh, register, rpc } from '../lib/oauth.mjs'
import { startServer } from '../lib/server.mjs'

let browser, server, client, page
before(async () => {
  browser = await openBrowser()
  server = await startServer()
  client = await listen()
  page = await (await openWindow(browser)).newPage()
})
after(async () => {
  await browser.close()
  await client.close()
  await server.stop()
})

async function code() {
  const asked = authorization(server, await register(server, { redirect_uris: [client.url] }))
  const answer = await authorize(page, asked, client)
  return { asked, code: answer.get('code') }
}

const times = (count, step) => Promise.all(Array.from({ length: count }, step))
const good = answers => answers.filter(({ status }) => status === 200)
const status = async token => (await rpc(server, token, 'tools/list')).status

test('CD-03 of 16 redemptions of one code at once at most one succeeds, and a replay kills its tokens', async () => {
  for (let round = 0; round < 4; round++) {
    const { asked, code: text } = await code()
    const answers = await times(16, () => redeem(server, asked, text))
    assert.equal(good(answers).length, 1)
    for (const { status, body } of answers)
      if (status !== 200) assert.deepEqual([status, body.error], [400, 'invalid_grant'])
    const [{ body }] = good(answers)
    assert.equal(await status(body.access_token), 401)
    assert.equal((await refresh(server, asked.client, body.refresh_token)).status, 400)
  }
})

test('RF-03 of 16 refreshes with one token at once at most one succeeds, and nothing of the family is left', async () => {
  for (let round = 0; round < 4; round++) {
    const { asked, code: text } = await code()
    const { body: first } = await redeem(server, asked, text)
    const answers = await times(16, () => refresh(server, asked.client, first.refresh_token))
    assert.ok(good(answers).length <= 1)
    for (const { status, body } of answers)
      if (status !== 200) assert.deepEqual([status, body.error], [400, 'invalid_grant'])
    for (const tokens of [first, ...good(answers).map(({ body }) => body)]) {
      assert.equal(await status(tokens.access_token), 401)
      assert.equal((await refresh(server, asked.client, tokens.refresh_token)).status, 400)
    }
  }
})

test('RF-02 a refresh token that comes back after its successor was used ends the family', async () => {
  const { asked, code: text } = await code()
  const { body: first } = await redeem(server, asked, text)
  const { body: second } = await refresh(server, asked.client, first.refresh_token)
  const { body: third } = await refresh(server, asked.client, second.refresh_token)
  assert.equal(await status(third.access_token), 200)
  assert.equal((await refresh(server, asked.client, first.refresh_token)).body.error, 'invalid_grant')
  assert.equal(await status(third.access_token), 401)
  assert.equal((await refresh(server, asked.client, third.refresh_token)).body.error, 'invalid_grant')
})

test('two hundred requests at once are all answered', async () => {
  const { asked, code: text } = await code()
  const { body } = await redeem(server, asked, text)
  const answers = await times(200, () => rpc(server, body.access_token, 'tools/list'))
  assert.equal(good(answers).length, 200)
})

// A request line as no client library would write it; the status that it is answered with.
async function statusOf(line) {
  const { hostname, port } = new URL(server.url)
  const socket = net.connect(port, hostname)
  await once(socket, 'connect')
  socket.write(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  return Number(/^HTTP\/1\.1 (\d+) /.exec(await textOf(socket))?.[1])
}

test('a request target is read to its end and no further, whatever it lacks', async () => {
  const targets = ['http://', 'https://', 'http:/', 'http://x', 'http://x?login', '?', '*']
  for (const target of targets) assert.equal(await statusOf(`GET ${target}`), 404, target)
  for (const target of ['http://x/login', 'http:///login', 'https://x/login?', '/login?'])
    assert.equal(await statusOf(`GET ${target}`), 200, target)
  for (const [, path] of server.log().matchAll(/ request GET (\S*) 404 /g))
    assert.ok(['', '*', 'http:/'].includes(path), 'something else was read')
})
