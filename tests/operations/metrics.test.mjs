// What /metrics says, held against the text format, and against what was done.
import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, describe, test } from 'node:test'
import { refresh, register, rpc, tool } from '../lib/oauth.mjs'
import { Person } from '../lib/person.mjs'
import { parseMetrics } from '../lib/prometheus.mjs'
import { startServer } from '../lib/server.mjs'

describe('metrics', () => {
  let server, url, person
  const scrape = async () => {
    const response = await fetch(`${url}/metrics`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    return { text, ...parseMetrics(text) }
  }
  // What moved between two scrapes, by series.
  const moved = (before, now) => Object.fromEntries([...now.samples].map(([series, value]) => [series, value - before.samples.get(series)]).filter(([, by]) => by))

  before(async () => {
    server = await startServer('--metrics', '127.0.0.1:0', '--limit-loopback')
    url = /metrics on (\S+)\/metrics$/m.exec(server.log())[1]
    person = new Person(server)
    await person.signIn()
  })
  after(() => server.stop())

  test('every series is there from the beginning, in the text format to the letter', async () => {
    const { samples, types, text } = await scrape()
    assert.deepEqual(types, new Map(Object.entries({
      isteam_build_info: 'gauge', process_start_time_seconds: 'gauge', isteam_requests_in_flight: 'gauge', isteam_requests_total: 'counter',
      isteam_request_duration_seconds: 'histogram', isteam_events_total: 'counter', isteam_purged_records_total: 'counter',
      isteam_purge_failures_total: 'counter',
    })))
    for (const event of ['registered', 'consented', 'denied', 'token_issued', 'refreshed', 'reuse_detected', 'revoked', 'disconnected', 'personal_created',
      'personal_revoked', 'verification_denied', 'subject_revoked', 'workspace_removed', 'refresh_repeated', 'client_denied', 'client_provisioned',
      'secret_rotated', 'client_removed', 'client_updated', 'document_fetched', 'unknown'])
      assert.equal(samples.get(`isteam_events_total{event="${event}"}`), 0, event)
    const started = samples.get('process_start_time_seconds')
    assert.ok(started <= Date.now() / 1000 && started > Date.now() / 1000 - 60)
    assert.match(text, /^isteam_build_info\{version="\d+\.\d+\.\d+"\} 1$/m)
  })

  test('counters move by what was done, and no others do', async () => {
    const before = await scrape()
    const client = await register(server)
    const pair = await person.connect(client)
    const next = await refresh(server, client, pair.refresh_token)
    assert.equal(next.status, 200)
    assert.equal((await tool(server, next.body.access_token, 'list_workspaces')).status, 200)
    assert.equal((await rpc(server, 'ist_at_nonsense', 'ping')).status, 401)
    assert.equal((await refresh(server, client, pair.refresh_token)).status, 400)
    const by = moved(before, await scrape())
    const counters = Object.fromEntries(Object.entries(by).filter(([series]) => series.includes('_total')))
    const route = (name, status) => `isteam_requests_total{route="${name}",class="${status}"}`
    const event = name => `isteam_events_total{event="${name}"}`
    assert.deepEqual(counters, {
      [route('register', '2xx')]: 1, [route('authorize', '2xx')]: 1, [route('token', '2xx')]: 2, [route('token', '4xx')]: 1,
      [route('mcp', '2xx')]: 1, [route('mcp', '4xx')]: 1, [route('page', '3xx')]: 1,
      [event('registered')]: 1, [event('consented')]: 1, [event('token_issued')]: 1, [event('refreshed')]: 1, [event('reuse_detected')]: 1,
      [event('verification_denied')]: 1,
    })
    assert.equal(by['isteam_request_duration_seconds_count{route="token"}'], 3)
    assert.equal(by['isteam_request_duration_seconds_bucket{route="token",le="+Inf"}'], 3)
    assert.ok(by['isteam_request_duration_seconds_sum{route="token"}'] > 0)
    assert.ok(by['isteam_request_duration_seconds_sum{route="token"}'] < 5)
    assert.equal(by['isteam_request_duration_seconds_count{route="register"}'], 1)
  })

  test('a request that takes long is in the bucket where it belongs', async () => {
    const before = await scrape()
    const began = performance.now()
    await new Person(server).signIn() // which hashes a password for tens of milliseconds
    const whole = (performance.now() - began) / 1000
    const by = moved(before, await scrape())
    const of = le => by[`isteam_request_duration_seconds_bucket{route="page",le="${le}"}`] ?? 0
    const sum = by['isteam_request_duration_seconds_sum{route="page"}']
    assert.equal(of('+Inf'), 2)
    assert.ok(sum > 0.005 && sum < whole, `${sum} of ${whole} seconds`)
    assert.ok(of('0.005') < 2, 'no password is hashed in five milliseconds')
    for (const [series] of before.samples) {
      const le = /^isteam_request_duration_seconds_bucket\{route="page",le="([\d.]+)"\}$/.exec(series)?.[1]
      if (le && Number(le) >= sum) assert.equal(of(le), 2, `both took ${sum} s together`)
    }
  })

  test('nobody from outside makes a series, or puts a word into one', async () => {
    const before = await scrape()
    const ask = (method, path) => new Promise((resolve, reject) =>
      http.request(`${server.url}${path}`, { method }, response => response.resume().on('end', resolve)).on('error', reject).end())
    for (let i = 0; i < 50; i++) await ask(['GET', 'PROPFIND', 'DELETE', 'POST'][i % 4], `/stranger-${i}/%22%7D%0Aevil_total%201?${i}`)
    await Promise.all(Array.from({ length: 20 }, (_, i) => register(server, { client_name: `stranger-${i}`, client_uri: `https://stranger-${i}.example/` })))
    const now = await scrape()
    assert.deepEqual([...now.samples.keys()], [...before.samples.keys()])
    assert.doesNotMatch(now.text, /stranger|evil|person_|ist_/)
    const by = moved(before, now)
    assert.equal(by['isteam_request_duration_seconds_count{route="other"}'], 50)
    assert.equal(by['isteam_events_total{event="registered"}'], 20)
  })

  test('what is being answered is counted while it is', async () => {
    assert.equal((await scrape()).samples.get('isteam_requests_in_flight'), 0)
  })

  test('strangers do not see it, and operators see nothing else', async () => {
    for (const path of ['/metrics', '/metrics/', '//metrics']) assert.equal((await fetch(`${server.url}${path}`)).status, 404, path)
    for (const path of ['/', '/mcp', '/settings', '/api/oauth/register', '/.well-known/oauth-authorization-server'])
      assert.equal((await fetch(`${url}${path}`)).status, 404, path)
    assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 404)
    assert.equal((await fetch(`${url}/health`)).status, 200)
  })
})
