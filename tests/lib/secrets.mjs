// What must never be logged: every secret that a test meets is remembered here, and written down
// at the end of the process for the check of the logs.
import fs from 'node:fs'
import path from 'node:path'
import { logs } from './server.mjs'

export const seen = new Set()

// Short values would be found by accident.
export function remember(...values) {
  for (const value of values) if (typeof value === 'string' && value.length >= 8) seen.add(value)
  return values[0]
}

// Every credential of a token response, an authorization code's redirect and a form.
export function rememberAll(fields) {
  const names = ['access_token', 'refresh_token', 'client_secret', 'code', 'code_verifier', 'password', 'ticket', 'id_token',
    'client_assertion', 'registration_access_token']
  for (const name of names) remember(fields instanceof URLSearchParams ? fields.get(name) : fields[name])
  return fields
}

process.on('exit', () => {
  if (!seen.size) return
  fs.mkdirSync(logs, { recursive: true })
  fs.writeFileSync(path.join(logs, `secrets-${process.pid}.json`), JSON.stringify([...seen]))
})
