// INV-2: after everything else has run, no secret that the tests have met is in anything that any
// server of theirs has logged.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { logs } from './lib/server.mjs'

const read = pattern => fs.globSync(pattern, { cwd: logs }).map(file => [file, fs.readFileSync(path.join(logs, file), 'utf8')])
const lines = read('server-*.log').flatMap(([file, text]) => text.split('\n').map(line => ({ file, line })))
const known = read('secrets-*.json').flatMap(([, text]) => JSON.parse(text))
const words = known.flatMap(secret => [secret, encodeURIComponent(secret)])

test('INV-2 the servers have logged requests and events, and the tests have met secrets', () => {
  assert.ok(lines.some(({ line }) => /request POST \/api\/oauth\/token 200/.test(line)))
  assert.ok(lines.some(({ line }) => / event /.test(line)))
  for (const prefix of ['ist_at_', 'ist_rt_', 'ist_pt_', 'ist_ac_', 'ist_cs_'])
    assert.ok(known.some(secret => secret.startsWith(prefix)), prefix)
  assert.ok(known.length > 200)
})

test('INV-2 no token, code, verifier, password, ticket or cookie stands in a log', () => {
  const found = new Set()
  const everySecret = new Set(words)
  for (const { file, line } of lines) {
    if (/ist_(at|rt|pt|ac|cs|rg)_|code_verifier|password=|client_assertion=|Bearer |cookie/i.test(line)) found.add(`${file}: ${line}`)
    // Whole words, as an address in a log line may contain a short password by accident.
    for (const word of line.split(/[\s="',;&?]+/)) if (everySecret.has(word)) found.add(`${file}: ${line}`)
    for (const secret of everySecret) if (secret.length >= 20 && line.includes(secret)) found.add(`${file}: ${line}`)
  }
  assert.deepEqual([...found], [])
})
