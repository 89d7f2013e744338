// The client matrix: what a run has seen of each client is kept under build/clients, one file a client;
// tests/clients/matrix.mjs makes docs/client-matrix.md of it, and tests/matrix.test.mjs holds the page
// against what `make check` has seen.
import fs from 'node:fs'
import path from 'node:path'
import { root } from './server.mjs'

export const kept = path.join(root, 'build/clients')
export const columns = ['connect', 'refresh', 'step_up', 'revoke']

// The version of a package that is installed for tests (or for tests/clients).
export function versionOf(name, folder = 'tests') {
  return JSON.parse(fs.readFileSync(path.join(root, folder, 'node_modules', name, 'package.json'), 'utf8')).version
}

// A row: { id, name, version, how, registration }. A column that is never seen is shown as failed.
export class Row {
  constructor(fields) {
    this.fields = { quick: false, day: new Date().toISOString().slice(0, 10), ...fields }
    for (const column of columns) this.fields[column] ??= 'failed'
    this.#keep()
  }

  // What was seen, in words for the page.
  saw(column, text) {
    this.fields[column] = text
    this.#keep()
  }

  #keep() {
    fs.mkdirSync(kept, { recursive: true })
    fs.writeFileSync(path.join(kept, `${this.fields.id}.json`), JSON.stringify(this.fields, null, 2))
  }
}

export const readRows = () => fs.globSync('*.json', { cwd: kept }).map(file => JSON.parse(fs.readFileSync(path.join(kept, file), 'utf8')))

export const pageFile = path.join(root, 'docs/client-matrix.md')

const cells = row => [row.name, row.version, row.registration, ...columns.map(column => row[column])].filter((cell, i) => i !== 1 || row.how === 'real')
const line = row => `| ${cells(row).join(' | ')} | ${row.day} |`

// Whether the page has this row, whatever the day.
export const isShown = (row, shown) => shown.includes(`\n| ${cells(row).join(' | ')} | 2`)

const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n')
const byName = (a, b) => a.name.localeCompare(b.name)

// Clients that exist and of which nothing is known here but what is modelled, or not even that.
const untested = [
  ['Claude, ChatGPT, Grok (hosted)', 'they reach a server on the internet alone'],
  ['Cursor, Windsurf, Visual Studio Code, Zed, JetBrains IDEs, LM Studio, Claude Desktop', 'desktop programs: no package in a registry that a test may install'],
  ['Goose', 'not in npm or PyPI'],
  ['MCP Inspector 1 (deprecated), speaking to the server from its page', 'by hand, 1.0.3: connects and calls a tool, every request preflighted; its refresh is a form that calls itself JSON, which is refused'],
  ['n8n, Le Chat, Perplexity, Dust, Devin', 'hosted, or a server of their own'],
]

export function page(all) {
  const real = all.filter(row => row.how === 'real').sort(byName), modelled = all.filter(row => row.how === 'modelled').sort(byName)
  const heads = ['registration', 'connect', 'refresh', 'step-up', 'when it is disconnected', 'run on']
  return `# The client matrix

What \`make interop\` saw, written by the run: do not edit. What the clients' habits are, and what is there for them, is in [clients.md](clients.md).

\`make check\` runs what needs no further packages (the SDKs, the libraries, curl, everything that is modelled) and fails when this page says something else.

- **connect**: from the URL alone to a tool call. Discovery, registration, sign-in and consent in Chromium, code, token.
- **refresh**: its access token expires, and the next call succeeds without the person.
- **step-up**: she allowed \`mcp:read\` alone, and it wants to write, which takes \`mcp\`.
- **when it is disconnected**: she presses the trash icon. In every row the next call is answered 401 and its refresh token is dead; the column says what the client makes of it.

"failed" is what the run tried and did not see.

## Run

The program or library itself, unmodified, in a home folder of its own, with a browser that hands its address to a person in Chromium. The coding agents speak to a
scripted model and call one tool a process. Their metadata documents are out of a test's reach, so the server ran with \`--no-documents\` and they registered;
with documents allowed Claude Code and Codex bring theirs, and what that leads to is only modelled.

${table(['client', 'version', ...heads], real.map(line))}

## Modelled

Replayed over HTTP from \`tests/fixtures/clients\`, each modelled on the client's source, its documentation or reports (the file says which): never captured from it, and of no particular version. The server's half is
tested, not the client. Those with a metadata document are replayed with it as well, published on this machine. Near misses of every redirect URI (other port, host, path, case) are refused.

${table(['modelled on', ...heads], modelled.map(line))}

## Untested

${table(['client', 'why'], untested.map(row => `| ${row.join(' | ')} |`))}
`
}
